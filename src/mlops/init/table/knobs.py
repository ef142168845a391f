"""params.yaml with other values: its lines, order and comments stay, so that updates can merge it.

ruamel.yaml says where a key stands; the line is then changed as text.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ruamel.yaml import YAML

LINE = re.compile(r"^(?P<key>\s*[\w]+:)(?P<value>[^#\n]*?)(?P<comment>\s+#.*)?$")


class Said(NamedTuple):
    """A value with a comment of its own, in place of the one that stands there."""

    value: Any
    comment: str


def edited(text: str, values: Mapping[tuple[str, ...], Any]) -> str:
    """The text of a params.yaml with the values at these places.

    A mapping takes the place of every key below its place, and of nothing else.
    """
    lines = text.splitlines()
    content = YAML(typ="rt").load(text)
    places = {_line_of(content, place): place for place in values}
    for at in sorted(places, reverse=True):  # from the end, so that the lines before stay in place
        value, indent = values[places[at]], 2 * len(places[at])
        if isinstance(value, Mapping):
            below = range(at + 1, len(lines))
            end = next((n for n in below if not lines[n].startswith(" " * indent)), len(lines))
            lines[at + 1 : end] = _block(value, indent)
        else:
            lines[at] = _with(lines[at], value)
    return "\n".join(lines) + "\n"


def _line_of(content: Any, place: tuple[str, ...]) -> int:
    for parent in place[:-1]:
        content = content[parent]
    return int(content.lc.key(place[-1])[0])


def _with(line: str, value: Any) -> str:
    found = LINE.match(line)
    assert found is not None  # noqa: S101 - ruamel.yaml has found the key there
    comment = found["comment"] or ""
    if isinstance(value, Said):
        value, comment = value.value, f" # {value.comment}"
    return f"{found['key']} {_text(value)}{comment}"


def _block(values: Mapping[str, Any], indent: int) -> list[str]:
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += [" " * indent + f"{key}:", *_block(value, indent + 2)]
        else:
            lines.append(_with(" " * indent + f"{key}:", value))
    return lines


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
