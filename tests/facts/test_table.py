"""A table is read strictly: each mistake has its own sentence with file and line."""

from enum import Enum

import pytest

from scopegate.errors import ExitCode, FactsError
from scopegate.facts.table import Row, TableFile, index, index_shipped, single

COLUMNS = ("key", "words", "note")


class Colour(Enum):
    RED = "red"


def table(text: str) -> list[Row]:
    return list(index(COLUMNS, [TableFile("own/colours.csv", text)]).all_rows())


def row(words: str = "") -> Row:
    return Row("own/colours.csv:2", {"key": "a", "words": words, "note": ""})


def test_rows_are_read_by_column_and_know_their_line() -> None:
    rows = table('key,words,note\na,x|y,\n"b",z,"a note, quoted"\n'.replace('"b"', "b"))
    assert [(found.where, found.words("words"), found.optional("note")) for found in rows] == [
        ("own/colours.csv:2", ("x", "y"), None),
        ("own/colours.csv:3", ("z",), "a note, quoted"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,words,remark\n", "own/colours.csv:1: unknown column 'remark'; the columns are key,words,note"),
        ("key,words\n", "own/colours.csv:1: column 'note' is missing; the columns are key,words,note"),
        ("words,key,note\n", "own/colours.csv:1: the columns stand in another order; it must be key,words,note"),
        ("", "own/colours.csv:1: unknown column ''; the columns are key,words,note"),
        ("key,words,note\na,x\n", "own/colours.csv:2: 2 cells for 3 columns (key,words,note)"),
        ("key,words,note\na,x,y,z\n", "own/colours.csv:2: 4 cells for 3 columns (key,words,note)"),
        ("key,words,note\n\na,x,y\n", "own/colours.csv:2: the first column must be one word without blanks and quotes"),
        ("key,words,note\n a,x,y\n", "own/colours.csv:2: the first column must be one word without blanks and quotes"),
        ('key,words,note\n"a",x,y\n', "own/colours.csv:2: the first column must be one word without blanks and quotes"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(FactsError) as raised:
        table(text)
    assert str(raised.value) == message
    assert raised.value.exit_code is ExitCode.FACTS


def test_a_cell_that_runs_over_its_line_is_refused() -> None:
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: not a line of CSV \(unexpected end of data\)"):
        table('key,words,note\na,x,"two\nlines"\n')


@pytest.mark.parametrize("words", ["x||y", "|x", "x |y", " x"])
def test_an_empty_word_or_a_blank_around_the_bar_is_refused(words: str) -> None:
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: column 'words' has an empty word or a blank"):
        row(words).words("words")


def test_a_word_outside_a_closed_set_is_refused() -> None:
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: column 'words' is 'blue', not one of red$"):
        row("blue").member("words", Colour)
    assert row("red").member("words", Colour) is Colour.RED


def test_a_flag_is_yes_or_no() -> None:
    assert (row("yes").flag("words"), row("no").flag("words")) == (True, False)
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: column 'words' is 'true', not one of yes, no$"):
        row("true").flag("words")


def test_a_required_cell_may_not_be_empty() -> None:
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: column 'note' is empty$"):
        row().text("note")


def test_pairs_have_a_left_and_a_right_side() -> None:
    assert row("vpc_id>aws_vpc").pairs("words") == (("vpc_id", "aws_vpc"),)
    with pytest.raises(FactsError, match=r"^own/colours.csv:2: column 'words' must hold pairs"):
        row("vpc_id").pairs("words")


def test_a_second_row_for_a_key_is_refused_with_both_lines() -> None:
    found = index(
        COLUMNS, [TableFile("a.csv", "key,words,note\nk,x,\n"), TableFile("b.csv", "key,words,note\n\nk,y,\n")]
    )
    with pytest.raises(FactsError, match=r"^b.csv:3: 'k' has a row already at a.csv:2; a key has one row, remove one$"):
        single(found.rows("k"))


@pytest.mark.parametrize(
    "lines",
    ["a,x,\na,y,\nab,z,\nb,,\n", "a-b,x,\na,y,\nab,z,\n", "b,x,\na,y,\n", ""],
    ids=["sorted", "a key that begins with another one and a dash", "not sorted", "empty"],
)
def test_a_shipped_table_has_the_rows_of_each_key_wherever_they_stand(lines: str) -> None:
    file = TableFile("colours.csv", f"key,words,note\n{lines}")
    shipped, indexed = index_shipped(COLUMNS, file), index(COLUMNS, [file])
    assert {key: shipped.rows(key) for key in ("a", "ab", "a-b", "b", "c", "", "a,y")} == {
        key: indexed.rows(key) for key in ("a", "ab", "a-b", "b", "c", "", "a,y")
    }
    assert list(shipped.all_rows()) == list(indexed.all_rows())
    assert len(shipped.lines) == len(indexed.lines)


def test_a_line_of_a_shipped_table_that_is_cut_off_is_an_error() -> None:
    cut = index_shipped(COLUMNS, TableFile("colours.csv", "key,words,note\na,x,\nb"))
    with pytest.raises(FactsError, match=r"^colours.csv:3: 1 cells for 3 columns"):
        cut.rows("b")
    with pytest.raises(FactsError, match=r"^colours.csv:3: 1 cells for 3 columns"):
        list(cut.all_rows())
