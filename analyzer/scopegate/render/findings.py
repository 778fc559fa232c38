"""What the forms for machines list: each limit that was exceeded, each waiver in use, and each signal."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from scopegate.render.wording import Wording, some
from scopegate.signals.model import Severity, Signal
from scopegate.source.model import Location
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import BeyondLimit, Report

ADDRESSES_NAMED: Final = 3
_RAW: Final = Wording(str, str)
_STANDARD_INPUT: Final = "-"


class Rule(Struct, frozen=True):
    """What a finding is of: a limit (``limit/one-region``) or a rule of signals (``signal/any-destroy``)."""

    id: str
    summary: str
    help: str
    tags: tuple[str, ...]


class Finding(Struct, frozen=True):
    """One finding, in words that are not safe to show yet.

    ``places`` are files with a line, the block of its first address first, or else the plan. ``released`` says who
    agreed, and is empty where nobody did. ``fingerprint`` is the same in every plan in which it is the same finding.
    """

    rule: Rule
    severity: Severity
    message: str
    addresses: tuple[str, ...]
    places: tuple[Location, ...]
    released: str
    fingerprint: str


def findings_of(report: Report) -> tuple[Finding, ...]:
    """Return all findings: what differs from the report before, what is stopped, and what people released."""
    files = _Files(report)
    found = _told_apart([*_excesses(report, files), *_waived(report, files), *_signals(report, files)])
    ranked = sorted(found, key=lambda finding: (bool(finding.released), _gravest_first(finding.severity)))
    return (*_since(report, files), *ranked)


def _since(report: Report, files: "_Files") -> Iterator[Finding]:
    if report.since is None:
        return
    wider = "; ".join(_RAW.differences(report.since.wider, ADDRESSES_NAMED)) or "nothing"
    narrower = "; ".join(_RAW.differences(report.since.narrower, ADDRESSES_NAMED)) or "nothing"
    yield Finding(
        rule=Rule("since/report-before", "since the report before", "what got wider and what got narrower", ("since",)),
        severity=Severity.MEDIUM if report.since.wider else Severity.LOW,
        message=f"{_RAW.since(report.since)}. Wider: {wider}. Narrower: {narrower}.",
        addresses=(),
        places=files.of(()),
        released="",
        fingerprint=_fingerprint(report, "since"),
    )


def _told_apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings, with another fingerprint where one is said twice: of a current and a deposed object."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        yield finding if number == 1 else replace(finding, fingerprint=_digest(finding.fingerprint, str(number)))


def _gravest_first(severity: Severity) -> int:
    return list(Severity).index(severity)


def _excesses(report: Report, files: "_Files") -> Iterator[Finding]:
    for excess in report.excesses:
        yield Finding(
            rule=_limit_rule(excess),
            severity=Severity.HIGH,
            message=f"{excess.message}{_cause(excess.addresses)}; {excess.advice}",
            addresses=excess.addresses,
            places=files.of(excess.addresses),
            released=_released(report, excess.limit),
            fingerprint=_fingerprint(report, "limit", excess.limit),
        )


def _cause(addresses: Sequence[str]) -> str:
    return f" ({some(addresses, ADDRESSES_NAMED)})" if addresses else ""


def _limit_rule(excess: BeyondLimit) -> Rule:
    summary = f"{excess.limit}: {excess.agreed}" if excess.agreed else excess.limit
    return Rule(f"limit/{excess.limit}", summary, f"{excess.why}; {excess.advice}", ("scope", excess.dimension.value))


def _released(report: Report, limit: str) -> str:
    """Return who released what is beyond ``limit``; empty where somebody must still agree."""
    if broken := report.circumstances.break_glass:
        return f"break-glass by {', '.join(person.who for person in broken.by)}: {broken.reason} ({broken.ticket})"
    asking = [requirement for requirement in report.requirements if limit in requirement.why]
    if not asking or not all(requirement.met for requirement in asking):
        return ""
    return f"signed by {', '.join(dict.fromkeys(who for r in asking for who in r.satisfied_by))}"


def _waived(report: Report, files: "_Files") -> Iterator[Finding]:
    for use in report.circumstances.waived:
        waiver = use.waiver
        kind, name = ("limit", waiver.limit) if waiver.limit else ("signal", waiver.rule)
        yield Finding(
            rule=Rule(f"{kind}/{name}", name, waiver.reason, ("waived",)),
            severity=Severity.MEDIUM,
            message=f"{name} is waived here until {waiver.expires.isoformat()}.",
            addresses=use.addresses,
            places=files.of(use.addresses),
            released=f"waived by {waiver.by}: {waiver.reason}",
            fingerprint=_fingerprint(report, "waiver", name, *use.addresses),
        )


def _signals(report: Report, files: "_Files") -> Iterator[Finding]:
    # Signals are released by nobody of their own: they are, as part of what is signed, with the whole change.
    released = _all_signed(report)
    for signal in report.signals:
        yield Finding(
            rule=_signal_rule(signal),
            severity=signal.severity,
            message=f"{signal.address}: {signal.message}",
            addresses=(signal.address,),
            places=files.of((signal.address,)),
            released=released,
            fingerprint=_fingerprint(report, "signal", signal.rule, signal.address),
        )


def _signal_rule(signal: Signal) -> Rule:
    advice = f"{signal.why} {signal.do}".strip() or signal.category.value
    return Rule(f"signal/{signal.rule}", signal.title or signal.rule, advice, (signal.category.value,))


def _all_signed(report: Report) -> str:
    if report.verdict is not Verdict.PASS or not report.excesses:
        return ""
    return _released(report, report.excesses[0].limit)


class _Files:
    """Where the blocks of addresses stand, and their plan where that is not known."""

    def __init__(self, report: Report) -> None:
        self.sources = {resource.address: resource.source for resource in report.resources}
        self.stacks = {resource.address: resource.stack for resource in report.resources}
        self.plans = {plan.name: Location(plan.path, 1) for plan in reversed(report.plans)}
        self.first = Location(report.plans[0].path, 1)

    def of(self, addresses: Iterable[str]) -> tuple[Location, ...]:
        named = tuple(addresses)
        found = dict.fromkeys(source for address in named if (source := self.sources.get(address)))
        plans = dict.fromkeys(self.plans.get(self.stacks.get(address, ""), self.first) for address in named)
        return tuple(found) or tuple(plans) or (self.first,)


def _fingerprint(report: Report, *parts: str) -> str:
    """Return a digest of what the finding is about in which stacks.

    Neither the words it is said in nor the plan's path count: runners give one plan many paths, and a finding that
    somebody dismissed would come back with each.
    """
    return _digest(stacks_of(report), *parts)


def stacks_of(report: Report) -> str:
    """Return the names of the stacks that a report is about; empty where the policy names none."""
    return ",".join(dict.fromkeys(plan.stack for plan in report.plans if plan.stack))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def relative_path(path: str) -> str:
    """Return a path below the repository's root; of a path that leaves it, only the name is left."""
    if path == _STANDARD_INPUT:
        return "stdin"
    parts = PurePosixPath(path).parts
    outside = PurePosixPath(path).is_absolute() or ".." in parts
    return "/".join(parts[-1:] if outside else parts).strip("/.") or "plan.json"


def relative_uri(path: str) -> str:
    """Return ``relative_path`` as a URI reference."""
    return quote(relative_path(path), errors="replace", safe="/")
