"""A trained pipeline as a folder that a server needs nothing else than: ONNX, manifest, tables."""
