"""The container: an exported model behind HTTP, with no pandas, scikit-learn or mlflow inside.

It reads one folder, which `mlops run` leaves in artifacts/export, and imports nothing of this
repository. In the order of a request:

    server.py     the process: options, signals, start and stop
    gate.py       what every request passes: its id, its key, its size, its place in the queue
    app.py        the addresses
    protocols/    bytes to columns, and answers to bytes, as MLflow and the OIP v2 have them
    inputs.py     columns to matrices, checked against the manifest
    lookup.py     table features that a request leaves out
    batching.py   waiting requests, answered together
    model.py      the ONNX session
    manifest.py   what the exported model says of itself

Beside them settings.py has the options, errors.py why something is refused, logs.py, metrics.py and
capture.py what is told and kept of requests.
"""
