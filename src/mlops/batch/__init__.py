"""Files of rows, scored by the exported model, with the server's own checks.

In the order of a run:

    score.py         the loop: read and check ahead, predict, write behind
    exported.py      the model
    plan.py          which columns are read, looked up and written
    reading/         CSV and Parquet to tables of a fixed number of rows
    columns.py       a table to the columns that `serving.inputs` checks
    checked.py       which rows pass, and why others do not
    answers.py       what the model says, as columns
    work.py          tables into the files of the scratch folder
    writing.py       CSV and Parquet that can be continued
    scratch.py       the folder beside the output, and how far the work in it is
    progress.py      what a person sees meanwhile
"""
