"""YAML that means what it says."""

import pytest

from scopegate.errors import FactsError
from scopegate.signals.strict_yaml import load_yaml


def value(text: str) -> object:
    return load_yaml(text, "f.yaml", FactsError).value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a: NO", "NO"),
        ("a: no", "no"),
        ("a: yes", "yes"),
        ("a: On", "On"),
        ("a: True", "True"),
        ("a: 0123", "0123"),
        ("a: 0x1F", "0x1F"),
        ("a: 12:30", "12:30"),
        ("a: 1_000", "1_000"),
        ("a: 2026-11-26", "2026-11-26"),
        ("a: .5", ".5"),
        ("a: .inf", ".inf"),
        ('a: "1"', "1"),
        ("a: 'true'", "true"),
        ("a: |\n  1\n", "1\n"),
        ("a: true", True),
        ("a: false", False),
        ("a: null", None),
        ("a: ~", None),
        ("a:", None),
        ("a: 0", 0),
        ("a: -12", -12),
        ("a: 0.5", 0.5),
        ("a: 1e3", 1000.0),
    ],
)
def test_a_scalar_is_what_its_author_wrote(text: str, meant: object) -> None:
    result = value(text)
    assert result == {"a": meant}
    assert isinstance(result, dict)
    assert type(result["a"]) is type(meant)


def test_keys_are_strings_as_written() -> None:
    assert value("NO: 1\n0123: 2\ntrue: 3\n") == {"NO": 1, "0123": 2, "true": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' stands twice in one mapping; keep one of them."),
        ("a: 1\n'a': 3\n", "f.yaml:2: the key 'a' stands twice in one mapping; keep one of them."),
        ("a: &x 1\n", "f.yaml:1: an anchor (&) stands here; write the value out where it is used."),
        ("a: 1\nb: [*x]\n", "f.yaml:2: an alias (*) stands here; write the value out."),
        ("a:\n  - !!str 1\n", "f.yaml:2: a tag (!) stands here; write the plain value."),
        ("!x a: 1\n", "f.yaml:1: a tag (!) stands here; write the plain value."),
        ("a: !!python/object:os.system {}\n", "f.yaml:1: a tag (!) stands here; write the plain value."),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document begins here; keep one document in a file."),
        ("? [a]\n: 1\n", "f.yaml:1: a key must be a plain word or a quoted string."),
        ("a: [" * 60, "f.yaml:1: values are nested deeper than 40 levels; flatten them."),
    ],
)
def test_what_would_be_read_in_two_ways_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(FactsError) as caught:
        value(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["a: [1\n", "a: 'x\n", "\tb: 1", "a: \x00", "a: b: c", "%YAML 9\n---\na: 1"])
def test_what_is_no_yaml_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(FactsError, match=r"\Af\.yaml:\d+: this is not YAML \("):
        value(text)


@pytest.mark.parametrize(("text", "line"), [("a: [1,\n 2\nb: 3\n", 3), ("a: 1\nb: 'x\n", 3), ("a: 1\nb: c: d\n", 2)])
def test_the_line_is_the_one_that_is_no_yaml(text: str, line: int) -> None:
    with pytest.raises(FactsError, match=rf"\Af\.yaml:{line}: this is not YAML \("):
        value(text)


def test_forty_levels_are_read() -> None:
    assert value("[" * 40 + "1" + "]" * 40) is not None
    with pytest.raises(FactsError, match="nested deeper than 40 levels"):
        value("[" * 41 + "1" + "]" * 41)


def test_an_empty_file_is_nothing() -> None:
    assert value("") is None
    assert value("# only words\n") is None


def test_the_line_of_a_value_is_known_or_that_of_the_nearest_around_it() -> None:
    document = load_yaml("a:\n  - b: 1\n    c:\n      - 2\n", "f.yaml", FactsError)
    assert document.where(("a", 0, "c", 0)) == "f.yaml:4"
    assert document.where(("a", 0, "missing")) == "f.yaml:2"
    assert document.where(("nothing",)) == "f.yaml:1"


def test_a_million_characters_are_read_and_one_more_is_refused() -> None:
    longest = "a: " + "x" * 999_997
    assert value(longest) == {"a": "x" * 999_997}
    with pytest.raises(FactsError, match=r"f\.yaml:1: this has more than 1,000,000 characters"):
        value(f"{longest}x")


def test_a_text_of_more_than_a_million_characters_is_not_read() -> None:
    text = f"a: {'x' * 999_997}"
    assert value(text) == {"a": text[3:]}
    with pytest.raises(FactsError, match=r"f.yaml:1: this has more than 1,000,000 characters"):
        value(f"{text}x")
