"""A process and its descendants, as /proc has them: their memory and their CPU time."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Megabytes of all processes: what each holds in RAM, summed, and with what they share
    counted once.
    """

    rss: float
    pss: float


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:  # grows while it is walked
        found += children.get(process, [])
    return found


def memory(root: int) -> Memory:
    sums = {"Rss": 0, "Pss": 0}
    for process in tree(root):
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in (PROC / str(process) / "smaps_rollup").read_text("utf-8").splitlines():
                name, _, value = line.partition(":")
                if name in sums:
                    sums[name] += int(value.split()[0])
    return Memory(sums["Rss"] / 1024, sums["Pss"] / 1024)


def cpu(root: int) -> float:
    """CPU seconds so far."""
    stats = [_stat(process) for process in tree(root)]
    return sum(TICK * (int(fields[11]) + int(fields[12])) for fields in stats if fields)


def named(root: int) -> dict[int, str]:
    """The process and all its descendants, each with its time of start: a number is used again."""
    return {process: fields[19] for process in tree(root) if (fields := _stat(process))}


def kill(processes: dict[int, str]) -> None:
    """End those that are still there."""
    for process, started in processes.items():
        if (fields := _stat(process)) and fields[19] == started:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none when the process has ended."""
    try:
        text = (PROC / str(process) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    fields = text.rpartition(")")[2].split()
    return [] if fields[0] in "ZX" else fields
