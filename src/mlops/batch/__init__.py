"""Files of rows, scored by the exported model, with the server's own checks.

In the order of a run:

    score.py         the loop: read ahead, check, predict, write behind
    plan.py          which columns are read, looked up and written
    reading/         CSV and Parquet to tables of a fixed number of rows
    columns.py       a table to the columns that `serving.inputs` checks
    answers.py       what the model says, as columns
    writing.py       tables to CSV and Parquet, so that they can be continued
    scratch.py       the folder beside the output, and how far the work in it is
"""
