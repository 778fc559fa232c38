"""The pages about policies: every kind of limit has one, and every policy shown is one."""

import re
from pathlib import Path

import pytest

from scopegate.policy.declared import declared_in_file
from scopegate.policy.kinds import LimitKind
from scopegate.policy.load import parse_policy
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.policy.read_limits import KINDS
from scopegate.verdict.cases import parse_cases

PAGES = Path(__file__).parents[2] / "docs" / "policy"
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{page.name} {number}")
    for page in sorted(PAGES.rglob("*.md"))
    for number, block in enumerate(YAML.findall(page.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
def test_every_kind_of_limit_has_a_page_that_shows_it_kept_and_exceeded(kind: LimitKind) -> None:
    text = (PAGES / "limits" / f"{kind.value}.md").read_text(encoding="utf-8")
    (shown,) = YAML.findall(text)
    (limit,) = parse_policy(f"version: 1\n{shown}", "page").limits
    assert limit.kind is kind
    within, beyond = text.split("\nBeyond:\n")
    assert re.search(r"^- [a-z-]+  \[", within, re.MULTILINE), "a limit that is kept"
    for what in (r"^x [a-z-]+  \[", r"^    why: ", r"^    here: ", r"^    do: "):
        assert re.search(what, beyond, re.MULTILINE), what


def test_every_page_of_a_limit_is_listed() -> None:
    listed = set(re.findall(r"\(limits/(\w+)\.md\)", (PAGES / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.stem for page in (PAGES / "limits").iterdir()} == {kind.value for kind in KINDS}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_policy_that_is_shown_is_one(block: str) -> None:
    if block.startswith("policy:"):
        assert parse_cases(block, "page").cases
    elif block.startswith("scope:"):
        assert declared_in_file(block, "page").allow
    elif block.startswith("break_glass:"):
        assert parse_break_glass(block, "page").by
    else:
        policy = parse_policy(block if "version:" in block else f"version: 1\n{block}", "page")
        assert policy.limits or policy.defaults
