"""The folder beside the output in which it comes into being, and how far that is.

`.OUTPUT.part/` survives a kill. state.json says what it was made of, how many rows are done, and
how long the files were then; what was written after that is cut off again.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mlops.errors import DataError, Failure
from mlops.files import write_json
from mlops.progress import console

EVERY = 1.0  # seconds of work that a kill may cost
STATE = "state.json"


class Done(msgspec.Struct):
    """How far the work is, and what was told on the way."""

    rows: int = 0
    """Of the input, from its beginning."""
    aside: int = 0
    """Those of them that broke the rules."""
    flagged: int = 0
    flags: list[str] = []
    sizes: dict[str, int] = {}
    """Bytes of each file in the folder."""


class State(msgspec.Struct):
    """state.json."""

    made_of: dict[str, str | int]
    done: Done


@dataclass
class Scratch:
    """The folder, and what an earlier run left in it."""

    folder: Path
    made_of: dict[str, str | int]
    done: Done
    _recorded: float = field(default_factory=time.monotonic)

    def due(self) -> bool:
        return time.monotonic() - self._recorded >= EVERY

    def record(self, done: Done) -> None:
        """From now on a run goes on from here. The files must be on the disk."""
        content = msgspec.to_builtins(State(self.made_of, done))
        write_json(self.folder / STATE, content)
        self.done, self._recorded = done, time.monotonic()


@contextmanager
def scratch(output: Path, made_of: dict[str, str | int]) -> Iterator[Scratch]:
    """The scratch folder of `output`, for this process alone; it goes when the work is done.

    A state that was made of something else is discarded. The folder stays when the work is
    interrupted or the disk is full. Raises DataError then, or when another process has it.
    """
    folder = output.with_name(f".{output.name}.part")
    with _locked(folder, output):
        found = _state(folder, made_of, output)
        try:
            yield Scratch(folder, made_of, found)
        except Failure:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        except OSError as broken:
            raise DataError(
                f"{output}: cannot be written ({broken}). What is done so far is kept: mend that, "
                f"and the same command goes on from there"
            ) from None
        except KeyboardInterrupt:
            console.print("stopped; the same command goes on from where it was")
            raise
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, output: Path) -> Iterator[None]:
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as broken:
        raise DataError(f"{output}: cannot be written ({broken})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"{output}: another `mlops predict` is writing it; wait for its end"
            ) from None
        yield


def _state(folder: Path, made_of: dict[str, str | int], output: Path) -> Done:
    """What an earlier run has done, unless that was something else or is not all there."""
    path = folder / STATE
    if not path.exists():
        return Done()
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
        sizes = {name: (folder / name).stat().st_size for name in state.done.sizes}
    except (OSError, msgspec.DecodeError):
        state, sizes = State({}, Done()), {}
    whole = all(sizes[name] >= size for name, size in state.done.sizes.items())
    if whole and state.made_of == made_of:
        console.print(f"going on after {state.done.rows:,} rows of an earlier run")
        return state.done
    path.unlink()
    console.print(
        f"discarded what an earlier run left of {output}: its input, model or options were others"
    )
    return Done()
