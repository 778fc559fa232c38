"""The flow against terraform itself: hundreds of edits, each planned by terraform (``fixtures/record_flow.py``)."""

import pytest
from benchmarks.flow import Estate, Judged, cries_of_wolf, estates, judge

from scopegate.facts.load import load_facts

ESTATES = tuple(estates())


@pytest.fixture(scope="module", params=ESTATES, ids=lambda estate: estate.name)
def judged(request: pytest.FixtureRequest) -> list[Judged]:
    estate: Estate = request.param
    facts = load_facts()
    return [judge(estate.base, edit, facts) for edit in estate.edits]


def test_all_that_terraform_changes_after_an_edit_is_called_affected(judged: list[Judged]) -> None:
    missed = [(one.edit.block, one.edit.argument, sorted(one.missed)) for one in judged if one.missed]
    assert missed == []


def test_an_edit_of_a_tag_or_a_description_affects_only_who_reads_it(judged: list[Judged]) -> None:
    assert cries_of_wolf(judged) == []


def test_the_recorded_estates_are_what_the_test_promises() -> None:
    blocks = {(estate.name, edit.block) for estate in ESTATES for edit in estate.edits}
    assert {name for name, _ in blocks} == {"aws", "azurerm"}
    assert len(blocks) >= 40
    assert any(edit.is_descriptive for estate in ESTATES for edit in estate.edits)
    assert all(any(edit.changed for edit in estate.edits) for estate in ESTATES)
