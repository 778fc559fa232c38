"""What holds for every policy and every change: nothing that narrows can let more through."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policy.changes import Made, change
from policy.policies import Json, actions, document, policies, resources, signals, tighter
from policy.test_load import SCHEMA
from scopegate.plan.actions import Action
from scopegate.policy.break_glass import break_glass_in_force
from scopegate.policy.evaluate import judge
from scopegate.policy.glob import matches
from scopegate.policy.in_force import policy_for
from scopegate.policy.kinds import PLACES, AuthorKind
from scopegate.policy.model import Change, Context, DeclaredScope, PolicyDocument
from scopegate.policy.people import Approval
from scopegate.verdict.decide import Verdict, decide
from scopegate.verdict.requirements import SignOffs, requirements_of

# A Friday: the windows of made-up policies are frozen then.
CONTEXT = Context(now=datetime(2026, 11, 27, 12, tzinfo=UTC), changed_files=(".scopegate/policy.yaml", "main.tf"))
CASES = settings(max_examples=150, deadline=None)
ORDER = (Verdict.PASS, Verdict.NEEDS_SIGN_OFF, Verdict.BLOCKED)

people = st.lists(st.sampled_from(["ann", "abe", "bob", "ada", "zoe"]), unique=True)


def verdict(policy: PolicyDocument, made: Change, signed: list[str]) -> int:
    """Return how bad the verdict is after these people agreed: 0 is a pass."""
    in_force = policy_for(policy, "p.json", made.context)
    excesses = judge(made, in_force).excesses
    requirements = requirements_of(excesses, in_force, SignOffs(tuple(map(Approval, signed))))
    return ORDER.index(decide(excesses, requirements, break_glass_in_force(in_force, made.context)))


def made_of(found: tuple[Made, ...], data: st.DataObject) -> Change:
    return change(*found, signals=data.draw(signals(found)), context=CONTEXT, stacks=("s",))


@CASES
@given(policies(), resources(), people, st.data())
def test_tightening_a_policy_never_betters_a_verdict(
    policy: Json, found: tuple[Made, ...], signed: list[str], data: st.DataObject
) -> None:
    made = made_of(found, data)
    tight = data.draw(tighter(policy))
    assert verdict(document(tight), made, signed) >= verdict(document(policy), made, signed)


@CASES
@given(policies(), resources(), people, st.data())
def test_a_declared_scope_never_loosens(
    policy: Json, found: tuple[Made, ...], signed: list[str], data: st.DataObject
) -> None:
    made = made_of(found, data)
    kind = data.draw(st.sampled_from(PLACES))
    values = data.draw(st.lists(st.sampled_from(["eu-*", "aws", "CN", "*", "global"]), max_size=2, unique=True))
    declared = (DeclaredScope("--declare", {kind: tuple(values)}),)
    narrowed = replace(made, context=replace(CONTEXT, declared=declared))
    assert verdict(document(policy), narrowed, signed) >= verdict(document(policy), made, signed)


@CASES
@given(policies(), resources(), people, st.data())
def test_an_agents_change_is_never_judged_better_than_a_humans(
    policy: Json, found: tuple[Made, ...], signed: list[str], data: st.DataObject
) -> None:
    human = made_of(found, data)
    agent = replace(human, context=replace(CONTEXT, author=AuthorKind.AGENT))
    assert verdict(document(policy), agent, signed) >= verdict(document(policy), human, signed)


@CASES
@given(policies(), resources(), people, st.data())
def test_one_more_sign_off_never_worsens_a_verdict(
    policy: Json, found: tuple[Made, ...], signed: list[str], data: st.DataObject
) -> None:
    made = made_of(found, data)
    more = [*signed, data.draw(st.sampled_from(["ann", "abe", "bob", "ada", "zed"]))]
    assert verdict(document(policy), made, more) <= verdict(document(policy), made, signed)


@CASES
@given(policies(), resources(), people, st.data())
def test_changing_one_resource_more_never_betters_a_verdict(
    policy: Json, found: tuple[Made, ...], signed: list[str], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(found) - 1))
    quiet = tuple(replace(item, action=Action.NO_OP) if i == position else item for i, item in enumerate(found))
    action = data.draw(actions.filter(lambda action: action not in (Action.NO_OP, Action.CREATE)))
    louder = tuple(replace(item, action=action) if i == position else item for i, item in enumerate(found))
    before, after = change(*quiet, context=CONTEXT), change(*louder, context=CONTEXT)
    assert verdict(document(policy), after, signed) >= verdict(document(policy), before, signed)


@CASES
@given(policies(), resources(), st.data())
def test_a_waiver_covers_only_what_it_names(policy: Json, found: tuple[Made, ...], data: st.DataObject) -> None:
    made = made_of(found, data)
    names = sorted(name for name, limit in policy["limits"].items() if "guard_rails" not in limit) or ["none"]
    limit, address = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(found)).address
    if limit == "none":
        return
    waiver = {"limit": limit, "addresses": [address], "reason": "r", "by": "b", "expires": "2027-01-01"}
    before = judge(made, policy_for(document(policy), "p.json", CONTEXT))
    after = judge(made, policy_for(document({**policy, "waivers": [waiver]}), "p.json", CONTEXT))
    others = [e for e in before.excesses if e.limit.name != limit]
    assert [e for e in after.excesses if e.limit.name != limit] == others
    for excess in after.excesses:
        assert excess.limit.name != limit or not any(
            matches(address, made.plan.instances[p].address) for p in excess.instances
        )
    assert all(use.addresses == (address,) for use in after.waived)


@CASES
@given(policies())
def test_what_the_loader_reads_the_published_schema_calls_a_policy(policy: Json) -> None:
    document(policy)
    assert list(SCHEMA.iter_errors(json.loads(json.dumps(policy)))) == []
