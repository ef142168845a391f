"""The exported model, ready to be asked about thousands of rows at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.errors import DataError
from serving import manifest as manifests
from serving.errors import Unservable
from serving.inputs import Inputs
from serving.lookup import Lookup
from serving.manifest import Manifest
from serving.model import Model


@dataclass(frozen=True)
class Exported:
    """A folder that the stage `export` left."""

    manifest: Manifest
    inputs: Inputs
    model: Model

    @classmethod
    def read(cls, folder: Path) -> "Exported":
        """Raises DataError when the folder is not what its manifest says."""
        try:
            manifest, _ = manifests.read(folder)
            inputs = Inputs(manifest, Lookup.read(folder, manifest))
            return cls(manifest, inputs, Model(folder, manifest))
        except Unservable as why:
            raise DataError(str(why)) from None

    def nothing(self) -> NDArray[Any]:
        """The predictions of no rows: their type and shape."""
        feeds: dict[str, NDArray[Any]] = {}
        for kind in dict.fromkeys(i.kind for i in self.manifest.inputs):
            shape = (1, sum(i.kind == kind for i in self.manifest.inputs))
            feeds[kind] = np.full(shape, "", object) if kind == "text" else np.zeros(shape, kind)
        return self.model.predict(feeds)[:0]
