"""Laws that hold for signals of every plan."""

import json
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.plan.decode import decode_plan
from scopegate.signals.find import find_signals
from scopegate.signals.model import Signal
from scopegate.signals.rollback import rollback_notes
from scopegate.signals.rule_file import builtin_rules_with_examples
from scopegate.signals.rules import builtin_rules


@cache
def facts() -> Facts:
    return load_facts()


def signals_of(changes: Sequence[dict[str, Any]]) -> tuple[Signal, ...]:
    document = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": list(changes)}
    plan = decode_plan(msgspec.json.encode(document), "plan.json")
    graph = build_graph(plan)
    return find_signals(plan, place_all(plan, facts(), graph, {}), facts(), builtin_rules(), graph=graph)


@cache
def pool() -> tuple[dict[str, Any], ...]:
    """One change from each example of a rule, each with an address of its own."""
    changes = []
    for rule in builtin_rules_with_examples().rules:
        for number, example in enumerate((*rule.examples.fires, *rule.examples.quiet)):
            if example.plan is None and "import" not in example.actions and not example.moved_from:
                kind, name = example.type or rule.types[0], f"{rule.id}-{number}"
                change: dict[str, Any] = {"actions": list(example.actions), "after_unknown": example.after_unknown}
                change |= {"before": example.before, "after": example.after, "replace_paths": example.replace_paths}
                if "*" not in kind and example.actions != ("no-op",) and example.deposed is None:
                    item = {
                        "address": f"{kind}.{name}",
                        "mode": "managed",
                        "type": kind,
                        "name": name,
                        "change": change,
                    }
                    changes.append(item)
    return tuple(changes)


def picked(maximum: int = 8) -> st.SearchStrategy[list[dict[str, Any]]]:
    positions = st.integers(0, len(pool()) - 1)
    return st.lists(positions, max_size=maximum, unique=True).map(lambda found: [pool()[i] for i in found])


def facts_found(signals: Sequence[Signal]) -> set[tuple[str, str]]:
    """What a policy looks at: category and severity of each signal."""
    return {(signal.category.value, signal.severity.value) for signal in signals}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_adding_a_change_takes_no_kind_of_signal_away(data: st.DataObject) -> None:
    changes, more = data.draw(picked()), data.draw(picked(4))
    added = [change for change in more if change not in changes]
    assert facts_found(signals_of(changes)) <= facts_found(signals_of([*changes, *added]))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_order_of_the_plan_decides_nothing(data: st.DataObject) -> None:
    changes = data.draw(picked())
    turned = list(changes)
    random.Random(data.draw(st.integers())).shuffle(turned)  # noqa: S311 - an order, no secret
    assert facts_found(signals_of(changes)) == facts_found(signals_of(turned))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_names_of_resources_decide_nothing(data: st.DataObject) -> None:
    changes = data.draw(picked())
    renamed = [
        {**change, "name": f"r{number}", "address": f"{change['type']}.r{number}"}
        for number, change in enumerate(changes)
    ]
    assert [(s.rule, s.severity) for s in signals_of(renamed)] == [(s.rule, s.severity) for s in signals_of(changes)]


def with_canaries(value: Any) -> Any:
    """Return ``value`` with every string that could be a secret made recognisable."""
    if isinstance(value, dict):
        return {key: with_canaries(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_canaries(item) for item in value]
    return f"canary-{value}" if isinstance(value, str) else value


def test_no_message_and_no_note_repeats_an_attribute_value() -> None:
    changes = [{**change, "change": {**change["change"]}} for change in pool()]
    for change in changes:
        for side in ("before", "after"):
            change["change"][side] = with_canaries(change["change"][side])
            if change["change"][side] is not None:
                change["change"][side]["description"] = "canary-description"
    document = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes}
    plan = decode_plan(msgspec.json.encode(document), "plan.json")
    graph = build_graph(plan)
    placements = place_all(plan, facts(), graph, {})
    signals = find_signals(plan, placements, facts(), builtin_rules(), graph=graph)
    notes = rollback_notes(plan, placements, facts(), builtin_rules(), signals, graph=graph)
    assert len(signals) > 100
    assert [signal for signal in signals if "canary" in signal.message] == []
    assert [note for note in notes if "canary" in json.dumps([note.before_apply, note.undo])] == []
