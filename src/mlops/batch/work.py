"""What the model said, put into the files of the scratch folder."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types as is_of

from mlops.batch import writing
from mlops.batch.answers import Answers
from mlops.batch.checked import Checked
from mlops.batch.columns import converted
from mlops.batch.scratch import Done, Scratch
from mlops.files import replacing

SHOWN = 3  # flags that are told


class Work:
    """The output, the rows set aside, and how far both are."""

    def __init__(
        self,
        scratch: Scratch,
        suffix: str,
        copied: pa.Schema,
        answers: Answers,
        *,
        nothing: NDArray[Any],
        aside: list[str] | None,
    ) -> None:
        """copied: the identifiers. nothing: the predictions of no rows. aside: the columns that are
        written of rows that break the rules, or None when there can be none.

        Raises DataError when CSV has no place for the type of a column.
        """
        self.done, self._scratch, self._answers = scratch.done, scratch, answers
        self._copied = [pa.field(f.name, _plain(f.type)) for f in copied]
        said = [(name, array.type) for name, array in answers.columns(nothing).items()]
        self._schema = pa.schema([*self._copied, *said])
        folder, sizes = scratch.folder, self.done.sizes
        self._out = writing.KINDS[suffix](folder / f"rows{suffix}", self._schema, sizes)
        self._aside: writing.Output | None = None
        if aside is not None:
            columns = pa.schema([(name, pa.string()) for name in ("row", "reason", *aside)])
            self._aside = writing.CsvOutput(folder / "aside.csv", columns, sizes)

    def put(self, chunk: pa.Table, checked: Checked, predictions: NDArray[Any] | None) -> None:
        """Write what was found about the next rows of the input; None when none was kept."""
        kept = chunk if checked.kept is None else chunk.take(pa.array(checked.kept))
        if predictions is not None:
            copied = [converted(kept.column(f.name), f.type) for f in self._copied]
            said = self._answers.columns(predictions).values()
            self._out.write(pa.table([*copied, *said], schema=self._schema))
        if checked.refused and self._aside is not None:
            self._aside.write(self._refused(chunk, checked))
        flagged = checked.batch.flagged if checked.batch else 0
        flags = [*self.done.flags, *checked.flags(self.done.rows)][:SHOWN]
        self.done = Done(
            self.done.rows + chunk.num_rows,
            self.done.aside + len(checked.refused),
            self.done.flagged + flagged,
            flags,
        )
        if self._scratch.due():
            self._record()

    def finish(self, output: Path, aside: Path | None) -> None:
        """Put the files where they belong, the output last."""
        if self._aside is not None and aside is not None:
            finished = self._aside.finish()
            with replacing(aside) as target:
                shutil.copyfile(finished, target)
        self._out.finish().replace(output)

    def close(self) -> None:
        for out in (self._out, self._aside):
            if out is not None:
                out.close()

    def _record(self) -> None:
        sizes = {}
        for out in (self._out, self._aside):
            if out is not None:
                out.journal.sync()
                sizes[out.journal.path.name] = out.journal.size
        self.done.sizes = sizes
        self._scratch.record(self.done)

    def _refused(self, chunk: pa.Table, checked: Checked) -> pa.Table:
        """The rows as they were read, with their numbers in the file, from 1 on, and why."""
        at = [row for row, _ in checked.refused]
        rows = chunk.take(pa.array(at, pa.int64()))
        own = [pa.array([self.done.rows + row + 1 for row in at])]
        own.append(pa.array([why for _, why in checked.refused]))
        return pa.table(own + rows.columns, names=["row", "reason", *rows.column_names])


def _plain(found: pa.DataType) -> pa.DataType:
    return found.value_type if is_of.is_dictionary(found) else found
