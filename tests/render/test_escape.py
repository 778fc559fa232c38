"""Whatever a plan's author wrote is safe to show."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from scopegate.render.escape import plain


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
