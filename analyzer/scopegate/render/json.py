"""The JSON report, schema_version "1": written by this converter, never a dump of internal types.

The published schema is ``scopegate_rules/schemas/report.schema.json``; a field is only ever added.

Cost: linear in the text. What resources have in common that differ only in their addresses is written once for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from scopegate.place.placement import AlsoReaches, Known, Placement, Unknown
from scopegate.policy.model import BreakGlass, WaiverUse
from scopegate.reach.footprint import ProviderKey, RegionKey, Tally
from scopegate.render.encode import as_json, indented, without_commands
from scopegate.signals.model import Signal
from scopegate.signals.rollback import RollbackNote
from scopegate.source.model import Location
from scopegate.verdict.report import BeyondLimit, Circumstances, Coverage, PlanSummary, Report, Resource, Since
from scopegate.verdict.requirements import Requirement

SCHEMA_VERSION: Final = "1"

Json = dict[str, Any]


def render(report: Report) -> str:
    """Return the report as JSON, indented by two, with a line break at the end."""
    return b"".join(pieces(report)).decode()


def pieces(report: Report) -> list[bytes]:
    """Return what ``render`` does, in UTF-8 and in pieces: many are the same, so that they take little memory."""
    try:
        return _written(report)
    except UnicodeEncodeError:
        return [as_json(document(report)).encode()]


def _written(report: Report) -> list[bytes]:
    """Return the text of ``document`` in pieces, the two long lists item by item."""
    # A line break in a string is written as two signs, so each of these keys stands at the start of one line only.
    before, resources, rest = indented(_document(report, [], [])).partition(b'\n  "resources": []')
    between, rollback, after = rest.partition(b'\n  "rollback": []')
    return [
        before,
        *_filled(resources, _written_resources(report.resources)),
        between,
        *_filled(rollback, _written_notes(report.rollback)),
        after,
        b"\n",
    ]


def _filled(empty: bytes, items: list[bytes]) -> Iterable[bytes]:
    """Return the text of a list that is written ``empty`` without its ``items``; the text of each ends with a comma."""
    return (empty[: -len(b"]")], *items[:-1], items[-1][: -len(b",")], b"\n  ]") if items else (empty,)


def _written_resources(resources: Sequence[Resource]) -> list[bytes]:
    frames: dict[object, tuple[bytes, ...]] = {}
    written: list[bytes] = []
    for one, address in zip(resources, _strings([one.address for one in resources]), strict=True):
        key = (id(one.placement), one.type, one.change, one.how, one.deposed, one.stack, one.source)
        frame = frames.get(key)
        if frame is None:
            frame = frames[key] = _frame(one)
        start, before_why, before_path, end, between = frame
        if len(one.path) == 1 and not one.why:  # a change itself
            written += (start, address, between, address, end)
        else:
            why = _strings([one.why])[0] if one.why else b"null"
            path = b",\n        ".join(_strings([step.address for step in one.path]))
            written += (start, address, before_why, why, before_path, path, end)
    return written


def _frame(resource: Resource) -> tuple[bytes, ...]:
    """Return what is written around the address, the reason and the path of a resource."""
    item = _resource(resource, _placement(resource.placement))
    start, before_why, before_path, end = _around(item, ("address", "why", "path"))
    before_path += b"[\n        "
    return start, before_why, before_path, b"\n      ]" + end + b",", before_why + b"null" + before_path


def _written_notes(notes: Sequence[RollbackNote]) -> list[bytes]:
    shared: dict[object, tuple[bytes, bytes]] = {}
    written: list[bytes] = []
    for note, address in zip(notes, _strings([note.address for note in notes]), strict=True):
        key = (note.undoing, note.before_apply, note.undo)
        parts = shared.get(key)
        if parts is None:
            start, end = _around(_rollback(note), ("address",))
            parts = shared[key] = (start, end + b",")
        written += (parts[0], address, parts[1])
    return written


def _around(item: Json, own: Sequence[str]) -> list[bytes]:
    """Return the text of an item of one of the lists, cut where the values of its members ``own`` go."""
    text = b"\n" + indented({name: None if name in own else value for name, value in item.items()})
    text = text.replace(b"\n", b"\n    ")  # two levels down
    parts: list[bytes] = []
    for name in own:
        key = b'\n      "%s": ' % name.encode()
        part, _, text = text.partition(key + b"null")
        parts.append(part + key)
    return [*parts, text]


def _strings(texts: Sequence[str]) -> list[bytes]:
    """Return each of ``texts`` as JSON."""
    return without_commands(_ENCODER.encode_lines(texts)).split(b"\n")[:-1]


_ENCODER: Final = msgspec.json.Encoder()


def document(report: Report) -> Json:
    """Return the report as plain JSON values."""
    return _document(report, _resources(report.resources), [_rollback(note) for note in report.rollback])


def _document(report: Report, resources: Sequence[Json], rollback: Sequence[Json]) -> Json:
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "scopegate", "version": report.tool_version, "facts_version": report.facts_version},
        "verdict": report.verdict.value,
        "report_only": report.report_only,
        "fingerprint": report.fingerprint,
        "policy": report.policy,
        "limits": list(report.limits),
        "plans": [_plan(plan) for plan in report.plans],
        "reach": _reach(report),
        "resources": resources,
        "signals": _signals(report),
        "excesses": [_excess(excess) for excess in report.excesses],
        "requirements": [_requirement(requirement) for requirement in report.requirements],
        "circumstances": _circumstances(report.circumstances),
        "coverage": _coverage(report.coverage),
        "rollback": rollback,
        **({"since": _since(report.since)} if report.since else {}),
    }


def _since(since: Since) -> Json:
    return {
        "verdict": since.verdict.value,
        "fingerprint": since.fingerprint,
        "wider": [" ".join(difference) for difference in since.wider],
        "narrower": [" ".join(difference) for difference in since.narrower],
    }


def _plan(plan: PlanSummary) -> Json:
    return {
        "path": plan.path,
        "sha256": plan.sha256,
        "terraform_version": plan.terraform_version or None,
        "format_version": plan.format_version or None,
        "stack": plan.stack,
        **({"name": plan.name} if plan.name else {}),
    }


def _reach(report: Report) -> Json:
    places = report.footprint
    return {
        "regions": [
            {**_region(key), "jurisdictions": sorted(places.region_jurisdictions.get(key, ())), **_counts(tally)}
            for key, tally in places.regions.items()
        ],
        "partitions": _by_provider("partition", places.partitions),
        "accounts": _by_provider("account", places.accounts),
        "services": _by_provider("service", places.services),
        "jurisdictions": _by_value("jurisdiction", places.jurisdictions),
        "environments": _by_value("environment", places.environments),
        "estate": [{"partition": name, "regions": list(regions)} for name, regions in places.estate.items()],
    }


def _region(key: RegionKey) -> Json:
    return {"provider": key.provider, "partition": key.partition, "region": key.region}


def _by_provider(name: str, rows: Mapping[ProviderKey, Tally]) -> list[Json]:
    return [{"provider": key.provider, name: key.value, **_counts(tally)} for key, tally in rows.items()]


def _by_value(name: str, rows: Mapping[str | None, Tally]) -> list[Json]:
    return [{name: value, **_counts(tally)} for value, tally in rows.items()]


def _counts(tally: Tally) -> Json:
    return {"direct": len(tally.direct), "affected": len(tally.affected), "exposed": len(tally.exposed)}


def _resources(resources: Iterable[Resource]) -> list[Json]:
    """Return each resource; those in one place share what is said of it, which is put together once."""
    placements = {id(resource.placement): resource.placement for resource in resources}
    shown = {key: _placement(placement) for key, placement in placements.items()}
    return [_resource(resource, shown[id(resource.placement)]) for resource in resources]


def _resource(resource: Resource, placement: Json) -> Json:
    return {
        "address": resource.address,
        **({"stack": resource.stack} if resource.stack else {}),
        "deposed": resource.deposed,
        "type": resource.type,
        "provider": resource.placement.provider,
        "change": resource.change,
        "how": resource.how.value,
        "why": resource.why or None,
        "placement": placement,
        "also_reaches": [_also(other) for other in resource.placement.also_reaches],
        "path": [step.address for step in resource.path],
        "source": _source(resource.source),
    }


def _placement(placement: Placement) -> Json:
    jurisdictions = placement.jurisdictions
    known = Known(sorted(jurisdictions.value), jurisdictions.evidence) if isinstance(jurisdictions, Known) else None
    return {
        "located": placement.located,
        "partition": _answer(placement.partition),
        "region": _answer(placement.region),
        "account": _answer(placement.account),
        "service": _answer(placement.service),
        "environment": _answer(placement.environment),
        "jurisdictions": _answer(known or jurisdictions),
        "effect": placement.effect,
        "home_region": placement.home_region,
        "previous_region": placement.previous_region and placement.previous_region.value,
        "previous_partition": placement.previous_partition and placement.previous_partition.value,
    }


def _answer(answer: Known[Any] | Unknown) -> Json:
    if isinstance(answer, Known):
        return {"value": answer.value, "evidence": answer.evidence}
    return {"value": None, "unknown": answer.reason, "candidates": list(answer.candidates)}


def _also(other: AlsoReaches) -> Json:
    return {
        "kind": other.kind,
        "partition": other.partition,
        "region": other.region,
        "account": other.account,
        "jurisdictions": sorted(other.jurisdictions),
        "evidence": other.evidence,
        **({"unknown": other.unknown} if other.unknown else {}),
    }


def _source(location: Location | None) -> Json | None:
    return {"file": location.file, "line": location.line} if location else None


def _signals(report: Report) -> list[Json]:
    sources = {resource.address: resource.source for resource in report.resources}
    return [_signal(signal, sources.get(signal.address)) for signal in report.signals]


def _signal(signal: Signal, source: Location | None) -> Json:
    return {
        "rule": signal.rule,
        "category": signal.category.value,
        **({"in_doubt": signal.in_doubt.value} if signal.in_doubt else {}),
        "severity": signal.severity.value,
        "address": signal.address,
        "message": signal.message,
        "source": _source(source),
    }


def _excess(excess: BeyondLimit) -> Json:
    return {
        "limit": excess.limit,
        "dimension": excess.dimension.value,
        "values": list(excess.values),
        "addresses": list(excess.addresses),
        "agreed": excess.agreed,
        "message": excess.message,
        "why": excess.why,
        "advice": excess.advice,
    }


def _requirement(requirement: Requirement) -> Json:
    return {
        "from": list(requirement.groups),
        "count": requirement.count,
        "why": ", ".join(requirement.why),
        "satisfied_by": list(requirement.satisfied_by),
        "rejected": [{"who": rejected.who, "why": rejected.why} for rejected in requirement.rejected],
        "suggested": list(requirement.suggested),
    }


def _circumstances(circumstances: Circumstances) -> Json:
    return {
        "author": circumstances.author.value,
        "barred": [{"who": who, "why": why} for who, why in circumstances.barred.items()],
        "declared": [
            {"source": scope.source, "scope": {kind.value: list(values) for kind, values in scope.allow.items()}}
            for scope in circumstances.declared
        ],
        "waived": [_waived(use) for use in circumstances.waived],
        "judged_at": circumstances.now.isoformat() if circumstances.now else None,
        "break_glass": circumstances.break_glass and _break_glass(circumstances.break_glass),
    }


def _waived(use: WaiverUse) -> Json:
    return {
        "limit": use.waiver.limit or None,
        "rule": use.waiver.rule or None,
        "addresses": list(use.addresses),
        "reason": use.waiver.reason,
        "by": use.waiver.by,
        "expires": use.waiver.expires.isoformat(),
        "source": use.waiver.origin,
    }


def _break_glass(broken: BreakGlass) -> Json:
    return {
        "by": [person.who for person in broken.by],
        "reason": broken.reason,
        "ticket": broken.ticket,
        "expires": broken.expires.isoformat(),
    }


def _rollback(note: RollbackNote) -> Json:
    return {
        "address": note.address,
        "class": note.undoing.value,
        "before_apply": list(note.before_apply),
        "undo": list(note.undo),
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "resources": coverage.resources,
        "standing": coverage.standing,
        "placed": coverage.placed,
        "region_unknown": coverage.region_unknown,
        "types_unmapped": list(coverage.types_unmapped),
        "edges_incomplete": [
            {"block": hidden.block, "locals": list(hidden.locals)} for hidden in coverage.edges_incomplete
        ],
        "notes": list(coverage.notes),
    }
