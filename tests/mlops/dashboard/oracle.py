"""Every figure of the dashboard once more, from plain git and JSON, with nothing of src/mlops.

Slow and simple on purpose: a list, a loop, a condition.
"""

import json
import re
import statistics
import subprocess
from datetime import UTC, datetime
from typing import Any

from tests.mlops.dashboard.shown import Figure

Figures = dict[str, Figure]
DASH = "–"
SCORES = ("roc_auc", "average_precision", "brier")
GLYPHS = {"steady": "✓", "alarm": "!", "no data": "–", "failed": "×"}


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


class Told:
    """The tags, lines and commits, as plain dictionaries."""

    def __init__(self) -> None:
        self.tip = git("rev-parse", "main").strip()
        self.versions: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        form = "%(refname:short)%00%(*objectname)%00%(taggerdate:unix)%00%(taggername)%00"
        for entry in git("for-each-ref", f"--format={form}%(contents)%01", "refs/tags").split("\1"):
            if entry.strip():
                self._tag(*entry.strip("\n").split("\0"))
        self.events.sort(key=lambda event: event["number"])
        for event in self.events:
            here = [v for v, one in self.versions.items() if one["commit"] == event["commit"]]
            event["version"] = here[-1] if here else ""
        self.pulls = self._lines("pulls")
        self.merges = self._lines("merges")
        self.looks = self._lines("looks")
        self.reigns = self._reigns()
        self.promoted = [event for event in self.events if event["kind"] == "promotion"]
        times = [committed(self.tip)]
        times += [event["at"] for event in [*self.events, *self.versions.values()]]
        times += [line["at"] for line in [*self.pulls, *self.merges, *self.looks]]
        self.newest = max(times)

    def _tag(self, name: str, commit: str, seconds: str, by: str, message: str) -> None:
        record = json.loads(message[message.index("{") :]) if "{" in message else None
        one = {
            "commit": commit,
            "at": datetime.fromtimestamp(int(seconds), UTC),
            "record": record,
            "by": record["by"] if record else by,
            "run": record["run"] if record else "",
        }
        if "@v" in name:
            self.versions[name.split("@v")[1]] = one | data_of(commit)
            ordered = sorted(self.versions, key=lambda v: [int(part) for part in v.split(".")])
            self.versions = {version: self.versions[version] for version in ordered}
            return
        kind = record["kind"] if record else "withdrawn" if "!" in name else "by hand"
        one["kind"], one["number"] = kind, int(name.split("#")[2])
        one["reason"] = record["reason"] if record else message.strip()
        one["hold"] = bool(record and record["hold"])
        self.events.append(one)

    def _lines(self, file: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for text in git("show", f"history:{file}.jsonl").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            again = [x for x in found if line.get("run") and x.get("run") == line["run"]]
            if again:  # the same run, started once more
                found[found.index(again[0])] = line
            else:
                found.append(line)
        for line in found:
            line["at"] = datetime.fromisoformat(line["at"])
        return sorted(found, key=lambda line: line["at"])

    def _reigns(self) -> list[dict[str, Any]]:
        stack: list[str] = []  # whoever was assigned and did not lose the stage since
        reigns: list[dict[str, Any]] = []
        for event in self.events:
            before = stack[-1] if stack else None
            if event["kind"] == "withdrawn":
                stack = [version for version in stack if version != event["version"]]
            else:
                stack.append(event["version"])
            now = stack[-1] if stack else None
            if now != before:
                if before is not None:
                    reigns[-1]["until"], reigns[-1]["ended"] = event["at"], event["kind"]
                if now is not None:
                    reigns.append(event | {"version": now, "until": None, "ended": None})
        return reigns

    @property
    def champion(self) -> dict[str, Any] | None:
        return self.reigns[-1] if self.reigns and self.reigns[-1]["until"] is None else None


def committed(commit: str) -> datetime:
    return datetime.fromtimestamp(int(git("show", "-s", "--format=%ct", commit)), UTC)


def data_of(commit: str) -> dict[str, str]:
    text = git("show", f"{commit}:data.dvc")
    md5, through = re.search(r"md5: (\S+)", text), re.search(r"through: (\S+)", text)
    assert md5
    assert through
    return {"md5": md5[1], "through": through[1]}


def scores_of(commit: str) -> dict[str, Any]:
    return dict(json.loads(git("show", f"{commit}:metrics/test.json")))


def floors_of(commit: str) -> dict[str, str]:
    text = git("show", f"{commit}:params.yaml")
    block = re.search(r"^  floors:.*\n((?:    \w+: [\d.]+\n)+)", text, re.MULTILINE)
    assert block
    return dict(re.findall(r"(\w+): ([\d.]+)", block[1]))


def plain(text: object) -> Figure:
    return Figure(str(text) or DASH, str(text) or DASH)


def named(text: str) -> Figure:
    return Figure(text, text)


def time(at: datetime) -> Figure:
    return Figure(at.strftime("%Y-%m-%d %H:%M"), at.isoformat())


def short(sha: str) -> Figure:
    return Figure(sha[:12], sha)


def count(number: int, noun: str) -> Figure:
    return Figure(f"{number} {noun}" if number == 1 else f"{number} {noun}s", str(number))


def score(value: float) -> Figure:
    return Figure(f"{value:.4f}", str(round(value, 6)))


def share(part: int, whole: int) -> Figure:
    if not whole:
        return Figure(DASH, DASH)
    percent = f"{part / whole * 100:.0f} %" if part in (0, whole) else f"{part / whole * 100:.1f} %"
    return Figure(percent, str(round(part / whole, 6)))


def took(seconds: float | None) -> Figure:
    if seconds is None:
        return Figure(DASH, DASH)
    if seconds < 120:
        text = f"{seconds:.0f} s"
    elif seconds < 7200:
        text = f"{seconds / 60:.0f} min"
    elif seconds < 172800:
        text = f"{seconds / 3600:.1f} h"
    else:
        text = f"{seconds / 86400:.1f} days"
    return Figure(text, str(seconds))


def minutes(spent: float | None) -> Figure:
    if spent is None:
        return Figure(DASH, DASH)
    return Figure(f"{spent:,.1f} min", str(round(spent, 6)))


def overview(told: Told) -> Figures:
    """index.html"""
    return (
        of_the_site(told)
        | of_the_champion(told)
        | of_the_reigns(told)
        | of_the_versions(told)
        | of_delivery(told)
        | of_promotions(told)
        | of_months(told)
        | of_looks(told)
        | of_episodes(told)
        | of_pulls(told)
        | of_merges(told)
        | of_data(told)
    )


def of_the_site(told: Told) -> Figures:
    """On every page."""
    return {"site.commit": short(told.tip), "site.newest": time(told.newest)}


def of_the_champion(told: Told) -> Figures:
    reign = told.champion
    if reign is None:
        return {}
    commit = told.versions[reign["version"]]["commit"]
    image = told.versions[reign["version"]]["record"].get("image")
    ahead = int(git("rev-list", "--count", "--first-parent", f"{commit}..main"))
    found = {
        "champion.version": plain(reign["version"]),
        "champion.since": time(reign["at"]),
        "champion.by": plain(reign["by"]),
        "champion.reason": plain(reign["reason"]),
        "champion.through": plain(data_of(commit)["through"]),
        "champion.data": short(data_of(commit)["md5"]),
        "champion.commit": short(commit),
        "champion.ahead": count(ahead, "commit"),
    }
    if image:
        reference = f"{image['name']}@{image['digest']}"
        found["champion.image"] = Figure(image["digest"].split(":")[1][:12], reference)
    scores, floors = scores_of(commit), floors_of(told.tip)
    for name in SCORES:
        found[f"champion.{name}"] = score(scores[name])
        found[f"champion.{name}.low"] = score(scores["interval"][name]["low"])
        found[f"champion.{name}.high"] = score(scores["interval"][name]["high"])
        found[f"floor.{name}"] = Figure(floors[name], floors[name])
    recorded = [event for event in told.events if event["record"] and event["kind"] != "withdrawn"]
    if recorded and recorded[-1]["hold"]:
        found["hold.by"] = plain(recorded[-1]["by"])
        found["hold.since"] = time(recorded[-1]["at"])
        found["hold.reason"] = plain(recorded[-1]["reason"])
    return found


def of_the_reigns(told: Told) -> Figures:
    found: Figures = {}
    lanes: list[str] = []
    for reign in told.reigns:
        if reign["version"] not in lanes:
            lanes.append(reign["version"])
    for number, reign in enumerate(told.reigns, start=1):
        until = reign["until"]
        if reign["version"] in lanes[-20:]:
            ends = f"{reign['at'].isoformat()} {until.isoformat() if until else ''}"
            found[f"reign.{number}.bar"] = Figure("", ends)
            found[f"lane.{reign['version']}"] = plain(reign["version"])
        if number <= len(told.reigns) - 20:
            continue
        found[f"reign.{number}.version"] = plain(reign["version"])
        found[f"reign.{number}.from"] = time(reign["at"])
        if until:
            found[f"reign.{number}.to"] = time(until)
        found[f"reign.{number}.kind"] = plain(reign["kind"])
        found[f"reign.{number}.by"] = plain(reign["by"])
        found[f"reign.{number}.reason"] = plain(reign["reason"])
    return found | older("reigns", told.reigns)


def older(name: str, listed: list[Any], most: int = 20) -> Figures:
    return {f"{name}.older": plain(len(listed) - most)} if len(listed) > most else {}


def of_the_versions(told: Told) -> Figures:
    found = {}
    for version, one in list(told.versions.items())[-40:]:
        scores = scores_of(one["commit"])
        for name in SCORES:
            ends = scores["interval"][name]
            found[f"version.{version}.{name}"] = Figure(
                "", f"{scores[name]} {ends['low']} {ends['high']}"
            )
    return found


def of_delivery(told: Told) -> Figures:
    if not (told.promoted or told.pulls or told.merges or told.looks):
        return {}
    leads = [lead(event) for event in told.promoted]
    undone = [event for event in told.promoted if event["number"] in undone_by(told)]
    found = {
        "delivery.lead": took(statistics.median(leads) if leads else None),
        "delivery.promotions": count(len(leads), "promotion"),
        "delivery.per_month": Figure(DASH, DASH),
        "delivery.rolled_back": count(len(undone), "promotion"),
        "delivery.rolled_back.share": share(len(undone), len(leads)),
    }
    if told.promoted:
        rate = len(leads) / len(calendar(told.promoted[0]["at"], told.newest))
        found["delivery.per_month"] = Figure(f"{rate:.1f}", str(round(rate, 6)))
    pulls: dict[Any, str] = {}
    for place, line in enumerate(told.pulls):
        pulls[line.get("pull") or f"no {place}"] = line["decision"]
    decided = list(pulls.values())
    refused = decided.count("refused")
    found["delivery.pulls"] = plain(len(decided))
    found["delivery.pulls.refused"] = plain(refused)
    found["delivery.pulls.accepted"] = plain(decided.count("accepted"))
    found["delivery.pulls.inconclusive"] = plain(decided.count("inconclusive"))
    found["delivery.pulls.refused.share"] = share(refused, len(decided))
    found["delivery.verdicts"] = count(len(told.pulls), "verdict")
    ended = list({line["commit"]: line["ending"] for line in told.merges}.values())
    found["delivery.merges"] = plain(len(ended))
    for ending in set(ended):
        found[f"delivery.merges.{ending}"] = plain(ended.count(ending))
    found["delivery.merges.refused.share"] = share(ended.count("refused"), len(ended))
    episodes = episodes_of(told)
    over = [(until - since).total_seconds() for since, until, _ in episodes if until]
    found["delivery.recovery"] = took(statistics.median(over) if over else None)
    found["delivery.episodes"] = count(len(episodes), "episode")
    found["delivery.episodes.open"] = plain(len(episodes) - len(over))
    lines = [*told.pulls, *told.merges, *told.looks]
    spent = spent_by(told)
    since = spent.pop(0)
    average = sum(spent.values()) / len(spent) if spent else None
    found["delivery.minutes"] = minutes(sum(line.get("minutes") or 0 for line in lines))
    found["delivery.minutes.since"] = minutes(since)
    found["delivery.minutes.per_version"] = minutes(average)
    unknown = [line for line in lines if line.get("minutes") is None]
    if unknown:
        found["delivery.minutes.unknown"] = count(len(unknown), "run")
    return found


def lead(event: dict[str, Any]) -> float:
    return float((event["at"] - committed(event["commit"])).total_seconds())


def undone_by(told: Told) -> set[int]:
    """For each rollback, the newest promotion before it of the version that it took the stage from.

    A version that had come back by another rollback was promoted earlier still.
    """
    found = set()
    for reign in told.reigns:
        if reign["ended"] == "rollback":
            began = reign["number"]
            numbers = [
                event["number"]
                for event in told.promoted
                if event["version"] == reign["version"] and event["number"] <= began
            ]
            if numbers:
                found.add(max(numbers))
    return found


def calendar(first: datetime, last: datetime) -> list[str]:
    months = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        months.append(f"{year}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def spent_by(told: Told) -> dict[int, float]:
    """Minutes by the number of the promotion that they led to; 0 for none yet."""
    spent = {event["number"]: 0.0 for event in told.promoted} | {0: 0.0}
    for line in [*told.pulls, *told.merges, *told.looks]:
        number = 0
        for event in reversed(told.promoted):
            if event["at"] >= line["at"]:
                number = event["number"]
        if line.get("ending") == "promoted":
            for event in reversed(told.promoted):
                if event["version"] == line.get("version"):
                    number = event["number"]
        spent[number] += line.get("minutes") or 0.0
    return spent


def of_promotions(told: Told) -> Figures:
    found: Figures = {}
    spent, undone = spent_by(told), undone_by(told)
    for event in told.promoted[-20:]:
        name = f"promotion.{event['number']}"
        found[f"{name}.version"] = plain(event["version"])
        found[f"{name}.merged"] = time(committed(event["commit"]))
        found[f"{name}.champion"] = time(event["at"])
        found[f"{name}.lead"] = took(lead(event))
        found[f"{name}.minutes"] = minutes(spent[event["number"]])
        if event["number"] in undone:
            found[f"{name}.undone"] = Figure("rolled back", "yes")
    return found | older("promotions", told.promoted)


def of_months(told: Told) -> Figures:
    times = [event["at"] for event in told.events]
    times += [line["at"] for line in [*told.pulls, *told.merges, *told.looks]]
    if not times:
        return {}
    months = calendar(min(times), max(times))
    found: Figures = {}
    for month in months[-24:]:
        kinds = [e["kind"] for e in told.events if e["at"].strftime("%Y-%m") == month]
        found[f"month.{month}"] = plain(month)
        found[f"month.{month}.promotions"] = plain(kinds.count("promotion"))
        found[f"month.{month}.rollbacks"] = plain(kinds.count("rollback"))
        for name in ("pulls", "merges", "looks"):
            lines = [x for x in getattr(told, name) if x["at"].strftime("%Y-%m") == month]
            found[f"month.{month}.{name}"] = minutes(sum(x.get("minutes") or 0 for x in lines))
    return found | older("months", months, 24)


def of_looks(told: Told) -> Figures:
    found: Figures = {}
    for number, look in enumerate(told.looks, start=1):
        name = f"look.{number}"
        month = look["at"].strftime("%Y-%m")
        found[f"looks.{month}"] = plain(month)
        found[f"{name}.mark"] = Figure(GLYPHS[look["outcome"]], look["outcome"])
        found[f"{name}.at"] = time(look["at"])
        found[f"{name}.outcome"] = plain(look["outcome"])
        found[f"{name}.rows"] = Figure(f"{look.get('rows', 0):,}", str(look.get("rows", 0)))
        found[f"{name}.champion"] = plain(look.get("champion", ""))
        found[f"{name}.drifted"] = plain(", ".join(look.get("drifted", [])))
        found[f"{name}.summary"] = plain(look["summary"])
        if look.get("first"):
            found[f"{name}.blocks"] = plain(f"{look['first']} to {look['last']}")
    seen = [(n, x) for n, x in enumerate(told.looks, start=1) if "roc_auc" in x.get("metrics", {})]
    for number, look in seen[-60:]:
        found[f"look.{number}.arrived"] = Figure("", str(look["metrics"]["roc_auc"]))
        if "roc_auc" in look.get("held_out", {}):
            found[f"look.{number}.held_out"] = Figure("", str(look["held_out"]["roc_auc"]))
    return found


def episodes_of(told: Told) -> list[tuple[datetime, datetime | None, list[str]]]:
    telling = [look for look in told.looks if look["outcome"] in ("alarm", "steady")]
    found = []
    for place, look in enumerate(telling):
        if look["outcome"] == "steady" or (place and telling[place - 1]["outcome"] == "alarm"):
            continue
        until, moved, sections = None, [], []
        for later in telling[place:]:
            if later["outcome"] == "steady":
                until = later["at"]
                break
            moved += [name for name in later.get("drifted", []) if name not in moved]
            sections += [name for name in later.get("reasons", []) if name not in sections]
        found.append((look["at"], until, moved or sections))
    return found


def of_episodes(told: Told) -> Figures:
    found: Figures = {}
    episodes = episodes_of(told)
    for number, (since, until, moved) in list(enumerate(episodes, start=1))[-20:]:
        found[f"episode.{number}.since"] = time(since)
        found[f"episode.{number}.drifted"] = named(", ".join(moved))
        seconds = (until - since).total_seconds() if until else None
        found[f"episode.{number}.seconds"] = took(seconds)
        if until:
            found[f"episode.{number}.until"] = time(until)
    return found | older("episodes", episodes)


def of_verdict(name: str, line: dict[str, Any]) -> Figures:
    found = {}
    for gate, outcome in line["gates"].items():
        if outcome not in ("pass", "not applicable"):
            found[f"{name}.gate.{gate}"] = Figure(gate, outcome)
    for gate, by in line.get("overridden", {}).items():
        found[f"{name}.override.{gate}"] = Figure(f"{gate} by {by}", by)
    return found


def of_pulls(told: Told) -> Figures:
    found: Figures = {}
    for number, line in list(enumerate(told.pulls, start=1))[-20:]:
        name = f"pull.{number}"
        found[f"{name}.at"] = time(line["at"])
        found[f"{name}.decision"] = plain(line["decision"])
        found[f"{name}.against"] = plain(line.get("champion") or "")
        if line.get("pull"):
            found[f"{name}.pull"] = Figure(f"#{line['pull']}", str(line["pull"]))
        found |= of_verdict(name, line)
    return found | older("pulls", told.pulls)


def of_merges(told: Told) -> Figures:
    found: Figures = {}
    for number, line in list(enumerate(told.merges, start=1))[-20:]:
        name = f"merge.{number}"
        found[f"{name}.at"] = time(line["at"])
        found[f"{name}.commit"] = short(line["commit"])
        found[f"{name}.ending"] = plain(line["ending"])
        found[f"{name}.version"] = plain(line.get("version") or "")
        found[f"{name}.why"] = plain(line["why"])
        found |= of_verdict(name, line["verdict"]) if line.get("verdict") else {}
    return found | older("merges", told.merges)


def of_data(told: Told) -> Figures:
    states: list[tuple[str, dict[str, str]]] = []
    for commit in reversed(git("log", "--first-parent", "--format=%H", "main").split()):
        pinned = data_of(commit)
        if not states or states[-1][1] != pinned:
            states.append((commit, pinned))
    found: Figures = {}
    for number, (commit, pinned) in list(enumerate(states, start=1))[-20:]:
        made = [v for v, one in told.versions.items() if one["md5"] == pinned["md5"]]
        found[f"data.{number}.at"] = time(committed(commit))
        found[f"data.{number}.through"] = plain(pinned["through"])
        found[f"data.{number}.md5"] = short(pinned["md5"])
        found[f"data.{number}.commit"] = short(commit)
        found[f"data.{number}.versions"] = plain(", ".join(made))
    return found | older("data", states)


def periods(told: Told) -> Figures:
    """Of audit.html, all but the log."""
    found = of_the_site(told)
    found["lineage.at"] = named(told.newest.strftime("%Y-%m-%dT%H:%M:%S"))
    for number, reign in enumerate(told.reigns, start=1):
        one = told.versions[reign["version"]]
        approved: list[str] = []
        for approval in one["record"]["approvals"]:
            approved += [approval["by"]] if approval["by"] not in approved else []
        name = f"period.{number}"
        found[f"{name}.from"] = time(reign["at"])
        if reign["until"]:
            found[f"{name}.to"] = time(reign["until"])
        found[f"{name}.version"] = plain(reign["version"])
        found[f"{name}.through"] = plain(one["through"])
        found[f"{name}.data"] = short(one["md5"])
        found[f"{name}.approved"] = plain(", ".join(approved))
    return found


def log(told: Told) -> list[Figures]:
    """The entries of the audit log in no particular order; the names without their numbers."""
    found: list[Figures] = []
    for version, one in told.versions.items():
        for approval in one["record"]["approvals"]:
            entry = {
                "kind": plain("approval"),
                "at": time(one["at"]),
                "by": plain(approval["by"]),
                "what": plain(approval["on"]),
                "version": plain(version),
            }
            found.append(entry | evidence(one))
    for event in told.events:
        entry = {
            "kind": plain(event["kind"]),
            "at": time(event["at"]),
            "by": plain(event["by"]),
            "what": plain(event["reason"]),
            "version": plain(event["version"]),
        }
        if event["hold"]:
            entry["hold"] = Figure("hold", "yes")
        found.append(entry | evidence(told.versions[event["version"]]))
    judged = [(line, "") for line in told.pulls]
    judged += [(x["verdict"], x.get("version", "")) for x in told.merges if x.get("verdict")]
    for line, version in judged:
        for gate, by in line.get("overridden", {}).items():
            at = line["at"]
            entry = {
                "kind": plain("override"),
                "gate": plain(gate),
                "at": time(datetime.fromisoformat(at) if isinstance(at, str) else at),
                "by": plain(by),
                "commit": short(line["commit"]),
                "data": short(line["data"]),
            }
            if line.get("reasons"):
                entry["what"] = plain(line["reasons"][gate])
            if version:
                entry["version"] = plain(version)
            if line.get("pull"):
                entry["pull"] = Figure(f"#{line['pull']}", str(line["pull"]))
            found.append(entry)
    return found


def evidence(one: dict[str, Any]) -> Figures:
    found = {
        "commit": short(one["commit"]),
        "through": plain(one["through"]),
        "data": short(one["md5"]),
        "verdict": short(one["record"]["verdict"]["sha256"]),
    }
    image = one["record"].get("image")
    if image:
        reference = f"{image['name']}@{image['digest']}"
        found["image"] = Figure(image["digest"].split(":")[1][:12], reference)
    return found


def of_the_card(told: Told) -> Figures:
    """Whose card, on the pages that show one."""
    reign = told.champion
    if reign is None:
        return of_the_site(told) | {"card.commit": short(told.tip)}
    found = {"card.version": plain(reign["version"]), "card.commit": short(reign["commit"])}
    return of_the_site(told) | found


def of_the_model(told: Told) -> Figures:
    """model.html"""
    commit = told.champion["commit"] if told.champion else told.tip
    found = of_the_card(told)
    for line in git("show", f"{commit}:reports/plots/importance.csv").splitlines()[1:][:20]:
        feature, loss = line.split(",")
        found[f"importance.{feature}"] = score(float(loss))
    return found


def of_fairness(told: Told) -> Figures:
    """fairness.html"""
    commit = told.champion["commit"] if told.champion else told.tip
    found = of_the_card(told)
    for slice_, content in json.loads(git("show", f"{commit}:metrics/fairness.json")).items():
        for group, values in content["groups"].items():
            name = f"fairness.{slice_}.group.{group}"
            found[name] = plain(group)
            for measure in ("rows", "outcome_rate", "forecast", "selection_rate"):
                value = values[measure]
                if value is None:
                    found[f"{name}.{measure}"] = Figure(DASH, DASH)
                elif measure == "rows":
                    found[f"{name}.{measure}"] = Figure(f"{value:,}", str(float(value)))
                else:
                    found[f"{name}.{measure}"] = score(value)
        for measure, one in content["differences"].items():
            name = f"fairness.{slice_}.{measure}"
            found[name] = score(one["value"])
            found[f"{name}.largest"] = plain(one.get("largest", ""))
            found[f"{name}.smallest"] = plain(one.get("smallest", ""))
            if one["low"] is not None:
                found[f"{name}.low"] = score(one["low"])
                found[f"{name}.high"] = score(one["high"])
    return found
