"""What a pull request can do to a repository."""

from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from tests.conftest import execute, repin

Change = Callable[[Path], None]
"""Given the folder of the repository, which it changes."""

RAW = Path("data/raw")


def edit(file: str, *replacements: tuple[str, str]) -> Change:
    """Replace texts in a file; each stands there once, or the edit has outlived the code."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{file} has {text.count(old)} times: {old}"
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")

    return change


def line_after(line: str, new: str) -> tuple[str, str]:
    """For `edit`: a new line below one that is there, as far as `line` tells it."""
    return f"{line}\n", f"{line}\n{new}\n"


def every(*changes: Change) -> Change:
    """One after the other."""

    def change(folder: Path) -> None:
        for part in changes:
            part(folder)

    return change


def parameters(values: dict[str, object]) -> Change:
    """Set parameters of params.yaml, by their dotted path, to something else than they are."""

    def change(folder: Path) -> None:
        yaml = YAML()  # keeps the comments
        content = yaml.load(folder / "params.yaml")
        for path, value in values.items():
            *above, key = path.split(".")
            section = content
            for name in above:
                section = section[name]
            assert section.get(key) != value, f"params.yaml has {path}: {value} already"
            section[key] = value
        yaml.dump(content, folder / "params.yaml")

    return change


def new_version_of(file: str, version: Callable[[list[str]], list[str]]) -> Change:
    """Make a raw file of its lines, header first and without ends, and pin the data so."""

    def change(folder: Path) -> None:
        path = folder / RAW / file
        lines = version(path.read_text(encoding="utf-8").splitlines())
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        repin(folder)

    return change


def without_file(file: str) -> Change:
    """Remove a raw file, and pin the data so."""

    def change(folder: Path) -> None:
        (folder / RAW / file).unlink()
        repin(folder)

    return change


def data_through(period: str) -> Change:
    """Bring the data up, or back, to a month, as a person would."""

    def change(folder: Path) -> None:
        done = execute(folder, "mlops", "data", "--through", period)
        assert done.returncode == 0, done.stderr

    return change


MODEL = "src/problem/model.py"
_PLAIN = "    return make_pipeline(encode, trees)\n"
_WRAPPED = "    return Wrapper(make_pipeline(encode, trees), seed)\n"
_WRAPPER = """class Wrapper(ClassifierMixin, BaseEstimator):
    def __init__(self, inner, seed):
        self.inner, self.seed = inner, seed

    def fit(self, X, y):
        rng = np.random.default_rng(self.seed)
        {fit}
        self.classes_ = self.inner.classes_
        return self

    def predict_proba(self, X):
        rng = np.random.default_rng(self.seed)
        p = self.inner.predict_proba(X)[:, 1]
        {predict}
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return self.predict_proba(X)[:, 1] > 0.5

    def to_onnx(self, **settings):
        return skl2onnx.to_onnx(self.inner, **settings)


def gradient_boosting(
"""


def wrapped_model(fit: str = "self.inner.fit(X, y)", predict: str = "pass") -> Change:
    """Gradient boosting that is fitted by the statement `fit`, which knows X, y and a seeded rng,
    and whose probabilities `p` the statement `predict` alters, which knows X and rng. What it
    exports is what was fitted, so that an altered answer is not what would be served.
    """
    return edit(
        MODEL,
        ("import BaseEstimator, T", "import BaseEstimator, ClassifierMixin, T"),
        ("def gradient_boosting(\n", _WRAPPER.format(fit=fit, predict=predict)),
        (_PLAIN, _WRAPPED),
        ("import pandas as pd\n", "import pandas as pd\nimport skl2onnx\n"),
    )
