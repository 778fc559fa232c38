"""Policies and changes made up by hypothesis, as documents a user could write."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from handmade import placement
from policy.changes import BEIJING, FRANKFURT, GLOBAL, NOWHERE_KNOWN, VIRGINIA, Made
from scopegate.place.placement import AlsoReaches
from scopegate.plan.actions import Action
from scopegate.policy.load import parse_policy
from scopegate.policy.model import PolicyDocument
from scopegate.signals.model import Category, Severity, Signal

Json = dict[str, Any]

_WORDS = {
    "regions": ["eu-*", "eu-central-1", "us-east-1", "cn-north-1", "global", "*"],
    "partitions": ["aws", "aws-*"],
    "accounts": ["111111111111", "2*"],
    "jurisdictions": ["EU", "US", "CN"],
    "services": ["Amazon VPC", "Amazon *"],
    "providers": ["aws", "google"],
    "environments": ["production"],
}
_KINDS_OF_PLACE = st.sampled_from(sorted(_WORDS))
GROUPS = ["team:a", "team:b", "user:ada"]
TEAMS = {"a": ["ann", "abe"], "b": ["abe", "bob"]}

people = st.integers(1, 3)
leaves = st.one_of(
    people,
    st.sampled_from(GROUPS),
    st.fixed_dictionaries({"from": st.just(["team:a", "team:b"]), "count": people}),
)
rules = st.one_of(
    leaves,
    st.fixed_dictionaries({"all_of": st.lists(leaves, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"any_of": st.lists(leaves, min_size=1, max_size=2)}),
)
outcomes: st.SearchStrategy[Json] = st.one_of(st.fixed_dictionaries({"sign_off": rules}), st.just({"block": True}))


@st.composite
def _places(draw: st.DrawFn) -> Json:
    kind = draw(_KINDS_OF_PLACE)
    values = draw(st.lists(st.sampled_from(_WORDS[kind]), unique=True, max_size=3))
    how = draw(st.sampled_from(["allow", "strict"])) if values else "allow"
    body: Json = {how: values}
    if draw(st.booleans()):
        body["unknown"] = draw(st.sampled_from(["allowed", "beyond"]))
    return {kind: body}


_at_most = st.one_of(st.integers(0, 4), st.sampled_from(["0%", "40%", "100%"]))
kinds: st.SearchStrategy[Json] = st.one_of(
    _places(),
    st.builds(
        lambda of, at_most, unknown: {"spread": {"of": of, "at_most": at_most, "unknown": unknown}},
        st.sampled_from([*sorted(_WORDS), "stacks"]),
        st.integers(0, 3),
        st.sampled_from(["allowed", "beyond"]),
    ),
    st.builds(
        lambda kind, at_most: {kind: {"at_most": at_most}},
        st.sampled_from(["direct_changes", "affected", "exposed", "destructive_changes"]),
        _at_most,
    ),
    st.builds(
        lambda severities: {"signals": {"severities": severities}},
        st.lists(st.sampled_from(["high", "medium", "low"]), min_size=1, unique=True),
    ),
    st.builds(
        lambda found: {"unknowns": found},
        st.lists(st.sampled_from(["regions", "accounts", "partitions", "types"]), min_size=1, unique=True),
    ),
    st.just({"crossings": ["jurisdictions", "partitions"]}),
    st.just({"guard_rails": {"rails": ["policy", "workflows"]}}),
    st.just({"time": {"zone": "Europe/Berlin", "frozen": [{"days": ["fri"]}]}}),
)
limits: st.SearchStrategy[Json] = st.builds(lambda kind, outcome: {**kind, **outcome, "why": "w"}, kinds, outcomes)


@st.composite
def policies(draw: st.DrawFn) -> Json:
    """Return a policy document with one to four limits, as plain values."""
    found = draw(st.lists(limits, min_size=1, max_size=4))
    return {
        "version": 1,
        "limits": {f"l{number}": limit for number, limit in enumerate(found)},
        "teams": TEAMS,
        "distinct_people": draw(st.booleans()),
    }


def document(policy: Json) -> PolicyDocument:
    """Return the policy that these plain values are."""
    return parse_policy(json.dumps(policy), "p.yaml")


@st.composite
def tighter(draw: st.DrawFn, policy: Json) -> Json:
    """Return ``policy`` with one thing made tighter."""
    result = deepcopy(policy)
    name = draw(st.sampled_from(sorted(result["limits"])))
    limit = result["limits"][name]
    ways = [_with_further_limit, _with_block, _with_more_people, _with_agents]
    ways += [way for key, way in _TIGHTER.items() if key in limit or key in _inside(limit)]
    draw(st.sampled_from(ways))(draw, result, name)
    return result


def _inside(limit: Json) -> set[str]:
    return {key for value in limit.values() if isinstance(value, dict) for key in value}


def _place_of(limit: Json) -> Json:
    found: Json = next(
        value for value in limit.values() if isinstance(value, dict) and {"allow", "strict"} & set(value)
    )
    return found


def _with_further_limit(draw: st.DrawFn, policy: Json, _: str) -> None:
    policy["limits"]["further"] = draw(limits)


def _with_block(_: st.DrawFn, policy: Json, name: str) -> None:
    policy["limits"][name].pop("sign_off", None)
    policy["limits"][name]["block"] = True


def _with_more_people(draw: st.DrawFn, policy: Json, name: str) -> None:
    limit = policy["limits"][name]
    if "sign_off" in limit:
        limit["sign_off"] = {"all_of": [limit["sign_off"], draw(leaves)]}


def _with_agents(draw: st.DrawFn, policy: Json, _: str) -> None:
    policy["agents"] = {"include_unknown": True, "limits": {"l-of-agents": draw(limits)}}


def _with_fewer_allowed(draw: st.DrawFn, policy: Json, name: str) -> None:
    place = _place_of(policy["limits"][name])
    if place["allow"]:
        place["allow"].remove(draw(st.sampled_from(place["allow"])))


def _with_more_strict(draw: st.DrawFn, policy: Json, name: str) -> None:
    limit = policy["limits"][name]
    kind = next(key for key in limit if key in _WORDS)
    further = draw(st.sampled_from(_WORDS[kind]))
    if further not in limit[kind]["strict"]:
        limit[kind]["strict"].append(further)


def _with_unknown_beyond(_: st.DrawFn, policy: Json, name: str) -> None:
    for value in policy["limits"][name].values():
        if isinstance(value, dict) and "unknown" in value:
            value["unknown"] = "beyond"


def _with_lower_count(_: st.DrawFn, policy: Json, name: str) -> None:
    for value in policy["limits"][name].values():
        if isinstance(value, dict) and "at_most" in value:
            value["at_most"] = 0


_TIGHTER = {
    "allow": _with_fewer_allowed,
    "strict": _with_more_strict,
    "unknown": _with_unknown_beyond,
    "at_most": _with_lower_count,
}

_REPLICA = placement(
    "eu-central-1",
    also=(AlsoReaches("replicates", "replica", region="cn-north-1", jurisdictions=frozenset({"CN"})),),
)
_UNTOLD = placement("eu-central-1", also=(AlsoReaches("replicates", "bucket", unknown="names no region"),))
places = st.sampled_from([FRANKFURT, VIRGINIA, BEIJING, GLOBAL, NOWHERE_KNOWN, _REPLICA, _UNTOLD])
actions = st.sampled_from([Action.NO_OP, Action.UPDATE, Action.CREATE, Action.DELETE, Action.DELETE_THEN_CREATE])


@st.composite
def resources(draw: st.DrawFn) -> tuple[Made, ...]:
    """Return one to five resources, each perhaps standing on an earlier one."""
    found: list[Made] = []
    for number in range(draw(st.integers(1, 5))):
        on = draw(st.sampled_from([None, *(made.address for made in found)]))
        found.append(Made(f"aws_vpc.n{number}", draw(places), draw(actions), on))
    return tuple(found)


@st.composite
def signals(draw: st.DrawFn, made: tuple[Made, ...]) -> list[Signal]:
    """Return signals of some of these resources."""
    found = draw(st.lists(st.sampled_from(made), unique=True, max_size=2))
    return [
        Signal(
            draw(st.sampled_from(["r1", "r2"])), Category.DATA_LOSS, draw(st.sampled_from(Severity)), item.address, "m"
        )
        for item in found
        if item.action is not Action.NO_OP
    ]
