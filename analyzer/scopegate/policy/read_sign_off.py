"""Reading of what a policy says about people: groups, sign-off rules, outcomes."""

import re

from scopegate.policy.kinds import PLACES, LimitKind
from scopegate.policy.reading import Node
from scopegate.policy.sign_off import (
    ANYONE,
    CHANGED_FILES,
    MOST_WAYS,
    RESOURCES,
    Block,
    CodeOwnerSignOff,
    Combined,
    Outcome,
    OwnerSignOff,
    Rule,
    SignOff,
    count_ways,
)

_GROUP = re.compile(r"(user|team|email):[^\s:,@]([^\s:,]*[^\s:,])?\Z")
_OWNED = {kind.singular: kind for kind in (*PLACES, LimitKind.STACKS)}
_RULE_KEYS = ("from", "owner-of", "codeowners-of", "all_of", "any_of", "at_least", "count", "of")
_MOST_PEOPLE = 20


def read_outcome(limit: dict[str, Node], whole: Node) -> Outcome:
    """Return what an excess leads to: ``sign_off`` or ``block: true``, of which a limit must have exactly one."""
    if ("sign_off" in limit) == ("block" in limit):
        raise whole.refusal(
            "a limit says what happens beyond it: either `sign_off` (who must agree) or `block: true` (nobody can)"
        )
    if "sign_off" in limit:
        return read_rule(limit["sign_off"])
    if limit["block"].boolean():
        return Block()
    raise limit["block"].refusal("`block: false` would let everything through; say who must agree with `sign_off`")


def read_rule(node: Node) -> Rule:
    """Return a sign-off rule: a number of people, a group, or a mapping that combines them."""
    rule = _rule(node)
    if count_ways(rule) > MOST_WAYS:
        raise node.refusal(
            f"this rule can be met in more than {MOST_WAYS} ways, so nobody could say who has to sign; make it simpler"
        )
    return rule


def read_groups(node: Node) -> tuple[str, ...]:
    """Return groups, any of whose people may agree."""
    nodes = node.sequence() if isinstance(node.value, list) else (node,)
    groups = tuple(_group(item) for item in nodes)
    if len(set(groups)) < len(groups):
        raise node.refusal("the same group stands here twice; keep one of them")
    if ANYONE in groups and len(groups) > 1:
        raise node.refusal("`anyone` already includes every other group; keep either it or the others")
    return groups


def _group(node: Node) -> str:
    text = node.text()
    if text != ANYONE and not _GROUP.match(text):
        hint = f"; did you mean `team:{text}` or `user:{text}`?" if re.fullmatch(r"[\w./-]+", text) else ""
        raise node.refusal(
            f"{text[:60]!r} is no group; write `anyone`, `team:NAME`, `user:NAME` or `email:ADDRESS`{hint}"
        )
    return text if text == ANYONE else text.lower()


def _rule(node: Node) -> Rule:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return SignOff(_count(node))
    if isinstance(node.value, str):
        return SignOff(1, read_groups(node))
    keys = node.keyed(_RULE_KEYS)
    kinds = [key for key in ("from", "owner-of", "codeowners-of", "all_of", "any_of", "at_least") if key in keys]
    if len(kinds) != 1:
        raise node.refusal(
            "a sign-off rule has exactly one of `from`, `owner-of`, `codeowners-of`, `all_of`, `any_of`, `at_least`"
        )
    if kinds[0] in ("all_of", "any_of", "at_least"):
        return _combined(kinds[0], keys)
    _only(keys, kinds[0], "count")
    count = _count(keys["count"]) if "count" in keys else 1
    return _people(kinds[0], keys[kinds[0]], count)


def _people(kind: str, node: Node, count: int) -> Rule:
    if kind == "from":
        groups = read_groups(node)
        users = [group for group in groups if group.startswith(("user:", "email:"))]
        if len(users) == len(groups) and count > len(users):
            raise node.refusal(f"{count} people out of {len(users)} can never agree; name more, or lower `count`")
        return SignOff(count, groups)
    if kind == "owner-of":
        return OwnerSignOff(_OWNED[node.word(_OWNED)], count)
    if isinstance(node.value, list):
        return CodeOwnerSignOff(node.texts(), count)
    return CodeOwnerSignOff((node.word((CHANGED_FILES, RESOURCES)),), count)


def _combined(kind: str, keys: dict[str, Node]) -> Combined:
    if kind == "at_least":
        _only(keys, "at_least", "of")
        if "of" not in keys:
            raise keys["at_least"].refusal("`at_least` needs a list `of` the rules it counts")
        rules = tuple(_rule(node) for node in keys["of"].sequence())
        needed = keys["at_least"].integer(1)
        if needed > len(rules):
            raise keys["at_least"].refusal(f"at least {needed} of {len(rules)} rules can never be met")
        return Combined(needed, rules)
    _only(keys, kind)
    rules = tuple(_rule(node) for node in keys[kind].sequence())
    return Combined(len(rules) if kind == "all_of" else 1, rules)


def _only(keys: dict[str, Node], *allowed: str) -> None:
    for key, node in keys.items():
        if key not in allowed:
            raise node.refusal(f"`{key}` means nothing beside `{allowed[0]}`; take it out")


def _count(node: Node) -> int:
    count = node.integer(1)
    if count > _MOST_PEOPLE:
        raise node.refusal(f"{count} people will never come together; ask for at most {_MOST_PEOPLE}")
    return count
