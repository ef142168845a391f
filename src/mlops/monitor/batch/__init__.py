"""A file of rows, as it is looked at.

file.py      the whole of it
raw.py       its columns, as they stand in it
cast.py      values to their declared types, and what does not fit
labels.py    labels that come later
scored.py    what the exported model adds: predictions, and what servers looked up
"""
