"""The verdict: a function of the excess and of the sign-offs bound to it."""

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from scopegate.errors import ExitCode
from scopegate.policy.model import BreakGlass, Excess
from scopegate.policy.sign_off import Block
from scopegate.verdict.requirements import Requirement


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


def decide(
    excesses: Iterable[Excess], requirements: Iterable[Requirement], break_glass: BreakGlass | None = None
) -> Verdict:
    """Return the verdict: nothing beyond scope, something only humans can release, or something nobody can.

    A broken glass lets everything pass; whoever shows this verdict says so.
    """
    if break_glass is not None:
        return Verdict.PASS
    if any(isinstance(excess.outcome, Block) for excess in excesses):
        return Verdict.BLOCKED
    if all(requirement.met for requirement in requirements):
        return Verdict.PASS
    return Verdict.NEEDS_SIGN_OFF
