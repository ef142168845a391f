"""What a person is told whose problem folder declares something wrong."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.svm import LinearSVC

from mlops import params
from mlops.contract import (
    MODULES,
    Behaviour,
    Features,
    Model,
    Schemas,
    Section,
    Slices,
    Source,
    build,
    load,
)
from mlops.errors import DeclarationError, QualityError, TrainingError, ending
from mlops.evaluation.predict import predict
from mlops.stages import features, split
from tests.conftest import ROOT

GOOD = ROOT / "tests/problems/diabetes"
Edit = Callable[[str, str, str], None]


def forget_the_problem() -> dict[str, Any]:
    gone = [name for name in sys.modules if name.partition(".")[0] == "problem"]
    return {name: sys.modules.pop(name) for name in gone}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A problem folder of the test's own, which `load` reads instead of src/problem/."""
    shutil.copytree(GOOD, tmp_path / "problem", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.move(tmp_path / "problem" / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("mlops.errors.PROBLEM", tmp_path / "problem")
    shipped = forget_the_problem()
    yield tmp_path / "problem"
    forget_the_problem()
    sys.modules.update(shipped)


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace a piece of a module: `edit("features", 'TASK = "regression"', "")`."""

    def replace(module: str, before: str, after: str) -> None:
        path = folder / f"{module}.py"
        content = path.read_text()
        assert before in content
        path.write_text(content.replace(before, after))
        importlib.invalidate_caches()

    return replace


def refusal(section: type[Section]) -> str:
    with pytest.raises(DeclarationError) as refused:
        load(section)
    assert refused.value.file == f"src/problem/{MODULES[section]}.py"
    return str(refused.value)


def test_the_shipped_problem_keeps_the_contract() -> None:
    for section in MODULES:
        load(section)
    shipped = params.load(ROOT / "params.yaml")
    build(load(Model), shipped, shipped.model.estimator)


@pytest.mark.usefixtures("folder")
def test_the_folder_of_the_test_is_the_one_that_is_read() -> None:
    assert load(Features).TASK == "regression"
    assert load(Source).PERIODS == []
    assert load(Features).TABLES == {}


@pytest.mark.parametrize(
    ("section", "name"),
    [(section, name) for section in MODULES for name in section.model_fields],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_declaration_that_is_missing_is_named(
    folder: Path, section: type[Section], name: str
) -> None:
    path = folder / f"{MODULES[section]}.py"
    path.write_text(path.read_text() + f"\ndel {name}\n")

    assert refusal(section) == (
        f"src/problem/{path.name}: {name}: is missing. docs/your-problem.md says what belongs there"
    )


@pytest.mark.parametrize(
    ("section", "before", "after", "said"),
    [
        (Source, "PERIODS = ()", 'PERIODS = "2013"', "PERIODS: expected a valid list"),
        (Source, "PERIODS = ()", "PERIODS = (2013,)", "PERIODS.0: expected a valid string"),
        (Source, "def materialise", "materialise = 1\ndef other", "materialise: expected callable"),
        (Schemas, "RAW: dict[str, DataFrameSchema] = {", "RAW = [", "RAW: expected a valid dict"),
        (Schemas, "FEATURES = ", "FEATURES = dict  # ", "FEATURES: expected an instance of Schema"),
        (Schemas, "= {}", "= {('patients', 'a.b'): 0.1}", "expected two names such as table.colu"),
        (Schemas, "= {}", "= {('a.b', 'a.b'): 'few'}", "expected a valid number"),
        (Features, 'KEY = ("patient",)', 'KEY = "patient"', "KEY: expected a valid list"),
        (Features, 'KEY = ("patient",)', "KEY = ()", "KEY: expected at least one name"),
        (Features, '"regression"', '"regresion"', "TASK: expected 'binary', 'multiclass' or 'regr"),
        (Features, 'BLOCK = "patient"', "BLOCK = 1", "BLOCK: expected a valid string"),
        (Features, "= {}", '= {"peers": ()}', "TABLES.peers: Tuple should have at least 1 item"),
        (Features, "= {}", '= {"peers": "sex"}', "TABLES.peers: expected a valid tuple"),
        (
            Model,
            'LINEAR = "ridge"',
            'LINEAR = "rigde"',
            "LINEAR: expected one of ridge, polynomial",
        ),
        (Model, '"ridge": ridge', '"ridge": ridge(1)', "ESTIMATORS.ridge: expected callable"),
        (Slices, 'SLICES = ("sex", "age")', "SLICES = 2", "SLICES: expected a valid list"),
        (Behaviour, '"invariant"', '"same"', "kind: expected 'invariant', 'rises', 'falls'"),
        (Behaviour, "share=0.8", "share=80", "share: expected less than or equal to 1"),
        (Behaviour, "tolerance=1.0", "tolerance=-1.0", "tolerance: expected greater than or eq"),
    ],
)
def test_a_declaration_of_the_wrong_type_is_told_what_is_expected(
    edit: Edit, section: type[Section], before: str, after: str, said: str
) -> None:
    edit(MODULES[section], before, _closed(before, after))

    assert said in refusal(section)


def _closed(before: str, after: str) -> str:
    """A dictionary turned into a list of nothing, with the rest of it out of the way."""
    return f"{after}]\n_rest = {{" if before.endswith("= {") else after


def test_a_module_that_is_missing_is_named(folder: Path) -> None:
    (folder / "slices.py").unlink()

    assert refusal(Slices).startswith("src/problem/slices.py is missing.")


def test_a_package_that_is_missing_is_named_with_the_group_it_belongs_to(edit: Edit) -> None:
    edit("model", "from sklearn.linear_model import Lasso, Ridge", "import lightgbt")

    with pytest.raises(DeclarationError, match=r"lightgbt is missing\. If it is a package, add it"):
        load(Model)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("KEY = (", "SyntaxError: '(' was never closed"),
        ("KEY = PATIENT", "NameError: name 'PATIENT' is not defined"),
    ],
)
def test_code_that_fails_is_shown_with_its_line_and_is_no_bug_of_the_machinery(
    edit: Edit, capsys: pytest.CaptureFixture[str], after: str, said: str
) -> None:
    edit("features", 'KEY = ("patient",)', after)

    assert ending(lambda: load(Features)) == DeclarationError.exit_code
    shown = capsys.readouterr().err
    assert f"error: src/problem/features.py, line 7: {said}" in shown
    assert "bug of the machinery" not in shown


@pytest.fixture
def knobs(folder: Path) -> Callable[[str, str], params.Params]:
    """The parameters, with a piece of params.yaml replaced; `build` looks lines up in the file."""

    def changed(before: str, after: str) -> params.Params:
        path = folder.parent / "params.yaml"
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))
        return params.load()

    return changed


Knobs = Callable[[str, str], params.Params]


def test_an_estimator_is_built_with_its_parameters_and_others_at_their_defaults(
    knobs: Knobs,
) -> None:
    changed = knobs("    degree: 2 # of the products of measurements\n", "")

    polynomial: Any = build(load(Model), changed, "polynomial")

    assert polynomial["lasso"].alpha == 3.0
    assert polynomial["polynomialfeatures"].degree == 3


def test_the_seed_is_the_first_argument(edit: Edit, knobs: Knobs) -> None:
    edit("model", "Ridge(alpha=alpha)", "Ridge(alpha=alpha, random_state=seed)")

    ridge: Any = build(load(Model), knobs("seed: 2004", "seed: 7"), "ridge")

    assert ridge["ridge"].random_state == 7


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "estimator: polynomial",
            "estimator: spline",
            "key model.estimator: unknown estimator 'spline'; src/problem/model.py has poly",
        ),
        (
            "  ridge:",
            "  rigde:",
            "key model.rigde: unknown key. Did you mean 'ridge'? Known here: estimator, poly",
        ),
        (
            "degree: 2",
            "degre: 4",
            "key model.polynomial.degre: unknown key. Did you mean 'degree'? Known here: alpha, de",
        ),
        (
            "degree: 2",
            "degree: four",
            "key model.polynomial.degree: expected a valid integer, found 'four'",
        ),
        (
            "degree: 2",
            "degree: 2.5",
            "key model.polynomial.degree: expected a valid integer, found 2.5",
        ),
        ("degree: 2", "degree:", "model.polynomial.degree: expected a valid integer, found None"),
    ],
)
def test_params_that_do_not_fit_the_estimators_are_told_with_their_line(
    knobs: Knobs, folder: Path, before: str, after: str, said: str
) -> None:
    lines = (folder.parent / "params.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if before in text)
    changed = knobs(before, after)

    with pytest.raises(DeclarationError) as refused:
        build(load(Model), changed, changed.model.estimator)

    assert f"params.yaml, line {line}, " in str(refused.value)
    assert said in str(refused.value)
    assert refused.value.line == line


def test_a_parameter_without_default_must_be_set(edit: Edit, knobs: Knobs) -> None:
    edit("model", "degree: int = 3", "degree: int")
    changed = knobs("    degree: 2 # of the products of measurements\n", "")

    with pytest.raises(DeclarationError, match=r"model\.polynomial\.degree: required, and missing"):
        build(load(Model), changed, "polynomial")


def test_a_parameter_without_type_takes_what_it_is_given(edit: Edit, knobs: Knobs) -> None:
    edit("model", "degree: int = 3", "degree=3")

    polynomial: Any = build(load(Model), knobs("degree: 2", "degree: 6"), "polynomial")

    assert polynomial["polynomialfeatures"].degree == 6


def test_types_written_as_text_are_understood(edit: Edit, knobs: Knobs) -> None:
    edit("model", "degree: int = 3", 'degree: "int" = 5')
    changed = knobs("degree: 2", "degree: four")

    with pytest.raises(DeclarationError, match="expected a valid integer, found 'four'"):
        build(load(Model), changed, "polynomial")


def test_an_estimator_that_does_not_take_the_seed_is_told_so(edit: Edit, knobs: Knobs) -> None:
    edit("model", "def ridge(seed: int, *, ", "def ridge(*, ")

    with pytest.raises(DeclarationError, match=r"model\.py: ridge: expected a function \(seed, \*"):
        build(load(Model), knobs("seed: 2004", "seed: 7"), "ridge")


@pytest.fixture
def raw(folder: Path) -> None:
    """The raw data of the test's problem, where the stages look for it."""
    (folder.parent / "data/raw").mkdir(parents=True)
    load(Source).materialise(folder.parent / "data/raw", "")


@pytest.mark.usefixtures("raw")
@pytest.mark.parametrize(
    ("module", "before", "after", "said"),
    [
        (
            "schema",
            "FEATURES = DataFrameSchema(measurements())",
            "FEATURES = DataFrameSchema({**measurements(), 'progression': Column(float)})",
            "FEATURES has progression, the target: a model must not be given what it is to predict",
        ),
        ("features", 'return raw["patients"]', "raw", "rows() must be a DataFrame, found NoneType"),
        ("features", "return {}", "{}", "tables() must be a dict, found NoneType"),
        (
            "features",
            "return {}",
            'return {"peers": raw["patients"]}',
            "tables() returned ['peers'], TABLES declares []",
        ),
        ("features", 'KEY = ("patient",)', 'KEY = ("id",)', "id is declared, but neither rows() n"),
    ],
)
def test_features_that_do_not_fit_their_declaration_are_told_apart(
    edit: Edit, module: str, before: str, after: str, said: str
) -> None:
    edit(module, before, after)

    with pytest.raises(DeclarationError) as refused:
        features.main()

    assert f"src/problem/{module}.py: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.usefixtures("raw")
def test_a_feature_that_cannot_have_its_declared_type_is_named(edit: Edit) -> None:
    edit("features", 'raw["patients"]', 'raw["patients"].replace({"age": {50: float("nan")}})')
    edit("schema", "Schema(measurements())", "Schema({**measurements(), 'age': Column(int)})")

    with pytest.raises(
        QualityError, match="feature age: expected int64, found float64 that cannot"
    ):
        features.main()


@pytest.mark.usefixtures("raw")
def test_a_function_that_fails_is_shown_with_its_line(
    edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("features", 'raw["patients"]', 'raw["patient"]')

    assert ending(features.main) == DeclarationError.exit_code
    assert "error: src/problem/features.py, line 28: KeyError: 'patient'" in capsys.readouterr().err


@pytest.mark.usefixtures("raw")
def test_a_binary_target_has_two_values(edit: Edit) -> None:
    edit("features", '"regression"', '"binary"')
    features.main()

    with pytest.raises(DeclarationError, match="TASK is binary, but progression has 214 values"):
        split.main()


def test_a_classifier_without_probabilities_is_told_what_it_lacks() -> None:
    rows = pd.DataFrame({"x": [0.0, 1.0]})
    silent = LinearSVC().fit(rows, [0, 1])

    with pytest.raises(TrainingError, match="no predict_proba, which a binary problem needs"):
        predict(silent, rows, "binary")


PAGE = (ROOT / "docs/your-problem.md").read_text()


def build_the_chosen_one() -> None:
    knobs = params.load()
    build(load(Model), knobs, knobs.model.estimator)


def split_anew() -> None:
    features.main()
    split.main()


@pytest.mark.usefixtures("raw")
@pytest.mark.parametrize(
    ("place", "after", "action"),
    [
        (("problem/features.py", "TARGET ="), "OTHER =", lambda: load(Features)),
        (("problem/features.py", '"regression"'), '"regresion"', lambda: load(Features)),
        (("problem/model.py", 'LINEAR = "ridge"'), 'LINEAR = "rigde"', lambda: load(Model)),
        (("params.yaml", "degree: 2"), "degre: 4", build_the_chosen_one),
        (("params.yaml", "degree: 2"), "degree: four", build_the_chosen_one),
        (("problem/features.py", "return {}"), 'return {"peers": 1}', features.main),
        (
            ("problem/schema.py", ": (18, 110)"),
            ": (18, 110), 'progression': (0, 500)",
            features.main,
        ),
        (("problem/features.py", 'raw["patients"]'), 'raw["patient"]', features.main),
        (("params.yaml", "rule: random"), "rule: time", split_anew),
    ],
)
def test_the_errors_that_the_page_shows_are_those_that_are_said(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    place: tuple[str, str],
    after: str,
    action: Callable[[], object],
) -> None:
    file, before = place
    path = folder.parent / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    forget_the_problem()
    importlib.invalidate_caches()

    assert ending(action) in (5, 6)
    assert capsys.readouterr().err.splitlines()[-1] in PAGE.splitlines()
