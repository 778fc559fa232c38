"""The last step, guard by guard: what blocks, what waits for people, and what opens."""

from datetime import UTC, datetime

import pytest

from scopegate.errors import ExitCode
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import Terms
from scopegate.policy.model import BreakGlass, Excess
from scopegate.policy.people import Approval
from scopegate.policy.sign_off import Block, SignOff
from scopegate.verdict.decide import Verdict, decide
from scopegate.verdict.requirements import Requirement

ASKS = SignOff(1)
MET = Requirement(("anyone",), 1, ("few",), ("ann",))
OWED = Requirement(("anyone",), 2, ("few",), ("ann",))
GLASS = BreakGlass((Approval("ann"),), "fire", "T-1", datetime(2026, 1, 1, tzinfo=UTC))


def excess(outcome: SignOff | Block) -> Excess:
    return Excess(
        limit=Terms("few", outcome, "because"),
        kind=LimitKind.DIRECT_CHANGES,
        beyond={},
        values=("2",),
        instances=(0, 1),
        agreed="at most 1",
        message="makes 2",
        advice="split it",
        outcome=outcome,
    )


@pytest.mark.parametrize(
    ("excesses", "requirements", "glass", "verdict"),
    [
        ([], [], None, Verdict.PASS),
        ([excess(ASKS)], [MET], None, Verdict.PASS),
        ([excess(ASKS)], [OWED], None, Verdict.NEEDS_SIGN_OFF),
        ([excess(ASKS)], [MET, OWED], None, Verdict.NEEDS_SIGN_OFF),
        # Nobody is asked about what is blocked: that nothing is owed must not open it.
        ([excess(Block())], [], None, Verdict.BLOCKED),
        ([excess(ASKS), excess(Block())], [MET], None, Verdict.BLOCKED),
        ([excess(Block())], [OWED], GLASS, Verdict.PASS),
    ],
)
def test_the_verdict(
    excesses: list[Excess], requirements: list[Requirement], glass: BreakGlass | None, verdict: Verdict
) -> None:
    assert decide(excesses, requirements, glass) is verdict


def test_only_a_pass_exits_with_zero() -> None:
    assert {verdict: verdict.exit_code for verdict in Verdict} == {
        Verdict.PASS: ExitCode.PASS,
        Verdict.NEEDS_SIGN_OFF: ExitCode.NEEDS_SIGN_OFF,
        Verdict.BLOCKED: ExitCode.BLOCKED,
    }
    assert [code.name for code in ExitCode if code == 0] == ["PASS"]
