"""The verdict: a function of the excess and of the sign-offs bound to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from scopegate.errors import ExitCode
from scopegate.policy.model import Block, Excess, Policy, SignOff


class Verdict(Enum):
    """What the gate says; the value is the word in reports."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NEEDS_SIGN_OFF = "needs-sign-off"
    BLOCKED = "blocked"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that every command gives for this verdict."""
        match self:
            case Verdict.PASS:
                return ExitCode.PASS
            case Verdict.NEEDS_SIGN_OFF:
                return ExitCode.NEEDS_SIGN_OFF
            case Verdict.BLOCKED:
                return ExitCode.BLOCKED
            case _:
                assert_never(self)


class AuthorKind(Enum):
    """Who wrote the change."""

    HUMAN = "human"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sign-off that does not count, and why."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """``count`` different people out of ``groups`` must agree; ``why`` names the limits that ask for them."""

    groups: tuple[str, ...]
    count: int
    why: tuple[str, ...]
    satisfied_by: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def met(self) -> bool:
        """Whether enough people have agreed."""
        return len(self.satisfied_by) >= self.count


def requirements_of(excesses: Iterable[Excess], policy: Policy, author: AuthorKind) -> tuple[Requirement, ...]:
    """Return who must agree, one requirement for each set of groups.

    Limits that ask the same people are met by the same people, so the largest count holds. Whatever an agent wrote
    needs ``policy.agent_count`` people more.
    """
    extra = policy.agent_count if author is AuthorKind.AGENT else 0
    asked: dict[tuple[str, ...], dict[str, int]] = {}
    for excess in excesses:
        match excess.limit.outcome:
            case SignOff(count, groups):
                asked.setdefault(groups, {})[excess.limit.name] = count
            case Block():
                pass
            case _:
                assert_never(excess.limit.outcome)
    return tuple(
        Requirement(groups, max(counts.values()) + extra, (*counts, *(("agent-author",) if extra else ())))
        for groups, counts in asked.items()
    )


def decide(excesses: Iterable[Excess], requirements: Iterable[Requirement]) -> Verdict:
    """Return the verdict: nothing beyond scope, something only humans can release, or something nobody can."""
    if any(isinstance(excess.limit.outcome, Block) for excess in excesses):
        return Verdict.BLOCKED
    if all(requirement.met for requirement in requirements):
        return Verdict.PASS
    return Verdict.NEEDS_SIGN_OFF
