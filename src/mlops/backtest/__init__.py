"""Had we had this repository all along: the periods of the source, one after the other.

scratch.py   a repository to do it in, with an origin and a clock of its own
year.py      each period arrives, is looked at, retrained with, judged, and promoted or refused
promotion.py a version and the champion, as tags; nothing is packaged
fielded.py   the models that would have served, and what each says of a period
score.py     how well they would have done, and whether a promotion was a mistake
diary.py     what happened, as lines of the scratch repository's history
result.py    backtest.json: all of it

The monitor, the retraining and the gates are the commands that a workflow runs.
"""
