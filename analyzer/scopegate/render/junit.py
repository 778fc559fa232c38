"""The report as JUnit XML: each limit is a test case, so that any CI system shows which one stopped the change."""

import sys
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scopegate.render.escape import plain
from scopegate.render.findings import Finding, findings_of
from scopegate.render.wording import Wording
from scopegate.verdict.report import BeyondLimit, Report

SUITE: Final = "scopegate"
_WORDS: Final = Wording(plain, plain)


def render(report: Report) -> str:
    """Return one test suite as XML, with a line break at the end; XML can hold no control characters."""
    beyond = {excess.limit: excess for excess in report.excesses}
    released = {finding.rule.id: finding for finding in findings_of(report) if finding.released}
    names = list(dict.fromkeys([*report.limits, *beyond]))
    failing = [name for name in beyond if f"limit/{name}" not in released]
    suite = Element("testsuite", name=SUITE, tests=str(len(names)), failures=str(len(failing)), errors="0", time="0")
    properties = SubElement(suite, "properties")
    told = (("verdict", report.verdict.value), ("fingerprint", report.fingerprint), *_WORDS.in_short(report))
    for name, value in told:
        SubElement(properties, "property", name=name.lower().replace(" ", "-"), value=value)
    if report.since:
        differences = [f"wider: {line}" for line in _WORDS.differences(report.since.wider, sys.maxsize)]
        differences += [f"narrower: {line}" for line in _WORDS.differences(report.since.narrower, sys.maxsize)]
        SubElement(properties, "property", name="since", value="; ".join([_WORDS.since(report.since), *differences]))
    places = {r.address: f"  {r.source}" for r in report.resources if r.source}
    for name in names:
        _case(suite, name, beyond.get(name), released.get(f"limit/{name}"), plain(report.policy), places)
    suites = Element("testsuites", name=SUITE)
    suites.append(suite)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _case(
    suite: Element,
    name: str,
    excess: BeyondLimit | None,
    released: Finding | None,
    policy: str,
    places: Mapping[str, str],
) -> None:
    case = SubElement(suite, "testcase", name=plain(name), classname=policy, time="0")
    if excess is None or released:
        if released:
            SubElement(case, "system-out").text = plain(f"{released.message} {released.released}")
        return
    failure = SubElement(case, "failure", type=excess.dimension.value, message=plain(excess.message))
    addresses = "".join(f"\n{plain(address + places.get(address, ''))}" for address in excess.addresses)
    failure.text = f"{plain(excess.message)}\n{plain(excess.why)}; {plain(excess.advice)}{addresses}"
