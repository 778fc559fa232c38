"""Patterns with stars: what is compared, and what is too long for it."""

import pytest

from scopegate.signals.globs import Globs, contains

LONGEST = 4_096


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("*", "a", True),
        ("a?", "ab", True),
        ("a?", "a*", False),
        ("?*", "a" * LONGEST, True),
        ("?*", "a" * (LONGEST + 1), False),
        ("?" * LONGEST, "a" * LONGEST, True),
        ("?*" + "*" * LONGEST, "a", False),
    ],
)
def test_a_pattern_holds_all_of_another_where_it_is_proven(outer: str, inner: str, expected: bool) -> None:
    assert contains(outer, inner) is expected


def test_patterns_are_found_by_their_part_in_texts_that_are_not_too_long() -> None:
    patterns = Globs(["a*", "*b", "*"])
    assert set(patterns.that_may_match("xa")) == {"a*", "*"}
    assert set(patterns.that_may_match("a" * LONGEST)) == {"a*", "*"}
    assert set(patterns.that_may_match("a" * (LONGEST + 1))) == {"*"}
