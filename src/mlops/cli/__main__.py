"""`python -m mlops.cli`: what `mlops` is, of the package that this Python finds."""

from mlops.cli import main

main()
