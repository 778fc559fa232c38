"""People: who agreed, and which groups they are known to be in."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from scopegate.policy.sign_off import ANYONE


class Approval(Struct, frozen=True):
    """One human who agreed. ``groups`` are those that the caller has proved them to be in; ``who`` is a login."""

    who: str
    groups: frozenset[str] = frozenset()


def is_member(approval: Approval, groups: Iterable[str], teams: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether somebody is known to be in one of ``groups``: by name, by the policy's teams, or as proved."""
    return any(group in approval.groups or _is_named(approval.who.lower(), group, teams) for group in groups)


def people_named(groups: Iterable[str], teams: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the people of ``groups`` whom the policy names."""
    found: list[str] = []
    for group in groups:
        kind, _, name = group.partition(":")
        if kind == "user":
            found.append(name)
        elif kind == "team":
            found.extend(teams.get(name, ()))
    return tuple(dict.fromkeys(found))


def _is_named(who: str, group: str, teams: Mapping[str, tuple[str, ...]]) -> bool:
    return group == ANYONE or who in people_named((group,), teams)
