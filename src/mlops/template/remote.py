"""The template's repository: which versions it has, and their objects."""

import os
import re
import subprocess
from dataclasses import dataclass

from mlops import git
from mlops.template.errors import TemplateError, UnreachableError
from mlops.template.store import Store, plain, reason

PATIENCE = 30.0  # seconds for an answer of a few kilobytes
_VERSION = re.compile(r"refs/tags/v(\d+\.\d+\.\d+)")


@dataclass(frozen=True)
class Template:
    """A template as its repository lists it."""

    address: str
    references: dict[str, str]
    """By full name the commit it means; HEAD is the default branch."""

    @property
    def versions(self) -> dict[str, str]:
        """The commits that bear a tag such as v1.2.0, by version, oldest first."""
        found = {
            told[1]: commit
            for name, commit in self.references.items()
            if (told := _VERSION.fullmatch(name))
        }
        return dict(sorted(found.items(), key=lambda pair: order(pair[0])))

    @property
    def newest(self) -> str | None:
        """The highest version; None where nothing is released."""
        return next(reversed(self.versions), None)

    def reference(self, name: str) -> str | None:
        """The full name of a version, with or without its v, or of a branch."""
        wanted = (f"refs/tags/v{name.removeprefix('v')}", f"refs/heads/{name}", name)
        return next((full for full in wanted if full in self.references), None)


def order(version: str) -> tuple[int, ...]:
    """By which versions are compared: 0.10.0 comes after 0.9.0."""
    return tuple(map(int, version.split(".")))


def ask(address: str) -> Template:
    """What the template has; nothing is fetched.

    Raises UnreachableError when its repository cannot be read.
    """
    store = Store(git.authentication())
    try:
        run = store.run("ls-remote", "--quiet", "--", address, patience=PATIENCE)
    except subprocess.TimeoutExpired:
        raise UnreachableError(
            f"the template ({plain(address)}) did not answer within {PATIENCE:g} s"
        ) from None
    if run.returncode:
        raise UnreachableError(
            f"the template ({plain(address)}) cannot be read: {reason(run)}; --from names another "
            f"address, and a private one needs a login that may read it"
        )
    lines = [line.split("\t", 1) for line in os.fsdecode(run.stdout).splitlines()]
    named = {name: commit for commit, name in lines}
    peeled = {n.removesuffix("^{}"): c for n, c in named.items() if n.endswith("^{}")}
    return Template(address, {n: c for n, c in (named | peeled).items() if not n.endswith("^{}")})


def fetch(store: Store, template: Template, *names: str) -> None:
    """Bring the default branch, every version and `names`, with all their history.

    No branch, tag or FETCH_HEAD is written: tags are the registry of models here. Raises
    UnreachableError when the repository cannot be read.
    """
    wanted = {f"refs/tags/v{version}" for version in template.versions} | set(names)
    wanted |= {"HEAD"} & template.references.keys()
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    quiet = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
    run = store.run(
        *quiet,
        "fetch",
        *options,
        "--",
        template.address,
        *sorted(wanted),
        within=git.authentication(),
    )
    if run.returncode:
        raise UnreachableError(
            f"the template ({plain(template.address)}) cannot be fetched: {reason(run)}"
        )


def commit(store: Store, template: Template, name: str) -> str:
    """The commit that a version, a branch or a hash means, once it is fetched.

    Raises TemplateError when the template has none such.
    """
    reference = template.reference(name)
    if reference:
        return template.references[reference]
    if re.fullmatch(r"[0-9a-f]{7,64}", name) and store.has(name):
        return store.said("rev-parse", f"{name}^{{commit}}")
    known = ", ".join(f"v{version}" for version in template.versions) or "none"
    raise TemplateError(
        f"the template ({plain(template.address)}) has no version, branch or commit {name!r}; its "
        f"versions: {known}"
    )
