"""Whether a repository really keeps the gate: what its rules stop, and the next step.

A gate that nobody enforces is the commonest failure. Everybody with read access can see the effective rules of a branch
("Get rules for a branch", docs.github.com); who may bypass them only an administrator can.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final

from msgspec import Struct

from scopegate.forge.model import Rules

ACTIONS_APP: Final = 15368
"""The app id of GitHub Actions on github.com: any workflow with `statuses: write` speaks as it."""


class Level(Enum):
    """How much the set-up stops; the value is the word in reports."""

    ADVISORY = "advisory"
    SPLIT = "split"
    APP = "app"
    APPLY_GATE = "apply gate"


STOPS: Final = {
    Level.ADVISORY: "accidents, but no author who edits a workflow",
    Level.SPLIT: "forks, and everybody who may not change workflows; not a writer who adds one that forges the status",
    Level.APP: "forged statuses; not a plan that its author forged in the plan job",
    Level.APPLY_GATE: "forged and changed plans; not administrators, nor a stolen account of somebody who may sign",
}


class Setup(Struct, frozen=True):
    """What there is to see of a repository.

    ``workflows`` maps the paths that exist on the trusted branch to their text; ``apply_environment`` is whether the
    environment that guards apply is there.
    """

    rules: Rules
    context: str
    workflows: dict[str, str]
    code_owners: bool
    code_owners_errors: tuple[str, ...]
    apply_environment: bool


class Finding(Struct, frozen=True):
    """One thing that was looked at, and what to do where it is not as it should be."""

    ok: bool
    what: str
    todo: str = ""


def findings_of(setup: Setup) -> tuple[Finding, ...]:
    """Return what was looked at, the most important first."""
    rules = setup.rules
    source = rules.sources.get(setup.context)
    required = setup.context in rules.sources
    return (
        Finding(required, f"the status {setup.context!r} is required", "require it in a ruleset for the branch"),
        Finding(
            required and source not in (None, ACTIONS_APP),
            "the status must come from an app of its own",
            "let a GitHub App write it, and name that app as its source in the ruleset",
        ),
        Finding(
            rules.up_to_date or rules.merge_queue,
            "a branch must be up to date, or goes through a merge queue",
            "ask for one of them: a plan on an old base is another plan",
        ),
        Finding(rules.dismisses_stale, "a push dismisses approvals", "turn on dismissing stale approvals"),
        Finding(rules.last_push, "the last push needs somebody else's approval", "require approval of the last push"),
        Finding(
            rules.code_owners and setup.code_owners,
            "code owners are asked",
            "own .github, .scopegate and CODEOWNERS itself, and require review by code owners",
        ),
        Finding(
            not setup.code_owners_errors,
            "CODEOWNERS has no errors",
            f"correct {', '.join(setup.code_owners_errors[:5])}",
        ),
        Finding(
            _is_split(setup),
            "a workflow of the trusted branch decides, on workflow_run",
            "decide in a workflow that runs on workflow_run",
        ),
        Finding(
            setup.apply_environment,
            "the environment of apply is there",
            "let apply and its cloud role hang on an environment, with `scopegate verify` before it",
        ),
    )


def level_of(setup: Setup) -> Level:
    """Return the level that is reached: each needs everything of the one below."""
    source = setup.rules.sources.get(setup.context)
    if setup.context not in setup.rules.sources or not _is_split(setup):
        return Level.ADVISORY
    if source in (None, ACTIONS_APP):
        return Level.SPLIT
    return Level.APPLY_GATE if setup.apply_environment and _verifies(setup.workflows.values()) else Level.APP


def next_step(findings: Iterable[Finding]) -> str:
    """Return the first thing to do, or nothing."""
    return next((finding.todo for finding in findings if not finding.ok), "")


def _is_split(setup: Setup) -> bool:
    return any(_decides(tuple(_lines(text))) for text in setup.workflows.values())


def _decides(workflow: Sequence[str]) -> bool:
    return any("workflow_run" in line for line in workflow) and any(map(_runs_gate, workflow))


def _runs_gate(line: str) -> bool:
    return "scopegate gate" in line or "/scopegate@" in line or "gate.yml@" in line


def _verifies(texts: Iterable[str]) -> bool:
    return any("scopegate verify" in line for text in texts for line in _lines(text))


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a workflow that are no comments."""
    return (line for line in text.splitlines() if not line.lstrip().startswith("#"))
