"""What SECURITY.md and the page of figures say is tested, is tested: every test they name is there."""

import re

import pytest

from trust.test_failing_closed import ROOT

NAMES = re.compile(r"`(test_\w+)`")


def written() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^ *def (test_\w+)\(", text, re.MULTILINE)}


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md"])
def test_every_test_that_is_named_is_there(page: str) -> None:
    named = set(NAMES.findall((ROOT / page).read_text(encoding="utf-8")))
    assert named <= written()


def test_the_threats_are_one_link_away() -> None:
    assert "(docs/explanation/threats.md)" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
