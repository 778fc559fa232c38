"""Real plans, damaged: a verdict or a declared error every time, and no better verdict from losing a change.

A sample of what ``make fuzz`` does for as long as it is given; other inputs each day would make a test that fails by
chance, so the seed stands.
"""

from pathlib import Path

import pytest
from benchmarks.trust.campaign import is_no_better_or_says_why
from benchmarks.trust.damage import Damage, chance_for, damaged, judged, read, without_change

from scopegate.analyze import default_knowledge

PLANS = sorted((Path(__file__).parents[2] / "fixtures/real").glob("*/plan.json"))
KNOWLEDGE = default_knowledge()
TIMES = 3
CHANGES = 4


def case(path: Path) -> str:
    return path.parent.name


def test_there_are_plans_to_damage() -> None:
    assert len(PLANS) >= 50


@pytest.mark.parametrize("path", PLANS, ids=case)
def test_a_damaged_plan_gets_a_verdict_or_a_declared_error(path: Path) -> None:
    raw = path.read_bytes()
    for kind in Damage:
        chance = chance_for(f"{case(path)} {kind.value}")
        for _ in range(TIMES):
            outcome = judged(damaged(raw, kind, chance), KNOWLEDGE)
            assert outcome.report or outcome.error.endswith(".")


@pytest.mark.parametrize("path", PLANS, ids=case)
def test_a_plan_that_is_cut_off_gets_no_verdict(path: Path) -> None:
    # Some have log lines or a line break behind the plan, which nobody misses.
    raw = path.read_bytes()
    end = len(raw.rstrip()) if raw.rstrip().endswith(b"}") else raw.rindex(b"}")
    chance = chance_for(case(path))
    for _ in range(TIMES):
        cut = raw[: chance.randrange(end)]
        outcome = judged(cut, KNOWLEDGE)
        assert outcome.report is None or b"\n}" in cut or b"}\n" in cut


@pytest.mark.parametrize("path", PLANS, ids=case)
def test_losing_a_change_betters_no_verdict_without_a_word(path: Path) -> None:
    raw = path.read_bytes()
    document = read(raw)
    changes = document.get("resource_changes")
    if not isinstance(changes, list):
        return
    whole = judged(raw, KNOWLEDGE)
    for position in chance_for(case(path)).sample(range(len(changes)), min(CHANGES, len(changes))):
        assert is_no_better_or_says_why(judged(without_change(document, position), KNOWLEDGE), whole)
