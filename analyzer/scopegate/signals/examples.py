"""Running a rule's own examples: each is made into the JSON of a small plan and judged like any other."""

from collections.abc import Iterable
from typing import Any

import msgspec

from scopegate.errors import FactsError, PlanError
from scopegate.facts.facts import Facts
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.signals.find import find_signals
from scopegate.signals.rules import Example, Rule, RuleSet


def check_examples(rules: Iterable[Rule], facts: Facts) -> None:
    """Return when every example of ``rules`` does what it says.

    Raises:
        FactsError: some do not; the message names each.
    """
    found = [f"{rule.origin}: {failure}" for rule in rules for failure in failures(rule, facts)]
    if found:
        raise FactsError(
            "\n".join([f"{found[0]}.", *(f"{failure}." for failure in found[1:])])
            + "\nCorrect the rule or the example: a rule that does not do what it says watches for nothing."
        )


def failures(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """Return a sentence for each example of ``rule`` that does not do what it says; empty when all do."""
    silent = [example for example in rule.examples.fires if not _fires(rule, example, facts)]
    loud = [example for example in rule.examples.quiet if _fires(rule, example, facts)]
    return (
        *(f"{rule.id} does not fire, but should: {example.says}" for example in silent),
        *(f"{rule.id} fires, but should not: {example.says}" for example in loud),
    )


def _fires(rule: Rule, example: Example, facts: Facts) -> bool:
    plan = _plan(rule, example)
    graph = build_graph(plan)
    placements = place_all(plan, facts, graph, {})
    return bool(find_signals(plan, placements, facts, RuleSet((rule,)), graph=graph))


def _plan(rule: Rule, example: Example) -> Plan:
    document: dict[str, Any] = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": []}
    document |= example.plan or {"resource_changes": [_resource_change(rule, example)]}
    try:
        return decode_plan(msgspec.json.encode(document), "the example")
    except PlanError as error:
        raise FactsError(f"{rule.origin}: the example {example.says!r} of {rule.id} is no plan: {error}") from error


def _resource_change(rule: Rule, example: Example) -> dict[str, object]:
    resource_type = example.type or rule.types[0]
    change: dict[str, object] = {
        "actions": list(example.actions),
        "before": example.before,
        "after": example.after,
        "after_unknown": example.after_unknown,
        "replace_paths": [list(path) for path in example.replace_paths],
    }
    if example.importing:
        change["importing"] = {"id": "example"}
    return {
        "address": f"{resource_type}.example",
        "mode": "managed",
        "type": resource_type,
        "name": "example",
        "provider_name": f"registry.terraform.io/hashicorp/{_provider(resource_type)}",
        "deposed": example.deposed,
        "previous_address": example.moved_from,
        "change": change,
    }


def _provider(resource_type: str) -> str:
    return resource_type.split("_", 1)[0]
