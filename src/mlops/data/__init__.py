"""The raw files: obtained, pinned by data.dvc, read, checked."""
