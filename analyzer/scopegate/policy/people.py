"""People: who agreed, and which groups they are known to be in."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from scopegate.policy.sign_off import ANYONE


class Approval(Struct, frozen=True):
    """One human who agreed. ``groups`` are those that the caller has proved them to be in; ``who`` is a login."""

    who: str
    groups: frozenset[str] = frozenset()


class Voices:
    """Those who agreed, by the groups that they are known to be in: of many people, each group looks at its own."""

    def __init__(self, approvals: Iterable[Approval], teams: Mapping[str, tuple[str, ...]]) -> None:
        """Take the last of several approvals by one person, in the place of the first."""
        given = {approval.who: approval for approval in approvals}
        self.people = tuple(given)
        self._teams = teams
        self._by_login: dict[str, list[int]] = {}
        self._by_group: dict[str, list[int]] = {}
        for number, approval in enumerate(given.values()):
            self._by_login.setdefault(approval.who.lower(), []).append(number)
            for group in approval.groups:
                self._by_group.setdefault(group, []).append(number)

    def of(self, groups: Iterable[str]) -> tuple[str, ...]:
        """Return who is known to be in one of ``groups``: by name, by the policy's teams, or as proved."""
        asked = tuple(groups)
        if ANYONE in asked:
            return self.people
        proved = (number for group in asked for number in self._by_group.get(group, ()))
        named = (number for who in people_named(asked, self._teams) for number in self._by_login.get(who, ()))
        return tuple(self.people[number] for number in sorted({*proved, *named}))


def is_member(approval: Approval, groups: Iterable[str], teams: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether somebody is known to be in one of ``groups``: by name, by the policy's teams, or as proved."""
    return bool(Voices((approval,), teams).of(groups))


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
