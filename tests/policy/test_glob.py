"""Patterns of policies."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegate.policy import glob
from scopegate.policy.glob import matches, matches_path, paths_that_match

# Nothing that fnmatch gives a meaning of its own.
_PLAIN = st.text(alphabet="ab.*", max_size=8)


@given(_PLAIN, st.text(alphabet="ab.", max_size=12))
def test_a_star_means_what_it_means_everywhere(pattern: str, value: str) -> None:
    assert matches(pattern, value) == fnmatchcase(value, pattern)


@pytest.mark.parametrize(
    ("pattern", "value", "result"),
    [
        ('module.eu["a"].*', 'module.eu["a"].aws_vpc.b', True),
        ('module.eu["a"].*', "module.eua.aws_vpc.b", False),
        ("eu-[cw]*", "eu-central-1", False),
        ("eu-?", "eu-1", False),
        ("a*a", "a", False),
        ("*", "", True),
    ],
)
def test_everything_but_the_star_stands_for_itself(pattern: str, value: str, result: bool) -> None:
    assert matches(pattern, value) is result


def test_a_hostile_pattern_is_done_at_once() -> None:
    assert not matches("*a" * 5000 + "b", "a" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "path", "result"),
    [
        ("infra/*/prod", "infra/payments/prod", True),
        ("infra/*/prod", "infra/payments/eu/prod", False),
        ("infra/**/prod", "infra/payments/eu/prod", True),
        ("infra/**/prod", "infra/prod", True),
        (".github/workflows/**", ".github/workflows/plan.yml", True),
        (".github/workflows/**", ".github/workflows/a/b.yml", True),
        (".github/workflows/", ".github/workflows/plan.yml", True),
        (".github/workflows/**", ".github/plan.yml", False),
        ("./a/b", "/a/b", True),
        ("**/plan.sh", "plan.sh", True),
        ("**/plan.sh", "ci/plan.sh", True),
        ("CODEOWNERS", "docs/CODEOWNERS", False),
    ],
)
def test_a_path_pattern_respects_folders(pattern: str, path: str, result: bool) -> None:
    assert matches_path(pattern, path) is result


@given(st.lists(st.text(alphabet="ab*/.", max_size=6), max_size=4), st.lists(st.text(alphabet="ab*/.", max_size=6)))
def test_many_patterns_match_what_each_of_them_does(patterns: list[str], paths: list[str]) -> None:
    assert paths_that_match(patterns, paths) == tuple(
        path for path in paths if any(matches_path(pattern, path) for pattern in patterns)
    )


def test_a_pattern_without_a_star_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of 3,000 files of which the code host shows no diff makes a guard rail of each: nine million pairs."""
    compared: list[object] = []
    monkeypatch.setattr(glob, "segments_match", lambda *pair: compared.append(pair))
    paths = tuple(f"infra/m{number}/main.tf" for number in range(3_000))
    assert paths_that_match((*paths, "docs/**"), (*paths, "other.tf")) == paths
    assert len(compared) == 1
