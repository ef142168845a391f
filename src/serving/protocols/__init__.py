"""What clients speak: bytes to columns, and answers to bytes. No HTTP, no model.

mlflow.py     MLflow's scoring protocol: /invocations
delimited.py  its CSV
v2.py         the Open Inference Protocol: /v2/models/NAME/infer
tensors.py    its tensors
metadata.py   what it tells of the server and the model
columns.py    what every protocol asks of a table
labels.py     what every protocol makes of probabilities
openapi.py    all addresses, described for programs, and as a page (docs/) for people
schemas.py    what requests and answers look like
examples.py   a request that is answered
"""
