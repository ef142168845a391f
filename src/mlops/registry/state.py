"""The registry as the tags state it: which versions there are, and which one is the champion."""

import re
from dataclasses import dataclass, field

from mlops import params
from mlops.registry import tags
from mlops.registry.errors import RegistryError
from mlops.registry.record import Assignment, Version
from mlops.registry.tags import Tag

CHAMPION = "champion"
VERSION = r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"


@dataclass(frozen=True)
class Released:
    """A version, and how it came to be; no record where its tag was made by hand."""

    version: str
    tag: Tag
    record: Version | None


@dataclass(frozen=True)
class Assigned:
    """A version that was made the champion, and why; no record where that was done by hand.

    `version` is empty when the tag stands on a commit that is no version.
    """

    number: int
    version: str
    tag: Tag
    record: Assignment | None


@dataclass(frozen=True)
class State:
    """All that the tags of a model say."""

    model: str
    versions: list[Released]
    """From the lowest to the highest."""
    assignments: list[Assigned]
    """Who became champion, by number."""
    number: int
    """The highest number of any stage tag; 0 for none."""
    withdrawals: list[Assigned] = field(default_factory=list)
    """Which version the stage was taken from, by number; only `gto deprecate` by hand does that."""

    @property
    def current(self) -> Assigned | None:
        """The assignment that holds: the newest whose version did not lose the stage since."""
        lost = {one.version: one.number for one in self.withdrawals}
        held = (one for one in self.assignments if one.number > lost.get(one.version, 0))
        return max(held, key=lambda one: one.number, default=None)

    @property
    def champion(self) -> Released | None:
        """The version that the present assignment names; None when there is none.

        Raises RegistryError when that version is not there: nobody should guess then.
        """
        return self.of(self.current) if self.current else None

    @property
    def hold(self) -> Assigned | None:
        """The assignment that keeps merges from moving the champion, until one lifts that."""
        said = next((a for a in reversed(self.assignments) if a.record), None)
        return said if said and said.record and said.record.hold else None

    @property
    def newest(self) -> Released | None:
        """The highest version, champion or not."""
        return self.versions[-1] if self.versions else None

    def of(self, assigned: Assigned) -> Released:
        """The version of an assignment; RegistryError when its tag is gone."""
        for released in self.versions:
            if released.version == assigned.version:
                return released
        missing = f"version {assigned.version}" if assigned.version else "a commit"
        raise RegistryError(
            f"{assigned.tag.name} says that {missing} is the champion, and no tag "
            f"{self.model}@v… stands for it; restore the tag that was deleted, or make a version "
            f"that is there the champion with `mlops rollback VERSION --reason TEXT`"
        )

    def find(self, text: str) -> Released:
        """The version that is meant: `1.2.0`, `v1.2.0`, a tag's name, or `champion`.

        Raises RegistryError that names the versions there are.
        """
        if text == CHAMPION and self.champion:
            return self.champion
        for released in self.versions:
            if text in (released.version, f"v{released.version}", released.tag.name):
                return released
        for assigned in self.assignments:
            if text == assigned.tag.name:
                return self.of(assigned)
        known = ", ".join(released.version for released in self.versions)
        raise RegistryError(
            f"{text!r} is no version of {self.model}; there are {known}, or `{CHAMPION}`"
            if known
            else f"{text!r} is no version of {self.model}: nothing has been promoted yet"
        )

    def made_for(self, commit: str, lock: str) -> Released | None:
        """The version made of this commit and this dvc.lock (its sha256), if there is one."""
        for released in reversed(self.versions):
            record = released.record
            if record and (record.commit, record.facts.lock) == (commit, lock):
                return released
        return None


def read(*, remote: bool) -> State:
    """The state that the tags here give, or those of origin.

    Raises RegistryError when origin cannot be read, DeclarationError for a broken params.yaml.
    """
    model = params.load().serving.name
    return interpret(model, tags.read(model, remote=remote))


def interpret(model: str, found: list[Tag]) -> State:
    """The state that these tags give. What is no version and no stage is left out."""
    name = re.escape(model)
    released: list[Released] = []
    assigned: dict[int, Tag] = {}
    withdrawn: dict[int, Tag] = {}
    numbers = [0]
    for tag in found:
        if version := re.fullmatch(rf"{name}@v({VERSION})", tag.name):
            released.append(_released(model, version[1], tag))
        elif stage := re.fullmatch(rf"{name}#([A-Za-z0-9/_-]+)(!?)#(\d+)", tag.name):
            numbers.append(int(stage[3]))
            if stage[1] == CHAMPION:
                (withdrawn if stage[2] else assigned)[int(stage[3])] = tag
    released.sort(key=lambda one: order(one.version))
    return State(
        model,
        released,
        [_assigned(model, released, number, tag) for number, tag in sorted(assigned.items())],
        max(numbers),
        [_assigned(model, released, number, tag) for number, tag in sorted(withdrawn.items())],
    )


def order(version: str) -> tuple[int, ...]:
    """What versions are sorted by."""
    return tuple(map(int, version.split(".")))


def _released(model: str, version: str, tag: Tag) -> Released:
    record = Version.of(tag.message)
    said = record and (record.name, record.version, record.commit)
    return Released(version, tag, record if said == (model, version, tag.commit) else None)


def _assigned(model: str, released: list[Released], number: int, tag: Tag) -> Assigned:
    """Its record's version when that is on the tag's commit, else the newest that is, as in GTO."""
    here = [one.version for one in released if one.tag.commit == tag.commit]
    record = Assignment.of(tag.message)
    if record and (record.name, record.number) == (model, number) and record.version in here:
        return Assigned(number, record.version, tag, record)
    return Assigned(number, here[-1] if here else "", tag, None)
