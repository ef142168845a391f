"""The tags of a model, as GTO names them: `NAME@v1.2.0` is a version, `NAME#champion#3` a stage.

Git is the registry. A tag is annotated, made on origin by compare-and-swap, and never moved or
deleted: of two who make the same tag at once, one wins and the other is told who did.
"""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops import git
from mlops.registry.errors import ForeignWorkflowsError, RegistryError, TakenError


@dataclass(frozen=True)
class Tag:
    """A tag, and what it says."""

    name: str
    commit: str
    message: str
    """Empty for a tag without one, which `git tag NAME` makes."""
    by: str
    at: datetime


def version_tag(model: str, version: str) -> str:
    """The tag of a version such as 1.2.0."""
    return f"{model}@v{version}"


def stage_tag(model: str, number: int, stage: str = "champion") -> str:
    """The tag that gives a stage; `number` counts all stage tags of the model."""
    return f"{model}#{stage}#{number}"


def read(model: str, *, remote: bool) -> list[Tag]:
    """Every tag of the model by name; of this repository, or exactly what origin has.

    What origin has and this repository lacks is brought here, too. Raises RegistryError when origin
    cannot be read.
    """
    patterns = _patterns(model)
    here = _here(*patterns)
    if not remote:
        return _tags(here)
    there = _listed(git.origin("ls-remote", "--tags", "--refs", "origin", *patterns))
    _bring({name: sha for name, sha in there.items() if here.get(name) != sha}, here)
    return _tags(there)


def create(name: str, commit: str, message: str, *, branch: str | None = None) -> None:
    """Make an annotated tag on origin, then here; the same tag being there already is success.

    With `branch`, origin gets a branch of that name at the commit as well, both or none. Raises
    TakenError when origin has another tag of that name, ForeignWorkflowsError when GitHub does not
    take one for this commit from a job, RegistryError when origin cannot be reached or refuses, or
    when this repository alone has such a tag. Then nothing was made here.
    """
    tag = _object(name, commit, message)
    here = _here(f"refs/tags/{name}")
    there = _at_origin(name)
    if name in here and name not in there:
        raise RegistryError(
            f"the tag {name} is in this repository and not on origin; it is not part of the "
            f"registry: look at it with `git show {name}`, then delete it with `git tag -d {name}`"
        )
    if name not in there:
        try:
            _push(name, tag, [f"{commit}:refs/heads/{branch}"] if branch else [])
        except RegistryError as refused:
            there = _at_origin(name)  # another's, made meanwhile, or this one, if the line broke
            if name not in there:
                raise _explained(name, commit, refused) from None
    if there.get(name, tag) != tag:
        raise _taken(name, there[name])
    _keep({name: tag})


def _push(name: str, tag: str, more: list[str]) -> None:
    """Push if origin has no tag of that name, which git asks for here, and origin itself again."""
    reference = f"refs/tags/{name}"
    options = ["--quiet", "--no-verify", "--no-follow-tags", f"--force-with-lease={reference}:"]
    git.origin("push", "--atomic", *options, "origin", f"{tag}:{reference}", *more)


def _explained(name: str, commit: str, refused: RegistryError) -> RegistryError:
    if "workflows` permission" not in str(refused) and "workflows permission" not in str(refused):
        return refused
    return ForeignWorkflowsError(
        f"GitHub does not take {name} from a job: a job may tag a commit only while some branch "
        f"ends in the same workflow files, and none does for {commit[:12]}. A person may: run the "
        f"command on your machine"
    )


def _taken(name: str, tag: str) -> TakenError:
    _bring({name: tag}, {})
    said = [
        f"{other.by} made it for commit {other.commit[:12]} at {other.at:%Y-%m-%d %H:%M:%S} UTC"
        for other in _tags({name: tag})
    ]
    return TakenError(
        name,
        f"{name} is taken: {said[0] if said else 'it is no commit'}; tags are never moved: start "
        f"again from what is there",
    )


