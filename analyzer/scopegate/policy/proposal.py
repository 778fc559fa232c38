"""A first policy out of what a team's own plans reach: tight, commented, and to be read before it is used."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.place.placement import GLOBAL
from scopegate.policy.beyond import UNKNOWN
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import DIRECT_AND_AFFECTED, Terms
from scopegate.policy.model import Change
from scopegate.policy.places import rows_of
from scopegate.policy.sign_off import ONE_HUMAN
from scopegate.reach.model import How

_ROOM: Final = 80
_TERMS: Final = Terms("proposal", ONE_HUMAN, "proposal", DIRECT_AND_AFFECTED)

_HEAD = """\
# yaml-language-server: $schema=policy.schema.json
# (for completion in your editor: scopegate policy schema > .scopegate/policy.schema.json)
#
# What infrastructure changes may reach without asking, and who must agree to more. Proposed by `scopegate init` from
# {plans}; read each limit before you use it.
# Try it:   scopegate review PLAN --policy THIS_FILE
# Check it: scopegate policy check THIS_FILE
version: 1

limits:
"""

_SIGNALS = """
  data-loss:
    signals: {categories: [data-loss], severities: [high]}
    sign_off: 2
    why: lost data does not come back with the old code

  high-signals:
    signals: {severities: [high]}
    sign_off: 1
    why: a named risk that a reviewer must have seen
"""

_REST = """
# What else a policy can say. Take away the `#` from what you need.
#
# limits:
#   guard-rails:
#     guard_rails: {rails: [policy, claims, codeowners, workflows], paths: [scripts/plan.sh]}
#     sign_off: team:platform
#     why: whoever changes the gate could open it
#   no-late-fridays:
#     time: {zone: Europe/Berlin, frozen: [{days: [fri], from: "12:00"}]}
#     block: true
#     why: nobody is there to put it right at the weekend
#
# agents:              # holds besides for changes that AI agents wrote; one human more is asked in any case
#   limits:
#     agents-stay-small:
#       direct_changes: {at_most: 10}
#       sign_off: 1
#       why: an agent's change should be small enough to be read whole
#
# owners:              # who is asked by `sign_off: {owner-of: region}`; '*' stands last
#   regions: {cn-*: team:cn-owners, "*": team:platform}
#
# teams:               # where the code host cannot tell who is in a team
#   cn-owners: [li, wang]
#
# break_glass: {from: team:incident-commanders, count: 2, longest_hours: 4}
"""


class _Seen(Struct, frozen=True):
    """The known values of one dimension in all plans, and whether some are unknown."""

    values: tuple[str, ...]
    unknown: bool


def propose(changes: Sequence[Change], facts: Facts) -> str:
    """Return the text of a policy that agrees to the places these changes reach, and to little more.

    Strict jurisdictions ask in any case, reached or not.
    """
    plans = "1 plan" if len(changes) == 1 else f"{len(changes)} plans"
    places = [_allow(changes, kind, why) for kind, why in _WHYS.items()]
    limits = [*places, _strict(facts), *_spreads(changes), _KNOWN, *_counts(changes)]
    return _HEAD.format(plans=plans) + "\n".join(filter(None, limits)) + _SIGNALS + _REST


_WHYS: Final = {
    LimitKind.PARTITIONS: "these are the clouds we work in",
    LimitKind.REGIONS: "these are the regions we work in",
    LimitKind.ACCOUNTS: "these are our accounts",
    LimitKind.SERVICES: "these are the services we use",
}

_KNOWN: Final = """\
  known-places:
    unknowns: [partitions, regions]
    sign_off: 1
    why: nobody can agree to a place that is not known
"""


def _allow(changes: Iterable[Change], kind: LimitKind, why: str) -> str:
    seen = _seen(changes, kind)
    if not seen.values:
        return f"  # No {kind.singular} is known in these plans, so there is no limit on {kind.value} yet.\n"
    # Unknown partitions and regions have a limit of their own, below.
    unknown = ", unknown: allowed" if seen.unknown or kind in (LimitKind.PARTITIONS, LimitKind.REGIONS) else ""
    remark = (
        "  # `global` reaches every region of its partition at once; is that agreed?\n" if GLOBAL in seen.values else ""
    )
    allow = ", ".join(_quoted(value) for value in seen.values)
    if len(allow) > _ROOM:
        allow = "\n        " + ",\n        ".join(_quoted(value) for value in seen.values) + "\n      "
    return (
        f"{remark}  our-{kind.value}:\n"
        f"    {kind.value}: {{allow: [{allow}]{unknown}}}\n"
        f"    sign_off: 1\n    why: {why}\n"
    )


def _strict(facts: Facts) -> str:
    strict = sorted(jurisdiction.id for jurisdiction in facts.jurisdictions.values() if jurisdiction.strict)
    return (
        "  # Name the owners of these places, for example: sign_off: {from: team:cn-owners, count: 2}\n"
        "  strict-jurisdictions:\n"
        f"    jurisdictions: {{strict: [{', '.join(strict)}], unknown: allowed}}\n"
        "    sign_off: 2\n    why: a separate cloud under its own law, with its own owners\n"
    )


def _spreads(changes: Sequence[Change]) -> Iterable[str]:
    for kind in (LimitKind.PARTITIONS, LimitKind.REGIONS, LimitKind.ACCOUNTS):
        most = max((len(_known(change, kind)) for change in changes), default=1)
        yield (f"  # One plan reached {most} at once. Is that how it should be?\n" if most > 1 else "") + (
            f"  {kind.value}-at-once:\n"
            f"    spread: {{of: {kind.value}, at_most: {max(most, 1)}, unknown: allowed}}\n"
            f"    sign_off: 1\n    why: a fault made in one {kind.singular} should stay in it\n"
        )


def _counts(changes: Sequence[Change]) -> Iterable[str]:
    direct = max((_direct(change) for change in changes), default=1)
    yield (
        f"  direct-changes:\n    direct_changes: {{at_most: {max(direct, 10)}}}\n"
        "    sign_off: 1\n    why: nobody reads a plan of more than this line by line\n"
    )
    yield (
        "  nothing-destroyed:\n    destructive_changes: {at_most: 0}\n"
        "    sign_off: 1\n    why: what is destroyed, replaced or forgotten is gone for whoever stands on it\n"
    )


def _direct(change: Change) -> int:
    return sum(touch.how is How.DIRECT for touch in change.reach.touches.values())


def _seen(changes: Iterable[Change], kind: LimitKind) -> _Seen:
    found = {value for change in changes for value in rows_of(change, kind, _TERMS)}
    return _Seen(tuple(sorted(found - {UNKNOWN})), UNKNOWN in found)


def _known(change: Change, kind: LimitKind) -> set[str]:
    return set(rows_of(change, kind, _TERMS)) - {UNKNOWN, GLOBAL}


def _quoted(value: str) -> str:
    """Return a value as strict YAML reads it back as the same text; it comes from the plan, and may hold anything."""
    return value if _PLAIN.match(value) else json.dumps(value)


_PLAIN: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
