"""The exported model, run by ONNX Runtime. ONNX holds arithmetic: nothing in it can be executed."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.errors import Unservable
from serving.manifest import Manifest

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is imported
import onnxruntime


class Model:
    """Predicts prepared rows."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Raises Unservable when the file is no model, or not the one the manifest describes."""
        self.manifest = manifest
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a second thread doubles the work and halves nothing
        options.inter_op_num_threads = 1
        path = folder / manifest.model
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as broken:  # noqa: BLE001 - the runtime raises classes of its own
            said = str(broken).splitlines()[0]
            raise Unservable(f"{path}: not a model that can be run ({said})") from None
        self._output = [manifest.output.tensor]
        expected = dict(Counter(i.kind for i in manifest.inputs))
        found = {i.name: i.shape[-1] for i in self._session.get_inputs()}
        outputs = {o.name for o in self._session.get_outputs()}
        if expected != found or not outputs >= set(self._output):
            raise Unservable(
                f"{path}: expected inputs {expected} and output {self._output}, found {found} and "
                f"{sorted(outputs)}; export the model again with `mlops run`"
            )

    def predict(self, feeds: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Binary (rows,) probabilities of the greater label, multi-class (rows, classes),
        regression (rows,) values.
        """
        found = np.asarray(self._session.run(self._output, feeds)[0])
        if self.manifest.output.task == "binary":
            return found[:, 1]
        return found.reshape(len(found)) if self.manifest.output.task == "regression" else found
