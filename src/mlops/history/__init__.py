"""What happened to a model, for years: every pull request judged, every merge, every look.

record.py   a line of each
ledger.py   the lines, on a branch that is only ever appended to

A workflow's runs and artifacts are gone after some months; these lines stay, in git.
"""
