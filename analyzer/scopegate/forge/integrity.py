"""Changes after which a plan says no more than its author wants it to say.

The plan job runs the author's code: an external program, a provider or a module can write whatever it likes into the
plan (runatlantis/atlantis, docs/security.md). Such a change is a change of the guard rails: people look at the code.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.forge.model import ChangedFile
from scopegate.policy.limits import GuardRail, GuardRailLimit, Limit, Terms
from scopegate.policy.model import PolicyDocument
from scopegate.policy.sign_off import ONE_HUMAN

PATHS: Final = (
    "**/.terraform.lock.hcl",
    "**/.terraformrc",
    "**/terraform.rc",
    "**/terragrunt.hcl",
    "**/dev.tfrc",
    ".scopegate/break-glass.yaml",
)
"""Files that decide what the plan job runs, and the request to open the gate in an emergency."""

CODE: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl")
"""How files that Terraform reads end."""
_TELLING: Final = (
    "provisioner",
    '"external"',
    '"http"',
    "required_providers",
    "provider_installation",
    "dev_overrides",
    "source",
    "version",
    "local-exec",
    "remote-exec",
    "local_exec",
)
"""Words of Terraform after which its plan can be the work of the author's own program."""


_WHOLE: Final = frozenset({"source", "version"})
_NAME: Final = re.compile(r"[\w.-]+")


class SelfReported(Struct, frozen=True):
    """A file after whose change the plan is its author's own word, and why."""

    path: str
    why: str


def self_reported(files: Iterable[ChangedFile]) -> tuple[SelfReported, ...]:
    """Return the changed files of code that touch what the plan job runs, or whose change is not shown."""
    found = ((file, _why(file)) for file in files if file.path.endswith(CODE))
    return tuple(SelfReported(file.path, why) for file, why in found if why)


def paths_of(files: Iterable[ChangedFile]) -> tuple[str, ...]:
    """Return every path that the change touches, the old name of a renamed file included."""
    named = (path for file in files for path in (file.path, file.previous_path) if path)
    return tuple(dict.fromkeys(str(PurePosixPath(path)) for path in named))


def with_guard_rails(document: PolicyDocument, files: Iterable[SelfReported]) -> PolicyDocument:
    """Return the policy with a limit on guard rails, and these files among the rails of every such limit.

    Rails that no limit of the policy is on get one: who can change the rules of the gate unseen can open it.
    """
    paths = (*PATHS, *sorted(file.path for file in files))

    def widened(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
        return tuple(
            replace(limit, paths=(*limit.paths, *paths)) if isinstance(limit, GuardRailLimit) else limit
            for limit in limits
        )

    limits = widened(document.limits)
    own = [limit for limit in limits if isinstance(limit, GuardRailLimit)]
    open_rails = frozenset(GuardRail).difference(*(limit.rails for limit in own))
    if open_rails:
        limits = (*limits, _own_limit(open_rails, () if own else paths))
    return replace(
        document,
        limits=limits,
        defaults=widened(document.defaults),
        stacks=tuple(replace(stack, limits=widened(stack.limits)) for stack in document.stacks),
        agents=replace(document.agents, limits=widened(document.agents.limits)),
    )


def _own_limit(rails: frozenset[GuardRail], paths: tuple[str, ...]) -> GuardRailLimit:
    terms = Terms("gate-guard-rails", ONE_HUMAN, "who can change the rules of the gate unseen can open it")
    return GuardRailLimit(terms, rails, paths)


def _why(file: ChangedFile) -> str:
    if file.patch is None:
        return "the code host does not show what changes in it"
    changed = [line for line in file.patch.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    told = next((word for word in _TELLING if any(_names(word, line[1:]) for line in changed)), "")
    return f"touches {told.strip(chr(34))}, which decides what the plan job runs" if told else ""


def _names(word: str, line: str) -> bool:
    """Return whether a line of a diff has ``word``; ``source`` and ``version`` only as names of their own.

    What follows is not looked at: between a name and its ``=`` the author can put a comment.
    """
    return word in line if word not in _WHOLE else any(name == word for name in _NAME.findall(line))
