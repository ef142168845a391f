"""Does the model still see what it was made for, and does it still do as well?

champion.py      what the champion knows, and what it says of a period that has arrived
batch/           a file of rows, with recorded predictions, and labels that come later
rows.py          what is compared: the rows that the champion knows, and those of the batch

quality.py       are these rows such as the model may be asked about?
drift/           did a column move further than it usually does?
performance/     how well the model does: with labels, and without
serving/         what the servers counted, and what they may

result.py        monitor.json: all of it, and the outcome
look.py          the whole look, from the batch to the outcome
alert.py         one issue for each model, and whether to retrain
heartbeat.py     have the schedules stopped?
"""
