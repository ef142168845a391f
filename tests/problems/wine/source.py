"""Where the raw files come from: the wines that scikit-learn ships."""

from pathlib import Path

from sklearn.datasets import load_wine

PERIODS = ()
"""The wines do not arrive in parts."""

PHENOLS = ["total_phenols", "flavanoids", "nonflavanoid_phenols", "proanthocyanins"]


def materialise(directory: Path, through: str) -> None:
    """Write wines.csv and phenols.csv into `directory`: a row per wine, joined by its name."""
    wine = load_wine(as_frame=True)
    frame = wine.data.rename(columns={"od280/od315_of_diluted_wines": "od280_od315"})
    frame.insert(0, "wine", [f"wine-{number:03d}" for number in range(1, len(frame) + 1)])
    frame["cultivar"] = wine.target_names[wine.target]
    for name, table in (
        ("wines", frame.drop(columns=PHENOLS)),
        ("phenols", frame[["wine", *PHENOLS]]),
    ):
        table.to_csv(directory / f"{name}.csv", index=False, lineterminator="\n")
