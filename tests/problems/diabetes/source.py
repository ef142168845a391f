"""Where the raw files come from: the patients that scikit-learn ships."""

from pathlib import Path

from sklearn.datasets import load_diabetes

PERIODS = ()
"""The patients do not arrive in parts."""

COLUMNS = {
    "bp": "blood_pressure",
    "s1": "cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_to_hdl",
    "s5": "log_triglycerides",
    "s6": "glucose",
    "target": "progression",
}


def materialise(directory: Path, through: str) -> None:
    """Write patients.csv into `directory`: a row per patient, in the units of measurement."""
    frame = load_diabetes(as_frame=True, scaled=False).frame.rename(columns=COLUMNS)
    frame.insert(0, "patient", [f"patient-{number:03d}" for number in range(1, len(frame) + 1)])
    frame.to_csv(directory / "patients.csv", index=False, lineterminator="\n")
