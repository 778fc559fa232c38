"""Scripts that take two columns a character, none, or the line from the other end."""

from hypothesis import given
from hypothesis import strategies as st

from render.reports import queue, report
from scopegate.render import terminal
from scopegate.render.columns import padded, width_of, wrapped
from scopegate.render.escape import in_one_direction


def test_a_chinese_character_takes_two_columns_and_an_accent_put_on_a_letter_none() -> None:
    assert width_of("北京") == 4
    assert width_of("e\u0301") == 1
    assert padded("北京", 6) == "北京  "


def test_chinese_is_parted_anywhere_and_words_beside_it_are_not() -> None:
    assert wrapped("付款服务在 cn-north-1 运行", 12) == ["付款服务在", "cn-north-1", "运行"]
    assert wrapped("付款服务由法律管辖", 9) == ["付款服务", "由法律管", "辖"]


@given(st.text(st.sampled_from("ab -北京é")), st.integers(6, 30))
def test_no_line_is_wider_than_asked_for_but_for_one_long_word_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, "- ", "  ")
    assert "".join("".join(line[2:].split()) for line in lines) == "".join(text.split())
    assert all(width_of(line) <= width or " " not in line[2:] for line in lines)


def test_a_line_of_ascii_is_wrapped_as_every_other() -> None:
    plain, accented = "one two three four", "one two thr\u00e9\u00e9 four"
    assert [len(line) for line in wrapped(plain, 9)] == [len(line) for line in wrapped(accented, 9)]


def test_a_name_written_from_right_to_left_cannot_turn_a_line_of_the_terminal_around() -> None:
    address = 'aws_sqs_queue.q["\u05d0\u05d1 delete"]'
    assert in_one_direction(address) == 'aws_sqs_queue.q["\\u05d0\\u05d1 delete"]'
    text = terminal.render(report(queue(address, "eu-central-1")))
    assert "\u05d0" not in text
    assert 'aws_sqs_queue.q["\\u05d0\\u05d1 delete"]' in text


def test_a_table_keeps_its_columns_beside_chinese() -> None:
    text = terminal.render(report(queue('aws_sqs_queue.q["北京"]', "cn-north-1")))
    assert '~ update  aws_sqs_queue.q["北京"]' in text
    assert max(map(width_of, text.splitlines())) <= 80
