"""The folder: whole or not at all, from origin or from what is known."""

import json
from pathlib import Path

import pytest

from mlops.dashboard import facts, site
from mlops.errors import DeclarationError
from mlops.registry.errors import RegistryError
from tests.conftest import Run
from tests.mlops.dashboard import world
from tests.mlops.dashboard.shown import Shown
from tests.mlops.dashboard.world import git
from tests.mlops.registry.conftest import clone

PAGES = {"index.html", "audit.html", "model.html", "data.html", "fairness.html"}


def shown(folder: Path, page: str) -> Shown:
    return Shown((folder / page).read_text())


def test_the_command_writes_it_beside_where_it_was_called(
    years: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (years / "docs").mkdir(exist_ok=True)
    monkeypatch.chdir(years / "docs")

    done = run(
        "mlops", "dashboard", "--output", "out", PYTHONPATH=str(Path(site.__file__).parents[2])
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(years / "docs/out/index.html")
    assert {path.name for path in (years / "docs/out").iterdir()} == PAGES | {"site.json"}


def test_site_json_holds_what_the_pages_show(years: Path) -> None:
    site.write(Path("out"))

    found = json.loads(Path("out/site.json").read_text())
    assert (found["model"], found["champion"], found["current"]) == ("late-arrival", "1.2.1", False)
    assert [one["version"] for one in found["versions"]][-1] == "1.2.1"
    assert [one["outcome"] for one in found["looks"]].count("alarm") == 3
    assert found["delivery"]["merges"]["endings"]["promoted"] == 5
    assert found["versions"][-1]["metrics"]["roc_auc"]["value"] == 0.7571
    assert facts.Facts.model_validate(found).release("1.2.0") is not None


def test_the_same_git_gives_the_same_pages(years: Path) -> None:
    site.write(Path("one"))
    site.write(Path("other"))

    for page in Path("one").iterdir():
        assert page.read_bytes() == Path("other", page.name).read_bytes()


def test_an_older_dashboard_is_replaced(years: Path) -> None:
    site.write(Path("out"))
    Path("out/backtest.html").write_text("of last year")

    site.write(Path("out"))

    assert {path.name for path in Path("out").iterdir()} == PAGES | {"site.json"}


def test_a_folder_of_something_else_is_left_alone(years: Path) -> None:
    Path("docs").mkdir(exist_ok=True)
    Path("docs/mine.md").write_text("mine")

    with pytest.raises(DeclarationError, match="docs holds something that is no dashboard"):
        site.write(Path("docs"))
    assert Path("docs/mine.md").read_text() == "mine"


def test_what_breaks_off_leaves_the_older_one(years: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write(Path("out"))
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    git("tag", "-d", "late-arrival@v1.2.0")

    def full(path: Path, content: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site, "write_json", full)
    with pytest.raises(OSError, match="No space"):
        site.write(Path("out"))
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    assert [path.name for path in Path().glob(".out*")] == []


def test_origin_s_branch_tags_and_ledger_are_asked(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("clone", "-q", "--bare", str(told), str(tmp_path / "origin.git"))
    clone(tmp_path / "origin.git", tmp_path / "ann", "Ann")
    monkeypatch.chdir(tmp_path / "ann")
    git("tag", "-d", *git("tag", "--list").split())
    git("update-ref", "-d", "refs/remotes/origin/history")
    git("update-ref", "refs/remotes/origin/main", "main~1")

    site.write(Path("out"))

    found = json.loads(Path("out/site.json").read_text())
    assert found["current"]
    assert found["champion"] == "1.2.1"
    assert len(found["looks"]) == 8
    assert found["commit"] == git("rev-parse", "main")
    assert "Not up to date" not in Path("out/index.html").read_text()


def test_without_origin_it_says_so_and_not_where_origin_was(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone(told, tmp_path / "ann", "Ann"))
    git("remote", "set-url", "origin", str(tmp_path / "secret.git"))

    site.write(Path("out"))

    assert "not up to date, only what is known here: origin (" in capsys.readouterr().out
    found = json.loads(Path("out/site.json").read_text())
    assert (found["current"], found["champion"], len(found["looks"])) == (False, "1.2.1", 8)
    assert "Not up to date" in shown(Path("out"), "audit.html").rest
    assert "secret" not in "".join(page.read_text() for page in Path("out").iterdir())


def test_a_bare_copy_says_what_will_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build(tmp_path, world.short)
    monkeypatch.chdir(tmp_path)

    site.write(Path("out"))

    overview = shown(Path("out"), "index.html")
    assert "There is no champion yet" in overview.rest
    assert "<svg" not in Path("out/index.html").read_text()
    for part in (
        "Lead time",
        "Every champion",
        "Every look",
        "What the gates said",
        "How the last",
    ):
        assert part in overview.rest
    assert "There is no champion yet" in shown(Path("out"), "model.html").rest
    assert "Nothing has been promoted yet" in shown(Path("out"), "audit.html").rest


def test_a_commit_without_cards_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build(tmp_path, world.short)
    monkeypatch.chdir(tmp_path)
    git("rm", "-q", "-r", "reports", "metrics", "data.dvc")
    git("commit", "-q", "-m", "nothing")

    site.write(Path("out"))

    assert "no reports/model_card.md" in shown(Path("out"), "model.html").rest
    assert "no reports/data_card.md" in shown(Path("out"), "data.html").rest
    assert "no metrics/fairness.json" in shown(Path("out"), "fairness.html").rest


def test_without_a_commit_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    git("init", "-q")

    with pytest.raises(RegistryError, match=r"no commit here.*commit first"):
        site.write(Path("out"))
    assert not Path("out").exists()


def test_the_backtest_of_the_work_tree_has_its_place(years: Path) -> None:
    assert "backtest.html" not in written("index.html").links
    Path("reports/backtest").mkdir(parents=True)
    Path("reports/backtest/backtest.html").write_text("<!DOCTYPE html>a year")

    assert "backtest.html" in written("audit.html").links
    assert Path("out/backtest.html").read_text() == "<!DOCTYPE html>a year"


def written(page: str) -> Shown:
    site.write(Path("out"))
    return shown(Path("out"), page)


def test_a_champion_whose_version_is_gone_is_an_error_on_the_page(years: Path) -> None:
    git("tag", "-d", "late-arrival@v1.2.1")

    found = written("index.html")

    assert "is named the champion, and no tag stands for that version" in found.rest
    assert "champion.version" not in found.figures
    assert json.loads(Path("out/site.json").read_text())["champion"] == ""


def test_who_held_the_stage_before_has_it_when_it_is_taken_away(years: Path) -> None:
    withdraw(8, "1.2.1")

    assert written("index.html").figures["champion.version"].text == "1.1.1"
    withdraw(9, "1.1.1")
    withdraw(10, "1.2.0")
    withdraw(11, "1.1.0")
    withdraw(12, "1.0.0")
    assert "There is no champion yet" in written("index.html").rest
    found = json.loads(Path("out/site.json").read_text())
    assert (found["reigns"][-1]["ended"], found["audit"][0]["kind"]) == ("withdrawn", "withdrawn")


def withdraw(number: int, version: str) -> None:
    commit = git("rev-parse", f"late-arrival@v{version}^{{commit}}")
    git("tag", "-a", f"late-arrival#champion!#{number}", commit, "-m", "not good enough")


def test_files_that_cannot_be_read_are_passed_over(years: Path) -> None:
    git("checkout", "-q", "late-arrival@v1.2.1")
    broken = {
        "metrics/test.json": '{"roc_auc": "good", "interval": {"roc_auc": {"low": 0.1}}}',
        "metrics/fairness.json": '{"carrier": {"groups": 3}, "origin": {"groups": {}}}',
        "reports/plots/importance.csv": "feature,loss\nseats,much\npressure,nan\ntemp,0.5\n",
        "data.dvc": "outs: []\n",
        "params.yaml": Path("params.yaml").read_text().replace("gates:", "doors:"),
    }
    text = Path("params.yaml").read_text()
    for name, content in broken.items():
        Path(name).write_text(content)
    git("commit", "-q", "-a", "-m", "broken")
    git("tag", "-f", "-a", "late-arrival@v1.2.1", "-m", "by hand")
    git("update-ref", "refs/heads/main", "HEAD")
    Path("params.yaml").write_text(text)

    assert "roc_auc" not in written("fairness.html").rest
    found = json.loads(Path("out/site.json").read_text())
    assert found["champion"] == ""  # the stage's tag is on another commit
    assert (found["versions"][-1]["metrics"], found["versions"][-1]["data"]) == ({}, "")
    assert [metric["name"] for metric in found["metrics"]] == ["roc_auc"]
