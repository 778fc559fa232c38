"""What the gate goes by: policy, facts, rules and code owners of the trusted branch, never of the change."""

import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from scopegate.analyze import Knowledge, default_knowledge
from scopegate.errors import PolicyError, temporary_files_for
from scopegate.facts.load import load_facts
from scopegate.forge.port import Forge
from scopegate.policy.codeowners import parse_code_owners
from scopegate.policy.load import decoded, parse_policy
from scopegate.policy.model import CodeOwnersRule, PolicyDocument
from scopegate.policy.sign_off import CodeOwnerSignOff, Combined, Outcome
from scopegate.signals.rule_file import load_rules
from scopegate.signals.rules import builtin_rules

CODE_OWNERS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it, in its order (docs.github.com, "About code owners")."""


def knowledge_at(forge: Forge, path: str, ref: str, *, must_exist: bool) -> Knowledge:
    """Return the knowledge under the policy that stands at ``path`` on the trusted branch ``ref``.

    Raises:
        ScopegateError: it, or what it names, is not there or cannot be read.
    """
    data = forge.file_at(path, ref)
    if data is None and must_exist:
        raise PolicyError(
            f"{path} is not on {ref}, so nobody knows what was agreed; put it there, or name another policy."
        )
    if data is None:
        return default_knowledge()
    policy = parse_policy(decoded(data, path), path)
    what = "To read the facts and rules of a policy"
    with temporary_files_for(what), tempfile.TemporaryDirectory(prefix="scopegate-") as directory:
        folder = Path(directory)
        facts = load_facts([_copied(forge, path, name, ref, folder) for name in policy.facts])
        rules = [str(_copied(forge, path, name, ref, folder)) for name in policy.rules]
        return Knowledge(facts, load_rules(rules) if rules else builtin_rules(), policy)


def code_owners_at(forge: Forge, ref: str) -> tuple[CodeOwnersRule, ...] | None:
    """Return the rules of CODEOWNERS on the trusted branch, None where there is none.

    Raises:
        PolicyError: a line of it cannot be read.
    """
    for path in CODE_OWNERS:
        if (data := forge.file_at(path, ref)) is not None:
            return parse_code_owners(decoded(data, path), path)
    return None


def asks_code_owners(document: PolicyDocument) -> bool:
    """Return whether a limit of the policy is released by code owners."""
    limits = [*document.limits, *document.defaults, *document.agents.limits]
    limits += [limit for stack in document.stacks for limit in stack.limits]
    outcomes = [limit.terms.outcome for limit in limits]
    return _any_code_owners([*outcomes, document.declared, document.agents.sign_off])


def _any_code_owners(outcomes: Iterable[Outcome]) -> bool:
    return any(
        isinstance(outcome, CodeOwnerSignOff) or (isinstance(outcome, Combined) and _any_code_owners(outcome.rules))
        for outcome in outcomes
    )


def _copied(forge: Forge, policy: str, name: str, ref: str, folder: Path) -> Path:
    """Return a copy of a file that the policy names, beside which it lies."""
    path = PurePosixPath(policy).parent / name
    data = None if ".." in path.parts or path.is_absolute() else forge.file_at(str(path), ref)
    if data is None:
        raise PolicyError(
            f"{policy}: {name} is not on {ref} beside the policy, so what it adds is not known; put it there, or take "
            "its name out."
        )
    # The name of a table says what its rows are.
    copy = folder / path
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(data)
    return copy
