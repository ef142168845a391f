"""A request that is answered, made from the manifest alone."""

from serving.manifest import Input, Manifest, Scalar

Row = dict[str, Scalar | None]


def row(manifest: Manifest) -> Row:
    """Every input with a value that the schema allows; nothing is left to be looked up."""
    return {declared.name: _value(declared) for declared in manifest.inputs}


def _value(declared: Input) -> Scalar | None:
    if declared.kind == "text":
        known = [t for t in declared.known or () if t in (declared.values or [t])]
        texts: list[str | None] = [
            *known,
            *(declared.values or ()),
            None if declared.nullable else "x",
        ]
        return texts[0]
    if declared.kind == "bool":
        return True
    low = declared.low if declared.low is not None else min(0.0, declared.high or 0.0)
    high = declared.high if declared.high is not None else max(1.0, low)
    middle = low + (high - low) / 2
    short = float(f"{middle:.3g}")  # nobody wants to read 0.30000000000000004
    number = short if low <= short <= high else middle
    if declared.kind == "int64":
        return round(number)
    return int(number) if number.is_integer() and abs(number) < 1e6 else number
