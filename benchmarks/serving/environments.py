"""An environment for each peer, with the packages of the model as pinned here."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

MODEL = ("joblib", "numpy", "pandas", "scikit-learn", "scipy")  # what the trained pipeline needs
DONE = "benchmark.txt"  # what an environment was made of


def interpreter(folder: Path, name: str, packages: tuple[str, ...]) -> Path:
    """The interpreter of folder/NAME, made anew unless it has just these packages.

    A package without a version gets the one installed here. Raises SystemExit, with what uv said,
    when they cannot be installed.
    """
    home = folder / name
    pinned = [p if "==" in p else f"{p}=={version(p)}" for p in (*packages, *MODEL)]
    wanted, done = "\n".join([sys.version, *pinned]), home / DONE
    python = home / "bin" / "python"
    if done.exists() and done.read_text("utf-8") == wanted:
        return python
    _uv("venv", "--clear", "--python", sys.executable, str(home))
    _uv("pip", "install", "--compile-bytecode", "--python", str(python), *pinned)
    done.write_text(wanted, "utf-8")
    return python


def _uv(*arguments: str) -> None:
    command = [str(Path(sys.executable).parent / "uv"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
