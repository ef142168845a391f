"""A new model from newer data, proposed as a pull request that faces every gate.

plan.py        is there newer data, and was nothing proposed just now?
run.py         brings the data, runs the pipeline, leaves the results
retrained.py   what a run leaves, and which files of it are taken
commit.py      those files as a commit on top of main, and the branch it goes to
propose.py     the pull request, or an issue where the token may open none
wording.py     what they say

Only propose.py runs with a token that can write. What run.py left is data to it.
"""
