"""Runs steps of a promotion, each order in a process of its own that can be killed at any point.

The imports are done once, and every order is a fork: `{"folder", "environment", "steps"}` on
standard input, a line each; `pid` and then the exit code on standard output, a line each.
"""

import json
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from mlops.errors import ending
from mlops.github import api
from mlops.package import oci
from mlops.promotion import hold, reconcile, rollback, steps
from mlops.promotion.ending import Ending

IMPORTED = (hold, reconcile, rollback, steps)  # before the forks


def carry_out(orders: list[list[str]]) -> int:
    """Each step is the name of one in steps.py, or a module of promotion and its arguments."""
    for name, *arguments in orders:
        given = [api.Api.from_environment() if a == "API" else a for a in arguments]
        ended: list[object] = []
        if code := ending(partial(_act, name, given, ended)):
            return code
        if isinstance(ended[0], Ending):
            break
    return 0


def _act(name: str, arguments: list[Any], ended: list[object]) -> None:
    module, _, function = name.rpartition(".")
    action = getattr(import_module(f"mlops.promotion.{module or 'steps'}"), function)
    ended.append(action(*arguments))


def main() -> None:
    api.PATIENCE = oci.PATIENCE = (0.0, 0.0)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.environ.update(order["environment"])
            os.chdir(Path(order["folder"]))
            os._exit(carry_out(order["steps"]))
        tell(pid)
        tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
