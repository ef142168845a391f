"""What happened, as lines of the scratch repository's branch `history`, as a workflow leaves them.

With them and the tags, `mlops dashboard` shows the replay like the months of a real repository.
"""

from dataclasses import dataclass, field

from mlops.backtest.scratch import Clone
from mlops.history import ledger
from mlops.history.record import Event


@dataclass
class Diary:
    """The lines so far, by file."""

    clone: Clone
    lines: dict[str, str] = field(default_factory=dict)
    tip: str = ""

    def add(self, event: Event) -> None:
        """Append a line: a commit on top of the branch, on the scratch origin as well."""
        file = ledger.FILES[type(event)]
        self.lines[file] = self.lines.get(file, "") + ledger.encode(event)
        entries = []
        for name, text in sorted(self.lines.items()):
            blob = self.clone.git("hash-object", "-w", "--stdin", given=text)
            entries.append(f"100644 blob {blob}\t{name}\n")
        tree = self.clone.git("mktree", given="".join(entries))
        parents = ["-p", self.tip] if self.tip else []
        message = ["-m", f"One more line in {file}"]
        self.tip = self.clone.git("commit-tree", tree, *parents, *message)
        self.clone.git("push", "--quiet", "origin", f"{self.tip}:refs/heads/{ledger.BRANCH}")
