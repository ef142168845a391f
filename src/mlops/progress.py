"""What a person sees while something takes its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Show `doing` with a spinner (a line, where there is no terminal), then how long it took."""
    started = time.perf_counter()
    if console.is_terminal:
        with console.status(doing):
            yield
    else:
        console.print(f"  {doing} …")
        yield
    console.print(f"  {doing}: {time.perf_counter() - started:.1f} s", style="dim")
