"""Which column is what, in small tables made by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mlops.errors import DataError, DeclarationError
from mlops.init.table.columns import columns
from mlops.init.table.csvfile import File
from mlops.init.table.roles import Roles, roles

N = 120
X = [f"{(i * 7919) % 1000 / 10}" for i in range(N)]
NAMES: dict[str, None] = dict.fromkeys(("kind", "key", "block", "time"))


def found(table: Mapping[str, Sequence[str]], target: str = "y", **named: Any) -> Roles:
    rows = [list(cells) for cells in zip(*table.values(), strict=True)]
    file = File("data.csv", b"", ",", tuple(table), rows, list(range(2, len(rows) + 2)))
    return roles(file, columns(file), target, **(NAMES | named))


@pytest.mark.parametrize(
    ("labels", "task", "positive"),
    [
        (["yes", "no"], "binary", "yes"),
        (["0", "1"], "binary", "1"),
        (["True", "False", "False"], "binary", "True"),
        (["good", "bad", "good"], "binary", "bad"),  # the rarer one
        (["a", "b", "c"], "multiclass", ""),
        (["1", "2", "3", "4"], "multiclass", ""),
        ([str(i) for i in range(40)], "regression", ""),
        ([f"{i}.5" for i in range(3)], "regression", ""),
    ],
)
def test_the_task_follows_from_the_target(labels: list[str], task: str, positive: str) -> None:
    target = [labels[i % len(labels)] for i in range(N)]

    problem = found({"x": X, "y": target})

    assert (problem.task, problem.positive) == (task, positive)


def test_the_task_can_be_forced() -> None:
    assert found({"x": X, "y": ["1", "2", "3"] * 40}, kind="regression").task == "regression"


def test_a_column_that_names_the_rows_is_the_key_and_no_input() -> None:
    names = [f"P{i:03d}" for i in range(N)]

    problem = found({"patient": names, "x": X, "y": ["a", "b"] * 60})

    assert (problem.key_name, problem.block_name, problem.inputs) == ("patient", "patient", ("x",))


def test_without_one_rows_are_numbered_under_a_free_name() -> None:
    problem = found({"row": ["a", "b", "c"] * 40, "x": X, "y": ["a", "b"] * 60})

    assert problem.key_name == "row_"


def test_a_measure_that_differs_in_each_row_is_no_key() -> None:
    measure = [f"{i * 1.37:.2f}" for i in range(N)]

    assert found({"humid": measure, "y": ["a", "b"] * 60}).inputs == ("humid",)


def test_a_date_makes_the_day_the_block_and_parts_of_it_inputs() -> None:
    days = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(N)]

    problem = found({"date": days, "x": X, "y": X[::-1]})

    assert (problem.block_name, problem.inputs) == ("day", ("x", "weekday"))


def test_a_birth_date_is_no_time_of_the_row() -> None:
    days = [f"19{50 + i % 40}-0{1 + i % 9}-11" for i in range(N)]

    problem = found({"birth_date": days, "x": X, "y": X[::-1]})

    assert problem.time is None
    assert problem.left_out["birth_date"].startswith("is a date")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([""] * N, "has no value"),
        (["same"] * N, "is always 'same'"),
        ([f"words and words {i % 97}" for i in range(N)], "97 different texts"),
        (["1.5", *[""] * (N - 1)], "is always '1.5'"),
        ([f"{i}.25" if i < 5 else "" for i in range(N)], "has a value in 5 of 120 rows only"),
    ],
)
def test_what_cannot_be_an_input_is_left_out_with_a_reason(cells: list[str], why: str) -> None:
    problem = found({"odd": cells, "x": X, "y": ["a", "b"] * 60})

    assert problem.inputs == ("x",)
    assert why in problem.left_out["odd"]


def test_an_entity_that_comes_again_is_no_input_and_may_be_the_block() -> None:
    table = {"customer_id": [str(i % 40) for i in range(N)], "x": X, "y": ["a", "b"] * 60}

    assert "--block" in found(table).left_out["customer_id"]
    assert found(table, block="customer_id").block_name == "customer_id"


def test_rows_of_a_rare_class_and_without_a_target_are_left_out() -> None:
    labels = ["", "rare", *["a", "b"] * 59]

    problem = found({"x": X, "y": labels})

    assert (problem.classes, problem.rare) == (["a", "b"], ["rare"])
    assert len(problem.kept()) == 118


def test_columns_that_look_personal_are_named() -> None:
    table = {"e_mail": [f"u{i}@example.com" for i in range(N)], "name": ["A", "B"] * 60, "x": X}

    assert found(table | {"y": X[::-1]}).sensitive == ("e_mail", "name")


@pytest.mark.parametrize(
    ("change", "named", "error", "message"),
    [
        ({}, {"target": "Y!"}, DeclarationError, "no column 'Y!'. Did you mean 'y'"),
        ({"y": ["a"] * N}, {}, DeclarationError, "at least two different values.*only 'a'"),
        ({"y": [""] * N}, {}, DeclarationError, "found none"),
        ({"y": [f"t{i}" for i in range(N)]}, {}, DeclarationError, "too many to be classes"),
        ({}, {"kind": "regression"}, DeclarationError, "a regression wants numbers"),
        ({"y": ["a", "b", "c"] * 40}, {"kind": "binary"}, DeclarationError, "wants two different"),
        ({}, {"key": "z"}, DeclarationError, "a key has another value in each row"),
        ({}, {"time": "x"}, DeclarationError, "expected dates"),
        ({}, {"block": "z"}, DeclarationError, "at least 30 different values"),
        ({}, {"block": "y"}, DeclarationError, "is the target"),
        ({"y": ["a", "b", *[""] * (N - 2)]}, {}, DataError, "with 10 rows each"),
        ({"x": ["1"] * N, "z": ["q"] * N}, {}, DataError, "no column is left"),
        ({"y": [*X[:30], *[""] * (N - 30)]}, {}, DataError, "at least 40 rows"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(
    change: dict[str, list[str]], named: dict[str, Any], error: type[Exception], message: str
) -> None:
    table = {"x": X, "z": ["p", "q"] * 60, "y": ["a", "b"] * 60} | change

    with pytest.raises(error, match=message):
        found(table, **named)
