"""`mlops tune`: better parameters within what src/problem/tuning.py declares.

space.py        what may be tried, checked against the estimator
folds.py        cross-validation within the training rows, by whole blocks
validation.py   the score of parameters on each fold
key.py          what a study depends on: when it changes, another one begins
study.py        the search itself: Optuna, resumable, pruned
result.py       what a search found, as JSON; a share of it, or all
decide.py       is the best better than the present values, beyond noise?
values.py       the winner, written into params.yaml in place
logged.py       every trial as an MLflow run
run.py          `mlops tune` from one end to the other
shares.py       the same by several machines: the plan, and the merge
propose.py      the pull request; the only one that runs with a token that can write

Nothing here reads the held-out rows. The gates do, when the winner is proposed.
"""
