"""Hold the flow against terraform itself: what one edit changes, and what scopegate says of that edit alone.

    python -m benchmarks.flow

``fixtures/flow/<estate>`` was recorded by ``fixtures/record_flow.py``: a plan without changes, and for each edit of one
argument of one block what terraform then changes, in the block itself and elsewhere. Scopegate sees only the former.

Recall is the share of what terraform changes elsewhere that is called affected; it must be all of it. Precision is the
share of what is called affected that terraform changes, by the reason: a changed value that it reads, or the loss of
the object that it stands on, which terraform need not show (an alarm names a service that is replaced under its old
name). What reads changed content at run time is only counted: terraform never shows it.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import action_of
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Instance, Plan, decode_values
from scopegate.reach.compute import compute_reach
from scopegate.reach.model import How, Touch

FLOW = Path(__file__).parents[1] / "fixtures" / "flow"
DESCRIPTIVE = frozenset({"tags", "labels", "description", "comment", "alarm_description"})
"""Arguments that nobody acts on; an edit of one of them must not reach anybody who does not read it."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: ``changes`` is what terraform does to the edited block, ``changed`` what it changes elsewhere."""

    block: str
    argument: str
    changes: Sequence[Document]
    changed: frozenset[str]

    @property
    def is_descriptive(self) -> bool:
        """Whether a tag, a label, a description or a comment is edited in place."""
        in_place = all(change["actions"] == ["update"] for change in self.changes)
        return in_place and self.argument.partition(".")[0] in DESCRIPTIVE


