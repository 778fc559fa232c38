"""No value of a plan comes out: not in a report of any format, not in an error or a crash, not in a file left over."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.cli.forms import FORMS
from scopegate.plan.conceal import concealer_for
from scopegate.plan.decode import decode_plan
from scopegate.render import explain
from scopegate.verdict.fingerprint import wider_than
from trust.canaries import Canaries, Json, escaped_everywhere
from trust.commands import Outcome, run

CANARIES = Canaries()
DOCUMENT = escaped_everywhere(CANARIES)
WRITTEN = json.dumps(DOCUMENT, separators=(",", ":")).encode()
KNOWLEDGE = default_knowledge()
# A canary in the message of an exception stands for whatever a library may quote there.
SECRET = CANARIES.planted[0]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("leaks") / "plan.json"
    path.write_bytes(WRITTEN)
    return path


def escaped(text: str) -> list[str]:
    lower = text.lower()
    return [value for value, forms in CANARIES.forms().items() if any(form.lower() in lower for form in forms)]


def test_the_search_finds_what_it_should() -> None:
    # Every canary is in the plan, and the search sees it there: otherwise all below would hold of nothing.
    assert escaped(WRITTEN.decode()) == CANARIES.planted
    assert len(CANARIES.planted) == 31


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_no_canary_is_in_a_report(plan: Path, form: str, verbose: bool) -> None:
    outcome = run("review", str(plan), "--format", form, *(["--verbose"] if verbose else []))
    assert outcome.code == 10
    assert len(outcome.out) > 300
    assert escaped(outcome.out + outcome.err) == []


def test_no_canary_is_in_an_explanation_of_any_instance() -> None:
    analysis = analyze(decode_plan(WRITTEN, "plan.json"), KNOWLEDGE, Options())
    for position, _ in enumerate(analysis.change.plan.instances):
        assert escaped(explain.render(analysis.shown.change, analysis.graph, position)) == []


def test_explain_and_its_hint_show_no_canary(plan: Path) -> None:
    address = next(entry["address"] for entry in DOCUMENT["resource_changes"] if SECRET in entry["address"])
    assert escaped(run("explain", str(plan), address).out) == []
    hint = run("explain", str(plan), 'aws_s3_bucket.c["(sensitive 1)"]')
    assert hint.code == 2
    assert "did you mean 'aws_s3_bucket.b[\"(sensitive " in hint.err
    assert escaped(hint.err) == []


def test_no_canary_is_in_what_is_said_about_policies(plan: Path) -> None:
    outcome = run("policy", "explain", str(plan))
    assert outcome.code == 0
    assert escaped(outcome.out + outcome.err) == []


def test_no_canary_is_in_a_first_policy(plan: Path) -> None:
    # A place that is hidden stands there as "(sensitive 1)" and agrees to nothing.
    outcome = run("init", str(plan))
    assert outcome.code == 0
    assert escaped(outcome.out + outcome.err) == []


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def broken(path: tuple[str | int, ...], new: object) -> bytes:
    document: Any = json.loads(WRITTEN)
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = new
    return json.dumps(document, separators=(",", ":")).encode()


# Where a marked value or its mark is overwritten, nothing marks the copies of it any more.
MARKS = {
    "after",
    "before",
    "configuration",
    "variables",
    "after_sensitive",
    "before_sensitive",
    "config_sensitive",
    "prior_state",
}
PLACES = [path for path in places(DOCUMENT) if path and not MARKS.intersection(path)]


@pytest.mark.parametrize("new", [7, "x", [], {"a": 1}, ["x", "y"]], ids=repr)
def test_no_canary_is_in_an_error_about_a_malformed_plan(new: object) -> None:
    refused = 0
    for path in PLACES[::37]:
        outcome = read(broken(path, new))
        refused += outcome.code == 3
        assert outcome.code in (3, 10, 11), path
        assert escaped(outcome.out + outcome.err) == [], path
    assert refused


@pytest.mark.parametrize("cut", range(100, len(WRITTEN), len(WRITTEN) // 40))
def test_no_canary_is_in_an_error_about_a_plan_that_breaks_off(cut: int) -> None:
    outcome = read(WRITTEN[:cut])
    assert outcome.code == 3
    assert escaped(outcome.err) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"actions":["create"]', '"actions":["annihilate"]'),
        ('"mode":"managed"', '"mode":"strange"'),
        ('"change":', '"chance":'),
        (f'"bucket":"{SECRET}"', f'"bucket":"{SECRET}","bucket":"x"'),
        (f'"a":"{SECRET}"', '"a":1e999'),
        (f'"address":"aws_s3_bucket.b[\\"{SECRET}\\"]"', f'"address":"aws_s3_bucket.b.[\\"{SECRET}\\"]"'),
        (f'module.m[\\"{SECRET}\\"]', f'module..m[\\"{SECRET}\\"'),
        ('"errored":false', '"errored":true'),
    ],
)
def test_no_canary_is_in_an_error_about_a_doctored_plan(old: str, new: str) -> None:
    text = WRITTEN.decode()
    assert old in text
    outcome = read(text.replace(old, new).encode())
    assert outcome.code == 3 or "[" in old
    assert escaped(outcome.out + outcome.err) == []


def read(raw: bytes) -> Outcome:
    return run("review", "-", stdin=raw)


def test_a_crash_names_its_place_and_nothing_else(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("scopegate.analyze.draw_graph", crash)
    outcome = run("review", str(plan))
    assert outcome.code == 1
    assert "crashed with KeyError at test_nothing_leaks.py:" in outcome.err
    assert escaped(outcome.out + outcome.err) == []


def test_a_crash_of_a_rule_names_no_canary(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("scopegate.signals.find._finding", crash)
    outcome = run("review", str(plan))
    assert outcome.code == 5
    assert escaped(outcome.out + outcome.err) == []


def test_no_canary_is_left_in_a_file(plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run("review", str(plan), "--format", "json", "--output", str(tmp_path / "report.json"))
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]
    assert escaped((tmp_path / "report.json").read_text()) == []


# ---- what is hidden, and what is not ---------------------------------------------------------------------------------


def shown(*addresses: str, marked: str, sensitive: bool = True, region: str = "eu-central-1") -> list[str]:
    def change(address: str) -> Json:
        name = address.partition(".")[2].partition("[")[0]
        values = {"delay_seconds": 1, "region": region}
        return {
            "address": address,
            "mode": "managed",
            "type": "aws_sqs_queue",
            "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": None, "after": values},
        }

    document = {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [change(address) for address in addresses],
        "variables": {"v": {"value": marked}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": sensitive}}}},
    }
    report = analyze(decode_plan(json.dumps(document).encode(), "plan.json"), KNOWLEDGE, Options()).report
    return [resource.address for resource in report.resources] + [key.region or "" for key in report.footprint.regions]


def test_a_marked_value_is_hidden_in_a_key_and_different_values_stay_different() -> None:
    found = shown('aws_sqs_queue.q["hunter2-secret"]', 'aws_sqs_queue.q["other"]', marked="hunter2-secret")
    assert found[:2] == ['aws_sqs_queue.q["(sensitive 1)"]', 'aws_sqs_queue.q["other"]']
    two = json.dumps(["hunter2-secret", "swordfish"])
    assert shown('aws_sqs_queue.q["swordfish"]', 'aws_sqs_queue.q["hunter2-secret"]', marked=two)[:2] == [
        'aws_sqs_queue.q["(sensitive 1)"]',
        'aws_sqs_queue.q["(sensitive 2)"]',
    ]


def test_what_is_not_marked_is_shown() -> None:
    assert shown('aws_sqs_queue.q["hunter2-secret"]', marked="hunter2-secret", sensitive=False)[:1] == [
        'aws_sqs_queue.q["hunter2-secret"]'
    ]


@pytest.mark.parametrize("word", ["aws_sqs_queue", "queue", "eu-central-1", "needs-sign-off", "sensitive", "direct"])
def test_marking_a_word_hides_neither_a_block_nor_a_place_nor_a_word_of_ours(word: str) -> None:
    # Whoever writes the plan could otherwise blot out what a reviewer has to see.
    assert shown("aws_sqs_queue.queue", marked=word) == ["aws_sqs_queue.queue", "eu-central-1"]


def test_the_decision_is_made_on_the_true_addresses() -> None:
    # Otherwise marking "prod" as sensitive would make a policy miss the addresses that name it.
    analysis = analyze(decode_plan(WRITTEN, "plan.json"), KNOWLEDGE, Options())
    true, hidden = (side.plan.instances[0].address for side in (analysis.decision.change, analysis.shown.change))
    assert true == f'aws_s3_bucket.b["{SECRET}"]'
    assert hidden == 'aws_s3_bucket.b["(sensitive 1)"]'
    assert analysis.decision.verdict is analysis.shown.verdict is analysis.report.verdict


@pytest.mark.parametrize(
    ("marked", "text", "expected"),
    [
        ("hunter2-secret", "hunter2-secret", "(sensitive 1)"),
        ("hunter2-secret", "a-HUNTER2-Secret-b", "a-(sensitive 1)-b"),
        ("prod", "prod", "(sensitive 1)"),
        ("prod", "eu-prod/x", "eu-(sensitive 1)/x"),
        ("prod", "products", "products"),
        ("abc", "abc", "abc"),
        ("seven77", "xseven77", "xseven77"),
        ("eight888", "xeight888x", "x(sensitive 1)x"),
        ("a b-eigh", "a%20b-eigh", "(sensitive 1)"),
        ("a b&c-secret", "x/a%20b%26c-secret", "x/(sensitive 1)"),
        ("hunter2-secret", "dXNlcjpodW50ZXIyLXNlY3JldDp4", "dXNlcjp(sensitive 1)Dp4"),
        ("İstanbul-secret", "x-İstanbul-secret", "x-(sensitive 1)"),
        ("long-secret-long", "long-secret", "long-secret"),
    ],
)
def test_a_value_is_found_in_other_text(marked: str, text: str, expected: str) -> None:
    assert concealer_for([text], [marked]).conceal(text) == expected


def test_concealing_takes_no_longer_than_it_should() -> None:
    # Ten thousand keys and as many marked values that all begin alike: 10^8 comparisons, were each pair looked at.
    texts = [f"arn:aws:s3:::bucket-{number:05}" for number in range(10_000)]
    concealer = concealer_for(texts, [f"arn:aws:s3:::bucket-{number:05}" for number in range(5_000, 15_000)])
    assert concealer.conceal(texts[4_999]) == texts[4_999]
    assert concealer.conceal(texts[5_000]) == "(sensitive 1)"


def test_a_scope_with_hidden_values_is_signed_for_one_plan_only() -> None:
    # Two plans in which another secret is the key look alike once it is hidden.
    first, second = (
        analyze(decode_plan(raw, "plan.json"), KNOWLEDGE, Options()).scope
        for raw in (WRITTEN, WRITTEN.replace(SECRET.encode(), b"another-secret"))
    )
    assert first.destructive == second.destructive
    assert wider_than(second, first) is not None
    assert wider_than(first, first) is None
    assert first.fingerprint != second.fingerprint
    assert escaped(repr(first)) == []
