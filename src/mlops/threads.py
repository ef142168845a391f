"""How many threads each of several commands may have that run side by side."""

import os


def side_by_side(commands: int) -> dict[str, str]:
    """The environment for each of them; a number of threads that is set already stays.

    By itself OpenMP gives each as many threads as there are cores, and two fits on two cores then
    take longer than one after the other.
    """
    fair = max(1, (os.cpu_count() or 1) // commands)
    return {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(fair))}