@dataclass(frozen=True, slots=True)
class Estate:
    """A recorded estate: its plan without changes, and its edits that terraform took and that change something."""

    name: str
    base: Document
    edits: tuple[Edit, ...]
    refused: int
    without_effect: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What scopegate says of one edit: addresses that are affected, by why, those of the edited block left out."""

    edit: Edit
    by_value: frozenset[str]
    by_ground: frozenset[str]
    by_content: frozenset[str]

    @property
    def affected(self) -> frozenset[str]:
        """All that is affected."""
        return self.by_value | self.by_ground | self.by_content

    @property
    def missed(self) -> frozenset[str]:
        """What terraform changes and scopegate does not call affected."""
        return self.edit.changed - self.affected


def estates() -> Iterator[Estate]:
    """Yield the recorded estates, by name."""
    for path in sorted(FLOW.glob("*/edits.json")):
        lines = json.loads(path.read_text(encoding="utf-8"))
        edits = [
            Edit(line["block"], line["argument"], line["changes"], frozenset(line["changed"]))
            for line in lines
            if "changes" in line
        ]
        refused = sum(line.get("outcome", "").startswith("refused") for line in lines)
        base = json.loads((path.parent / "base.json").read_text(encoding="utf-8"))
        yield Estate(path.parent.name, base, tuple(edits), refused, len(lines) - len(edits) - refused)


def document_of(base: Document, edit: Edit) -> Document:
    """Return the plan of the first change alone as a plan document: the base with what happens to the edited block."""
    changes = {change["address"]: change for change in edit.changes}
    resource_changes = [
        change | {"change": change["change"] | _planned(change["change"]["after"], changes[change["address"]])}
        if change["address"] in changes
        else change
        for change in base["resource_changes"]
    ]
    return base | {"resource_changes": resource_changes}


def _planned(before: Document, change: Document) -> Document:
    unknown = change["after_unknown"]
    after = {name: value for name, value in (before | change["after"]).items() if unknown.get(name) is not True}
    more = {"replace_paths": change["replace_paths"]} if "replace_paths" in change else {}
    return {"actions": change["actions"], "after": after, "after_unknown": unknown} | more


class Scene:
    """An estate as scopegate sees it, before any edit; no edit changes who depends on whom."""

    def __init__(self, estate: Estate, facts: Facts) -> None:
        """Read the plan of the estate and draw its graph."""
        self.plan = decode_plan(json.dumps(estate.base).encode(), estate.name)
        self.graph = build_graph(self.plan)
        self.facts = facts

    def judge(self, edit: Edit) -> Judged:
        """Return what scopegate says of ``edit`` when it sees no other change."""
        return judged(edit, self.plan_of(edit), self.graph, self.facts)

    def plan_of(self, edit: Edit) -> Plan:
        """Return the plan of the first change alone."""
        changes = {change["address"]: change for change in edit.changes}
        instances = tuple(
            _edited(instance, changes[instance.address]) if instance.address in changes else instance
            for instance in self.plan.instances
        )
        return msgspec.structs.replace(self.plan, instances=instances)


def _edited(instance: Instance, change: Document) -> Instance:
    planned = _planned(decode_values(instance.after), change)
    action = action_of(planned["actions"])
    if action is None:
        raise ValueError(f"{instance.address}: {planned['actions']} is no action list")
    return msgspec.structs.replace(
        instance,
        action=action,
        after=msgspec.Raw(msgspec.json.encode(planned["after"])),
        after_unknown=msgspec.Raw(msgspec.json.encode(planned["after_unknown"])),
        replace_paths=tuple(tuple(path) for path in planned.get("replace_paths", ())),
    )


def judged(edit: Edit, plan: Plan, graph: DependencyGraph, facts: Facts) -> Judged:
    """Return what scopegate says of a plan that makes ``edit`` and nothing else."""
    reach = compute_reach(plan, graph, facts)
    touches = [touch for touch in reach.touches.values() if touch.how is How.AFFECTED]

    def addresses(why: str) -> frozenset[str]:
        return frozenset(plan.instances[touch.instance].address for touch in touches if _why(touch) == why)

    return Judged(edit, addresses("value"), addresses("ground"), addresses("content"))


def _why(touch: Touch) -> str:
    if touch.why.startswith("stands on"):
        return "ground"
    part = touch.edge is not None and touch.edge.link.kind is EdgeKind.SATELLITE
    return "content" if part or touch.why.startswith("uses") else "value"


def main() -> int:
    """Print recall and precision of each estate and every edit that something is missed of; return 1 for a miss."""
    facts = load_facts()
    print("estate     blocks  edits  refused           recall   precision: value       and ground  at run time")
    missed: list[Judged] = []
    for estate in estates():
        verdicts = list(map(Scene(estate, facts).judge, estate.edits))
        print(_line(estate, verdicts))
        missed += [one for one in verdicts if one.missed]
    for one in missed:
        print(f"missed: {one.edit.block} {one.edit.argument or '(replaced)'} -> {', '.join(sorted(one.missed))}")
    return 1 if missed else 0


def _line(estate: Estate, verdicts: Sequence[Judged]) -> str:
    changed = sum(len(one.edit.changed) for one in verdicts)
    found = changed - sum(len(one.missed) for one in verdicts)
    content = sum(len(one.by_content) for one in verdicts)
    columns = (
        f"{estate.name:<11}",
        f"{len({edit.block for edit in estate.edits}):>6}",
        f"{len(verdicts):>7}",
        f"{estate.refused:>9}",
        f"{_share(found, changed):>17}",
        f"{_precision(verdicts, lambda one: one.by_value):>19}",
        f"{_precision(verdicts, lambda one: one.by_value | one.by_ground):>17}",
        f"{content:>13}",
    )
    return "".join(columns)


def _precision(verdicts: Sequence[Judged], called: Callable[[Judged], frozenset[str]]) -> str:
    right = sum(len(called(one) & one.edit.changed) for one in verdicts)
    return _share(right, sum(len(called(one)) for one in verdicts))


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {part / whole:.1%}" if whole else "-"


def cries_of_wolf(verdicts: Iterable[Judged]) -> list[tuple[Edit, frozenset[str]]]:
    """Return the tag and description edits that are said to affect somebody whom terraform leaves alone."""
    return [
        (one.edit, one.affected - one.edit.changed)
        for one in verdicts
        if one.edit.is_descriptive and one.affected - one.edit.changed
    ]


if __name__ == "__main__":
    sys.exit(main())
