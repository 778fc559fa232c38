"""Whatever a plan's author wrote is safe to show."""

import re
import unicodedata

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegate.render.escape import plain, prose


def test_ordinary_text_is_left_alone() -> None:
    assert plain('module.net["a.b/c"].aws_vpc.main[0]') == 'module.net["a.b/c"].aws_vpc.main[0]'
    assert plain("zürich-東京") == "zürich-東京"


def test_what_a_terminal_obeys_is_spelled_out() -> None:
    assert plain("\x1b[2J\x07a\r\nb\x9b0m") == "\\u001b[2J\\u0007a\\r\\nb\\u009b0m"


def test_what_reorders_or_hides_text_is_spelled_out() -> None:
    assert plain("a\u202eb\u200bc\u2066d") == "a\\u202eb\\u200bc\\u2066d"
    assert plain("\U000e0041") == "\\U000e0041"


@given(st.text(st.characters()))
def test_nothing_that_comes_out_controls_anything(text: str) -> None:
    shown = plain(text)
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in shown)
    assert plain(shown) == shown


@pytest.mark.parametrize(
    ("sentence", "as_html"),
    [
        ("Look at `helm diff upgrade`.", "Look at <code>helm diff upgrade</code>."),
        ("Run it (`helm diff upgrade`), then ask.", "Run it (<code>helm diff upgrade</code>), then ask."),
        ("Names of others, `a b, ask @octocat` too.", "Names of others, <code>a b, ask @octocat</code> too."),
    ],
)
def test_a_command_of_several_words_stays_in_one_piece(sentence: str, as_html: str) -> None:
    assert cmarkgfm.github_flavored_markdown_to_html(prose(sentence)) == f"<p>{as_html}</p>\n"


@given(st.lists(st.sampled_from(["`", "``", " ", "@octocat", "(", ")", ".", "word", "#1", "<b>"]), max_size=12))
def test_no_backtick_lets_a_mention_out_of_its_code_span(pieces: list[str]) -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(prose("Asked by " + "".join(pieces)))
    outside = re.sub(r"<code>[^<]*</code>", "", html)
    assert "@" not in outside
    assert "#" not in outside
    assert "<b>" not in outside
