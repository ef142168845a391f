"""Table features that a request leaves out, as they stood when the model was made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from serving.errors import Rejected, Unservable
from serving.manifest import Manifest, Table

Row = tuple[Any, ...]


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    """A table's file: the values of its keys, and in the same order of its columns."""

    keys: list[Row]
    values: list[Row]


class Lookup:
    """All tables of a model, in memory."""

    def __init__(self, tables: list["_Table"]) -> None:
        self._tables = tables

    @classmethod
    def read(cls, folder: Path, manifest: Manifest) -> "Lookup":
        """Raises Unservable when a file is not the table that the manifest describes."""
        nullable = {i.name for i in manifest.inputs if i.nullable}
        return cls([_Table(folder / t.file, t, nullable) for t in manifest.tables])

    def fill(self, columns: Mapping[str, Any], rows: int) -> dict[str, Any]:
        """The columns, with those added that are not there and can be looked up.

        A key that a table does not have gives a gap, as it does in training; a time after the
        newest one gives the newest row where the table says so, and else a gap. Raises Rejected
        when a feature that may have no gap is neither given nor found.
        """
        filled = dict(columns)
        for table in self._tables:
            if not table.names <= columns.keys():
                table.fill(filled, columns, rows)
        return filled


class _Table:
    def __init__(self, path: Path, about: Table, nullable: set[str]) -> None:
        self.about, self.names = about, frozenset(about.columns)
        self._keys, self._columns = about.keys, about.columns
        self._gapless = self.names - nullable
        try:
            rows = msgspec.json.decode(path.read_bytes(), type=Rows)
        except (OSError, msgspec.DecodeError) as broken:
            raise Unservable(f"{path}: not a readable table ({broken})") from None
        if not len(rows.keys) == len(rows.values) == about.rows:
            raise Unservable(f"{path}: expected {about.rows} rows, found {len(rows.keys)}")
        self._rows = dict(zip(rows.keys, rows.values, strict=True))
        self._clock = about.keys.index(about.time) if about.time else None
        self._newest: dict[Row, Row] = {}
        if about.carried_forward and self._clock is not None:
            for key in sorted(rows.keys, key=lambda key: key[self._clock or 0]):
                self._newest[self._entity(key)] = self._rows[key]
        self._nothing: Row = (None,) * len(about.columns)

    def _entity(self, key: Row) -> Row:
        clock = self._clock
        return key if clock is None else (*key[:clock], *key[clock + 1 :])

    def fill(self, filled: dict[str, Any], columns: Mapping[str, Any], rows: int) -> None:
        """Add those of the table's columns to `filled` that `columns` does not have."""
        given = [columns[name] if name in columns else (None,) * rows for name in self._keys]
        try:
            found = [self._rows.get(key) or self._instead(key) for key in zip(*given, strict=True)]
        except TypeError:
            raise Rejected(
                "type", f"columns {', '.join(self._keys)}: expected plain values"
            ) from None
        for name, values in zip(self._columns, zip(*found, strict=True), strict=True):
            if name not in columns:
                if name in self._gapless and None in values:
                    raise self._missing(name, values.index(None), given)
                filled[name] = values

    def _missing(self, name: str, row: int, given: list[Any]) -> Rejected:
        pairs = zip(self.about.keys, given, strict=True)
        key = ", ".join(f"{column} {values[row]!r}" for column, values in pairs)
        until = f", which ends at {self.about.newest}" if self.about.newest else ""
        return Rejected(
            "missing",
            f"row {row}, column {name!r}: not given, and {key} is not in the table "
            f"{self.about.name}{until}; send {name} or another key",
        )

    def _instead(self, key: Row) -> Row:
        """What a key gets that the table does not have."""
        clock = self._clock
        if clock is None or not self._newest:
            return self._nothing
        time = key[clock]
        if time is None or (isinstance(time, str) and time > str(self.about.newest)):
            return self._newest.get(self._entity(key), self._nothing)
        return self._nothing
