"""LitServe: `python litserve_app.py PORT BATCH`; from 2 on, waiting rows are predicted together."""

import os
import sys
from typing import Any

import joblib
import litserve  # type: ignore[import-not-found]
import numpy as np
import pandas as pd


class Late(litserve.LitAPI):  # type: ignore[misc]
    def setup(self, device: str) -> None:  # noqa: ARG002
        self.model = joblib.load(os.environ["MODEL"])

    def decode_request(self, request: dict[str, Any]) -> pd.DataFrame:
        split = request["dataframe_split"]
        return pd.DataFrame(split["data"], columns=split["columns"])

    def batch(self, inputs: list[pd.DataFrame]) -> pd.DataFrame:
        self.sizes = [len(rows) for rows in inputs]
        return pd.concat(inputs)

    def predict(self, x: pd.DataFrame) -> Any:
        return self.model.predict_proba(x)

    def unbatch(self, output: Any) -> list[Any]:
        return np.split(output, np.cumsum(self.sizes)[:-1])

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"predictions": output.tolist()}


if __name__ == "__main__":
    port, batch = map(int, sys.argv[1:3])
    together = {"max_batch_size": batch, "batch_timeout": 0.002} if batch > 1 else {}
    server = litserve.LitServer(Late(api_path="/invocations", **together), accelerator="cpu")
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="warning")
