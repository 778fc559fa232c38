"""From the text of a policy file to a policy document: strict, with ``file:line`` in every complaint."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from scopegate.errors import PolicyError
from scopegate.policy.kinds import PLACES, LimitKind
from scopegate.policy.limits import Limit
from scopegate.policy.model import (
    Agents,
    BreakGlassTerms,
    Owners,
    PolicyDocument,
    Stack,
    StackMatch,
    Waiver,
)
from scopegate.policy.read_limits import read_date, read_limit
from scopegate.policy.read_sign_off import read_groups, read_rule
from scopegate.policy.reading import Node, as_sentence, gathered, suggestion
from scopegate.policy.sign_off import ONE_HUMAN, Combined, Outcome, OwnerSignOff
from scopegate.regular_file import read_regular_file
from scopegate.signals.strict_yaml import load_yaml

VERSION: Final = 1
"""The version of the language that is read here."""

_KEYS = (
    "version",
    "limits",
    "defaults",
    "stacks",
    "agents",
    "owners",
    "teams",
    "machines",
    "declared",
    "waivers",
    "break_glass",
    "distinct_people",
    "facts",
    "rules",
)
_LONGEST_FILE = 1_000_000


def load_policy(path: str) -> PolicyDocument:
    """Return the policy in the file ``path``.

    Raises:
        PolicyError: it cannot be read, is empty, or says something that means nothing; one line for each problem.
    """
    try:
        data = read_regular_file(path)
    except OSError as error:
        raise PolicyError(
            f"{path}: the policy cannot be read ({error.strerror}), so nobody knows what was agreed; name a file that "
            "can be read, or leave --policy out for the default policy."
        ) from error
    return parse_policy(decoded(data, path), path)


def decoded(data: bytes, path: str) -> str:
    """Return the text of a YAML file.

    Raises:
        PolicyError: it is too large or no UTF-8.
    """
    if len(data) > _LONGEST_FILE:
        raise PolicyError(f"{path}: the file is larger than 1 MB, which no policy is; name the right one.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: the file is not UTF-8 text, so it cannot be read; save it as UTF-8.") from error


def parse_policy(text: str, path: str) -> PolicyDocument:
    """Return the policy that ``text`` holds; ``path`` names it in messages and reports.

    Raises:
        PolicyError: as ``load_policy``.
    """
    document = load_yaml(text, path, PolicyError)
    if document.value is None:
        raise PolicyError(
            f"{path}:1: the policy is empty, so anything would pass; begin with `scopegate init PLAN`, or take the "
            "file away for the default policy."
        )
    top = Node(document, document.value)
    keys = top.keyed(_KEYS, ("version",))
    if keys["version"].value != VERSION or isinstance(keys["version"].value, bool):
        raise keys["version"].refusal(f"`version` must be {VERSION}, the one version of the language that is known")
    policy = _document(keys, path)
    _check(policy, top)
    return policy


def _document(keys: Mapping[str, Node], path: str) -> PolicyDocument:
    origins: dict[tuple[str, str], str] = {}
    defaults = keys["defaults"].keyed(("limits",), ("limits",)) if "defaults" in keys else {}
    return PolicyDocument(
        name=path,
        limits=_limits(keys, "limits", origins),
        defaults=_limits(defaults, "defaults", origins),
        stacks=_stacks(keys["stacks"], origins) if "stacks" in keys else (),
        states=_states(keys["stacks"]) if "stacks" in keys else {},
        agents=_agents(keys["agents"], origins) if "agents" in keys else Agents(),
        owners=_owners(keys["owners"]) if "owners" in keys else {},
        teams=_teams(keys["teams"]) if "teams" in keys else {},
        machines=frozenset(map(str.lower, keys["machines"].texts())) if "machines" in keys else frozenset(),
        declared=read_rule(keys["declared"].keyed(("sign_off",), ("sign_off",))["sign_off"])
        if "declared" in keys
        else ONE_HUMAN,
        waivers=gathered(_waiver, keys["waivers"].sequence()) if "waivers" in keys else (),
        break_glass=_break_glass(keys["break_glass"]) if "break_glass" in keys else None,
        distinct_people=keys["distinct_people"].boolean() if "distinct_people" in keys else True,
        origins=origins,
        facts=keys["facts"].texts() if "facts" in keys else (),
        rules=keys["rules"].texts() if "rules" in keys else (),
    )


def _limits(keys: Mapping[str, Node], part: str, origins: dict[tuple[str, str], str]) -> tuple[Limit, ...]:
    """Return the limits under ``limits``, and note where each stands under the part of the policy it is of."""
    if "limits" not in keys:
        return ()
    nodes = keys["limits"].mapping()
    origins.update({(part, name): node.where for name, node in nodes.items()})
    return gathered(lambda item: read_limit(*item), list(nodes.items()))


def _stacks(node: Node, origins: dict[tuple[str, str], str]) -> tuple[Stack, ...]:
    return gathered(lambda item: _stack(item[0], item[1], origins), list(node.mapping().items()))


def _stack(name: str, node: Node, origins: dict[tuple[str, str], str]) -> Stack:
    keys = node.keyed(("match", "owner", "state", "environment", "accounts", "inherits", "limits"), ("match", "owner"))
    match = keys["match"].keyed(("paths", "plans", "workspaces", "backends"))
    return Stack(
        name=name,
        match=StackMatch(**{key: patterns.texts() for key, patterns in match.items()}),
        owner=read_groups(keys["owner"]),
        environment=keys["environment"].text() if "environment" in keys else None,
        accounts=keys["accounts"].texts() if "accounts" in keys else None,
        limits=_limits(keys, f"stacks.{name}", origins),
        inherits_defaults="inherits" in keys and keys["inherits"].word(("defaults",)) == "defaults",
    )


def _states(node: Node) -> Mapping[str, str]:
    """Return where each stack keeps its state, of those that say so."""
    stacks = {name: item.mapping() for name, item in node.mapping().items()}
    return {name: keys["state"].text() for name, keys in stacks.items() if "state" in keys}


def _agents(node: Node, origins: dict[tuple[str, str], str]) -> Agents:
    keys = node.keyed(("sign_off", "limits", "include_unknown"))
    return Agents(
        sign_off=read_rule(keys["sign_off"]) if "sign_off" in keys else ONE_HUMAN,
        limits=_limits(keys, "agents", origins),
        include_unknown=keys["include_unknown"].boolean() if "include_unknown" in keys else False,
    )


def _owners(node: Node) -> Owners:
    keys = node.keyed([kind.value for kind in PLACES])
    return {kind: _owned(keys[kind.value]) for kind in PLACES if kind.value in keys}


def _owned(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = node.mapping()
    if "*" in rows and next(reversed(rows)) != "*":
        raise rows["*"].refusal("the first pattern that matches holds, so nothing after '*' would; move it to the end")
    return tuple((pattern, read_groups(groups)) for pattern, groups in rows.items())


def _teams(node: Node) -> Mapping[str, tuple[str, ...]]:
    return {name.lower(): tuple(login.lower() for login in people.texts()) for name, people in node.mapping().items()}


def _waiver(node: Node) -> Waiver:
    keys = node.keyed(
        ("limit", "rule", "addresses", "reason", "by", "expires"), ("addresses", "reason", "by", "expires")
    )
    if ("limit" in keys) == ("rule" in keys):
        raise node.refusal("a waiver is of either one `limit` or one signal `rule`")
    return Waiver(
        addresses=keys["addresses"].texts(),
        reason=keys["reason"].text(),
        by=keys["by"].text(),
        expires=read_expiry(keys["expires"]),
        origin=node.where,
        limit=keys["limit"].text() if "limit" in keys else "",
        rule=keys["rule"].text() if "rule" in keys else "",
    )


def read_expiry(node: Node) -> datetime:
    """Return the first moment that is too late: of a day, its end in UTC."""
    text = node.text()
    if len(text) == len("2026-12-24"):
        day = read_date(node)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return read_moment(node)


def read_moment(node: Node) -> datetime:
    """Return a moment written as ``2026-12-24T17:30:00Z``."""
    text = node.text()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise node.refusal(f"{text[:60]!r} is no moment; write it as 2026-12-24T17:30:00Z, or as a day")
    return moment


def _break_glass(node: Node) -> BreakGlassTerms:
    keys = node.keyed(("from", "count", "longest_hours"), ("from", "longest_hours"))
    return BreakGlassTerms(
        groups=read_groups(keys["from"]),
        count=keys["count"].integer(1) if "count" in keys else 1,
        longest_hours=keys["longest_hours"].integer(1),
    )


def _check(policy: PolicyDocument, top: Node) -> None:
    """Refuse what no single value shows: a policy without limits, names that stand twice, owners who are nobody."""
    parts = _parts(policy)
    if not any(limits for _, limits in parts):
        raise top.refusal("the policy has no limits, so anything would pass; add `limits`")
    problems = [
        *_taken_names(policy),
        *_missing_owners(policy, parts),
        *_lost_waivers(policy, parts),
        *_stacks_without_limits(policy, top),
    ]
    if problems:
        raise PolicyError("\n".join(problems))


_Parts = Sequence[tuple[str, tuple[Limit, ...]]]


def _parts(policy: PolicyDocument) -> _Parts:
    stacks = [(f"stacks.{stack.name}", stack.limits) for stack in policy.stacks]
    return [("limits", policy.limits), ("defaults", policy.defaults), *stacks, ("agents", policy.agents.limits)]


def _names(*parts: Iterable[Limit]) -> frozenset[str]:
    return frozenset(limit.terms.name for limits in parts for limit in limits)


def _taken_names(policy: PolicyDocument) -> Iterable[str]:
    """A stack replaces a default of the same name; anything else would make it unclear which of two is meant."""
    always = _names(policy.limits)
    everywhere = always | _names(policy.defaults, *(stack.limits for stack in policy.stacks))
    for part, limits in _parts(policy)[1:]:
        for name in sorted(_names(limits) & (everywhere if part == "agents" else always)):
            yield (
                f"{policy.origins[part, name]}: a limit {name!r} stands elsewhere already, so a report would not say "
                "which of the two is meant; give this one another name."
            )


def _missing_owners(policy: PolicyDocument, parts: _Parts) -> Iterable[str]:
    for part, limits in parts:
        for limit in limits:
            for kind in _owned_kinds(limit.terms.outcome):
                if kind is not LimitKind.STACKS and "*" not in dict(policy.owners.get(kind, ())):
                    yield (
                        f"{policy.origins[part, limit.terms.name]}: the limit {limit.terms.name!r} asks the owner of "
                        f"the {kind.singular}, but `owners.{kind.value}` has no row for '*', so for some nobody could "
                        "agree; add one."
                    )


def _owned_kinds(outcome: Outcome) -> Iterable[LimitKind]:
    match outcome:
        case OwnerSignOff(of, _):
            yield of
        case Combined(_, rules):
            for rule in rules:
                yield from _owned_kinds(rule)
        case _:
            return


def _lost_waivers(policy: PolicyDocument, parts: _Parts) -> Iterable[str]:
    names = _names(*(limits for _, limits in parts))
    for waiver in policy.waivers:
        if waiver.limit and waiver.limit not in names:
            lost = f"no limit is called {waiver.limit[:60]!r}, so this waiver covers nothing"
            yield f"{waiver.origin}: {as_sentence(lost + suggestion(waiver.limit, names))}"


def _stacks_without_limits(policy: PolicyDocument, top: Node) -> Iterable[str]:
    for stack in policy.stacks:
        where = top.document.where(("stacks", stack.name))
        if stack.inherits_defaults and not policy.defaults:
            yield f"{where}: the stack {stack.name!r} inherits `defaults`, and there are none; add them."
        own = stack.limits or stack.inherits_defaults or stack.environment or stack.accounts is not None
        if not policy.limits and not own:
            yield f"{where}: no limit holds for the stack {stack.name!r}, so anything would pass; give it some."