def _object(name: str, commit: str, message: str) -> str:
    """The hash of a new tag object, which no reference leads to yet."""
    who, address = git.committer()
    tagger = f"{who} <{address}> {_time(name)} +0000"
    header = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n"
    content = f"{header}\n{message.rstrip()}\n".encode()
    made = subprocess.run(["git", "mktag"], input=content, capture_output=True, check=False)
    if made.returncode:
        raise RegistryError(
            f"git makes no tag {name} of {commit}: {made.stderr.decode(errors='replace').strip()}"
        )
    return made.stdout.decode().strip()


def _time(name: str) -> int:
    """Now, or just after the model's newest tag where a clock disagrees: GTO sorts by it."""
    model = re.split("[@#]", name)[0]
    newest = _asked(
        "for-each-ref", "--count=1", "--sort=-creatordate", "--format=%(creatordate:unix)",
        *_patterns(model),
    )  # fmt: skip
    return max(git.now(), int(newest or 0) + 1)


def _here(*patterns: str) -> dict[str, str]:
    return _listed(_asked("for-each-ref", "--format=%(objectname)%09%(refname)", *patterns))


def _at_origin(name: str) -> dict[str, str]:
    return _listed(git.origin("ls-remote", "--tags", "--refs", "origin", f"refs/tags/{name}"))


def _listed(lines: str) -> dict[str, str]:
    """By the tag's name, the hash of what it is, from lines `HASH<tab>refs/tags/NAME`."""
    pairs = (line.split("\t") for line in lines.splitlines())
    found = {name: sha for sha, name in pairs if name.startswith("refs/tags/")}
    return {name.removeprefix("refs/tags/"): sha for name, sha in sorted(found.items())}


def _bring(wanted: dict[str, str], here: dict[str, str]) -> None:
    """Fetch these tags of origin, and keep those whose name is free here."""
    if wanted:
        names = "".join(f"refs/tags/{name}\n" for name in wanted)
        git.origin(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--stdin",
            "origin",
            given=names,
        )
        _keep({name: sha for name, sha in wanted.items() if name not in here})


def _keep(tags: dict[str, str]) -> None:
    """Have these tags here, too; one that somebody else has just brought is left as it is."""
    for name, sha in tags.items():
        _asked("update-ref", f"refs/tags/{name}", sha, "0" * 40)


def _tags(listed: dict[str, str]) -> list[Tag]:
    """What each of these says; one of something else than a commit is none of the registry's."""
    found = map(_parsed, listed.items(), _objects(list(listed.values())))
    return [tag for tag in found if tag]


def _objects(hashes: list[str]) -> list[str]:
    """The content of each object."""
    asked = "".join(f"{sha}\n" for sha in hashes).encode()
    run = subprocess.run(
        ["git", "cat-file", "--batch"], input=asked, capture_output=True, check=True
    )
    left, found = run.stdout, []
    for _ in hashes:
        header, _, left = left.partition(b"\n")  # HASH KIND SIZE
        size = int(header.split()[2])
        found.append(left[:size].decode("utf-8", errors="replace"))
        left = left[size + 1 :]
    return found


def _parsed(listed: tuple[str, str], content: str) -> Tag | None:
    """A tag from its object, or from the commit that a tag without a message is."""
    (name, sha), (header, _, message) = listed, content.partition("\n\n")
    tagged = re.match(r"object (\w+)\ntype commit\n", header)
    who = re.search(r"^(tagger|committer) (.*?) ?<[^>]*> (\d+)", header, re.MULTILINE)
    if who is None or (who[1] == "tagger" and tagged is None):
        return None
    at = datetime.fromtimestamp(int(who[3]), UTC)
    return Tag(name, tagged[1], message, who[2], at) if tagged else Tag(name, sha, "", who[2], at)


def _patterns(model: str) -> tuple[str, str]:
    return f"refs/tags/{model}@*", f"refs/tags/{model}#*"


def _asked(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return run.stdout.decode("utf-8", errors="replace")
