"""CODEOWNERS, as GitHub reads it."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scopegate.errors import PolicyError
from scopegate.policy.codeowners import owners_of_path, parse_code_owners, pattern_matches

CASES = [
    pytest.param(case["pattern"], path, expected, id=f"{case['pattern']} {path}")
    for case in json.loads((Path(__file__).parent / "data" / "codeowners-patterns.json").read_text())
    for path, expected in case["paths"].items()
]


@pytest.mark.parametrize(("pattern", "path", "expected"), CASES)
def test_a_pattern_matches_as_on_the_code_host(pattern: str, path: str, expected: bool) -> None:
    assert pattern_matches(pattern, path) is expected


TEXT = """\
# Everything
*                 @acme/platform   # and a comment
/infra/cn/        @Acme/CN-Owners @li
/infra/cn/README  # nobody
docs/*            ops@acme.example
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.tf", ("team:acme/platform",)),
        ("infra/cn/a/main.tf", ("team:acme/cn-owners", "user:li")),
        ("infra/cn/README", ()),
        ("docs/a.md", ("email:ops@acme.example",)),
        ("docs/a/b.md", ("team:acme/platform",)),
    ],
)
def test_the_last_line_that_matches_holds(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of_path(parse_code_owners(TEXT, "CODEOWNERS"), path) == owners


def test_a_path_that_no_line_matches_has_no_owner() -> None:
    assert owners_of_path(parse_code_owners("/a @b\n", "CODEOWNERS"), "c") == ()


@pytest.mark.parametrize("line", ["!a @b", "a[bc] @b", "\\#a @b", "a b", "a @", "a @b c"])
def test_a_line_that_the_code_host_would_skip_is_refused(line: str) -> None:
    with pytest.raises(PolicyError, match=r"\ACODEOWNERS:2: "):
        parse_code_owners(f"* @acme/platform\n{line}\n", "CODEOWNERS")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_nothing_but_a_line_feed_ends_a_comment(sign: str) -> None:
    """Behind another end of a line, which no page of the code host shows, a comment named an owner of everything."""
    rules = parse_code_owners(f"* @acme/all\r\n# harmless{sign}* @mallory\n", "CODEOWNERS")
    assert owners_of_path(rules, "main.tf") == ("team:acme/all",)


def test_a_star_may_end_anywhere_behind_what_was_found_first() -> None:
    assert pattern_matches("*a*b*", "abca")
    assert not pattern_matches("*b*a*b", "abca")


def as_expression(pattern: str) -> str:
    """Return a pattern of one name as a regular expression."""
    signs = re.findall(r"\\.|.", pattern)
    return "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign.removeprefix("\\") or sign)) for sign in signs)


@given(st.text("ab*?\\", max_size=6), st.text("ab\\*", max_size=6))
def test_signs_in_a_name_mean_what_they_do_in_an_expression(pattern: str, name: str) -> None:
    assume(pattern not in ("", "**") and name)
    assert pattern_matches(f"x/{pattern}", f"x/{name}") == bool(re.fullmatch(as_expression(pattern), name))


def test_a_long_name_is_matched_at_all_its_places_at_once() -> None:
    """The fuzzer found it: place by place, this took minutes."""
    name = "ab" * 10_000
    assert pattern_matches(f"*{name}", name)
    assert pattern_matches(f"*?{name[1:]}", name)
    assert not pattern_matches(f"*{name}?", name)


def test_a_file_that_the_code_host_does_not_read_owns_nothing() -> None:
    assert parse_code_owners("*.tf @ada\n" + "#" * (3_000_000 - 11), "CODEOWNERS")[0].owners == ("user:ada",)
    with pytest.raises(PolicyError, match="has 3 MB or more, so the code host does not read it"):
        parse_code_owners("*.tf @ada\n" + "#" * (3_000_000 - 10), "CODEOWNERS")
