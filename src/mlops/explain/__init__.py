"""Why the model says what it says: what each input adds to a prediction, and to all of them.

explain.py    the command: rows in, reports/explain/ out
trained.py    the model of the last run, and the rows it was trained on
rows.py       the rows that are explained
scale.py      the unit in which contributions add up
method.py     which of the three ways suits the model
linear.py     a linear model, in closed form
trees.py      trees, exactly
sampled.py    anything else, by asking it
library.py    shap, where the last two want it
sources.py    which input each encoded column comes from
result.py     explain.json

An explanation is the Shapley value of each input: what a row's own value changes on average when it
takes the place of a training row's (Štrumbelj and Kononenko, 2014; Lundberg and Lee, 2017).
"""
