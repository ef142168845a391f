"""`python -m mlops.doctor.probe [REMOTE]`: a file written to a DVC remote, read back and removed.

Through DVC's own file system, so that it is the login that DVC would use. A process of its own: the
libraries of clouds take seconds to load, and wait as long as they like. Ends with 0, 3 when the
remote cannot be listed, 4 when it can and cannot be written.
"""

import sys
from uuid import uuid4

UNREACHABLE, UNWRITABLE = 3, 4
CONTENT = b"mlops doctor was here, and removes this file\n"


def main(name: str | None) -> int:
    """The exit code; why it is not 0 goes to stderr."""
    from dvc.repo import Repo  # noqa: PLC0415 - only this process needs it

    try:
        remote = Repo().cloud.get_remote(name)
        remote.fs.exists(remote.path)
    except Exception as refused:  # noqa: BLE001 - each cloud raises its own
        return _because(refused, UNREACHABLE)
    file = remote.fs.join(remote.path, f"mlops-doctor-{uuid4().hex}")
    try:
        remote.fs.makedirs(remote.path, exist_ok=True)
        remote.fs.pipe_file(file, CONTENT)
        try:
            same = remote.fs.cat_file(file) == CONTENT
        finally:
            remote.fs.rm_file(file)
    except Exception as refused:  # noqa: BLE001 - likewise
        return _because(refused, UNWRITABLE)
    return 0 if same else _because(ValueError("it gives back something else"), UNWRITABLE)


def _because(reason: Exception, code: int) -> int:
    text = " ".join(str(reason).split())
    sys.stderr.write(f"{type(reason).__name__}: {text[:300]}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
