"""How well the model does: with labels, and without.

known.py          on rows whose outcome is known, beside the held-out rows
outcomes.py       those rows, with what was forecast of them
measured.py       the metrics, then and now, and which are surely worse
slices.py         the same by slice
calibration.py    forecasts beside what happened
concept.py        do the same inputs still mean the same outcome?
estimate.py       without labels: how well it would do, if the world did not move
expected.py       the metrics that forecasts let expect
"""
