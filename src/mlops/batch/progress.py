"""How many rows are done, and how fast it goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from mlops.progress import console


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f} rows, {task.speed or 0:,.0f} a second")


@contextmanager
def shown(doing: str, total: int | None, done: int) -> Iterator[Callable[[int], None]]:
    """Show `doing` (a line, where there is no terminal); call what is given with rows as they are
    done.
    """
    if not console.is_terminal:
        console.print(f"  {doing} …")
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), _Rate())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=total, completed=done)
        yield lambda rows: bar.advance(task, rows)
