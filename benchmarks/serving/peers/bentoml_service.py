"""BentoML: a service whose body is checked, a DataFrame per request."""

import os

import bentoml  # type: ignore[import-not-found]
import joblib
import pandas as pd
from pydantic import BaseModel


class Split(BaseModel):
    columns: list[str]
    data: list[list[str | float | None]]


@bentoml.service
class Late:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(route="/invocations")  # type: ignore[untyped-decorator]
    def invocations(self, dataframe_split: Split) -> dict[str, list[list[float]]]:
        rows = pd.DataFrame(dataframe_split.data, columns=dataframe_split.columns)
        return {"predictions": self.model.predict_proba(rows).tolist()}
