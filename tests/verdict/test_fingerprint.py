"""What a sign-off covers: the same meaning keeps it, any widening voids it, and containment can be asked."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handmade import placement
from policy.changes import BEIJING, FRANKFURT, VIRGINIA, Made, change, in_environment
from scopegate.place.placement import AlsoReaches, Known, Unknown
from scopegate.plan.actions import Action
from scopegate.policy.in_force import policy_for
from scopegate.policy.load import parse_policy
from scopegate.policy.model import NOTHING_KNOWN, Change, Policy, PolicyDocument
from scopegate.signals.model import Category, Severity, Signal
from scopegate.verdict.decision import decision_on
from scopegate.verdict.fingerprint import Cell, SignedScope, policies_digest, policy_digest, signed_scope, wider_than

POLICY = """
version: 1
limits:
  at-home:
    regions: {allow: [eu-central-1], unknown: beyond}
    sign_off: 1
    why: home
  few:
    direct_changes: {at_most: 1}
    sign_off: 1
    why: few can be read
"""


def policy(text: str = POLICY, name: str = "policy.yaml") -> PolicyDocument:
    return parse_policy(text, name)


def held(document: PolicyDocument) -> Policy:
    return policy_for(document, "plan.json", NOTHING_KNOWN)


def scope(made: Change, document: PolicyDocument | None = None) -> SignedScope:
    decision = decision_on(made, document or policy())
    return signed_scope(decision.change, decision.policies, decision.excesses)


def test_a_second_resource_of_the_same_kind_in_the_same_place_adds_no_cell_but_counts() -> None:
    one, two = change(Made("aws_vpc.a")), change(Made("aws_vpc.a"), Made("aws_vpc.b"))
    assert scope(one).cells == scope(two).cells
    assert scope(one).counts == {}
    assert scope(two).counts == {"few": 2}


def test_more_changes_than_were_signed_are_wider_and_fewer_are_not() -> None:
    two = scope(change(Made("aws_vpc.a"), Made("aws_vpc.b")))
    three = scope(change(Made("aws_vpc.a"), Made("aws_vpc.b"), Made("aws_vpc.c")))
    assert wider_than(three, two) == SignedScope(counts={"few": 3})
    assert wider_than(two, three) is None
    assert wider_than(two, two) is None


def test_the_names_and_the_order_of_what_is_only_updated_mean_nothing() -> None:
    made = [Made("aws_vpc.a"), Made("aws_vpc.b", VIRGINIA)]
    renamed = [Made("aws_vpc.z", VIRGINIA), Made("aws_vpc.y")]
    assert scope(change(*made)).fingerprint == scope(change(*renamed)).fingerprint


def test_one_region_more_is_wider_by_exactly_that_region() -> None:
    signed = scope(change(Made("aws_vpc.a", VIRGINIA)))
    wider = wider_than(scope(change(Made("aws_vpc.a", VIRGINIA), Made("aws_vpc.b", BEIJING))), signed)
    assert wider is not None
    assert {cell.region for cell in wider.cells} == {"cn-north-1"}
    assert wider.beyond == {"at-home: cn-north-1"}


def test_another_destruction_is_wider_even_in_the_same_place() -> None:
    signed = scope(change(Made("aws_vpc.a", action=Action.DELETE)))
    other = scope(change(Made("aws_vpc.b", action=Action.DELETE)))
    assert wider_than(other, signed) == SignedScope(destructive=frozenset({"aws_vpc.b"}))


def test_an_update_that_becomes_a_replacement_is_wider() -> None:
    signed = scope(change(Made("aws_vpc.a")))
    assert wider_than(scope(change(Made("aws_vpc.a", action=Action.DELETE_THEN_CREATE))), signed) is not None


def test_a_signal_more_is_wider() -> None:
    signal = Signal("aws/public", Category.EXPOSURE, Severity.HIGH, "aws_vpc.a", "opens it", 0)
    signed = scope(change(Made("aws_vpc.a")))
    wider = wider_than(scope(change(Made("aws_vpc.a"), signals=[signal])), signed)
    assert wider == SignedScope(signals=frozenset({"aws/public aws_vpc.a"}))


def test_an_unknown_region_is_a_cell_of_its_own() -> None:
    signed = scope(change(Made("aws_vpc.a")))
    unknown = scope(change(Made("aws_vpc.a", placement(None, account="111111111111"))))
    assert wider_than(unknown, signed) is not None


def test_moving_away_from_a_region_is_part_of_what_is_signed() -> None:
    moved = replace(FRANKFURT, previous_region=Known("cn-north-1", "before"))
    signed = scope(change(Made("aws_vpc.a")))
    assert wider_than(scope(change(Made("aws_vpc.a", moved))), signed) is not None


def test_what_is_only_exposed_and_what_has_no_place_are_not_signed_for() -> None:
    made = Made("aws_vpc.a")
    exposed = Made("aws_subnet.b", BEIJING, Action.NO_OP, on="aws_vpc.a")
    helper = Made("random_pet.c", placement("cn-north-1", located=False))
    (cell,) = scope(change(made)).cells
    assert (cell.region, cell.how, cell.change) == ("eu-central-1", "direct", "update")
    assert scope(change(made, exposed)).cells == {cell}
    assert scope(change(made, helper)).cells == {cell}


def test_who_signs_for_an_account_does_not_sign_for_an_unknown_region() -> None:
    told = AlsoReaches("replicates", "b", account="333333333333")
    (known,) = scope(change(Made("aws_vpc.a", placement(also=(told,))))).cells
    (unknown,) = scope(change(Made("aws_vpc.a", placement(also=(replace(told, unknown="names no region"),))))).cells
    assert (known.also, unknown.also) == (
        ("replicates - - 333333333333 none",),
        ("replicates - ? 333333333333 none",),
    )


def test_every_part_of_a_place_is_part_of_what_is_signed() -> None:
    replica = AlsoReaches("replica", "r", "cn-north-1", account="333333333333", jurisdictions=frozenset({"CN"}))
    place = placement(account="111111111111", jurisdictions=["EU", "DE"], also=(replica,))
    place = replace(
        in_environment(place, "prod"),
        effect="edge",
        previous_partition=Known("aws-cn", "before"),
        previous_region=Known("cn-north-1", "before"),
    )
    everything = Cell(
        provider="aws",
        partition="aws",
        region="eu-central-1",
        account="111111111111",
        environment="prod",
        service="Amazon VPC",
        jurisdictions="DE EU",
        effect="edge",
        how="direct",
        change="update",
        left="aws-cn cn-north-1",
        also=("replica - cn-north-1 333333333333 CN",),
    )
    assert scope(change(Made("aws_vpc.a", place))).cells == {everything}


def test_what_is_not_known_of_a_place_is_signed_as_not_known() -> None:
    place = replace(
        placement(None, partition=None, jurisdictions=None),
        service=Unknown("no table"),
        previous_region=Unknown("unknown before"),
    )
    (cell,) = scope(change(Made("aws_vpc.a", place))).cells
    parts = (cell.partition, cell.region, cell.account, cell.environment, cell.service, cell.jurisdictions, cell.effect)
    assert (parts, cell.left, cell.also) == (("",) * 7, "", ())
    (cell,) = scope(change(Made("aws_vpc.a", replace(place, jurisdictions=Known(frozenset(), "region"))))).cells
    assert cell.jurisdictions == "none"


def test_a_law_that_is_not_known_is_not_no_law() -> None:
    lawless = scope(change(Made("aws_vpc.a", placement(jurisdictions=[]))))
    unknown = scope(change(Made("aws_vpc.a", placement(jurisdictions=None))))
    assert lawless.fingerprint != unknown.fingerprint


def test_where_the_policy_file_lies_means_nothing_and_what_it_says_does() -> None:
    made = change(Made("aws_vpc.a"))
    signed = scope(made)
    assert scope(made, policy(name="../elsewhere/policy.yaml")) == signed
    other = scope(made, policy(POLICY.replace("at_most: 1", "at_most: 2")))
    assert wider_than(other, signed) == SignedScope(policy=other.policy)


def test_several_plans_have_one_digest_of_what_was_agreed_in_any_order_and_one_plan_has_its_own() -> None:
    first, second = held(policy()), held(policy(POLICY.replace("at_most: 1", "at_most: 2")))
    assert policies_digest([first]) == policy_digest(first)
    assert policies_digest([first, second]) == policies_digest([second, first])
    assert policies_digest([first, second]) not in (policy_digest(first), policy_digest(second))


def test_two_plans_of_one_meaning_are_not_one_plan() -> None:
    only = held(policy())
    assert policies_digest([only, only]) != policies_digest([only])


places = st.sampled_from([FRANKFURT, VIRGINIA, BEIJING, placement(None)])
actions = st.sampled_from([Action.UPDATE, Action.CREATE, Action.DELETE])
resources = st.lists(st.tuples(places, actions), min_size=1, max_size=5)


@given(resources, resources)
@settings(max_examples=60, deadline=None)
def test_a_part_of_a_change_is_never_wider_than_the_whole(
    some: list[tuple[object, Action]], more: list[tuple[object, Action]]
) -> None:
    made = [Made(f"aws_vpc.n{n}", place, action) for n, (place, action) in enumerate([*some, *more])]  # type: ignore[arg-type]
    assert wider_than(scope(change(*made[: len(some)])), scope(change(*made))) is None
