"""Each kind of limit: what passes it, what is beyond it, and what it says."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from handmade import placement
from policy.changes import (
    BEIJING,
    FRANKFURT,
    GLOBAL,
    NOWHERE_KNOWN,
    VIRGINIA,
    Made,
    addresses,
    change,
    in_environment,
    updates,
)
from scopegate.graph.edges import HiddenEdges
from scopegate.place.placement import AlsoReaches, Known
from scopegate.plan.actions import Action
from scopegate.policy.evaluate import agreed_in_words, excess_of
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import (
    AllowLimit,
    CountLimit,
    CrossingLimit,
    DatedFreeze,
    GuardRail,
    GuardRailLimit,
    Limit,
    Share,
    SignalLimit,
    SpreadLimit,
    StrictLimit,
    Terms,
    TimeLimit,
    UnknownLimit,
    WeeklyFreeze,
)
from scopegate.policy.model import Change, Context, Excess, Policy
from scopegate.policy.sign_off import SignOff
from scopegate.reach.model import How
from scopegate.signals.model import Category, Severity, Signal

TERMS = Terms("the-limit", SignOff(1), "because")
EVERY_TOUCH = Terms("the-limit", SignOff(1), "because", frozenset(How))


def beyond(made: Change, limit: Limit) -> Excess:
    """Return the excess, which must be there."""
    excess = excess_of(made, limit)
    assert excess is not None
    assert excess.limit is limit.terms
    assert excess.kind is limit.kind
    return excess


def within(made: Change, limit: Limit) -> bool:
    return excess_of(made, limit) is None


# What is agreed, in words


def test_what_a_policy_agrees_to_in_one_dimension_is_said_in_words() -> None:
    limits = (
        AllowLimit(TERMS, LimitKind.REGIONS, ("eu-*",)),
        SpreadLimit(TERMS, LimitKind.REGIONS, 2),
        StrictLimit(TERMS, LimitKind.JURISDICTIONS, ("CN",)),
    )
    policy = Policy("p", limits)
    assert agreed_in_words(policy, LimitKind.REGIONS) == "eu-*, at most 2"
    assert agreed_in_words(policy, LimitKind.JURISDICTIONS) == "none strict"
    assert agreed_in_words(policy, LimitKind.ACCOUNTS) == "no limit"


def test_what_was_declared_and_what_must_be_known_is_said_as_such() -> None:
    limits = (
        AllowLimit(TERMS, LimitKind.REGIONS, ("eu-*",), declared=True),
        UnknownLimit(TERMS, (LimitKind.ACCOUNTS,), types=True, edges=True),
    )
    policy = Policy("p", limits)
    assert agreed_in_words(policy, LimitKind.REGIONS) == "declared eu-*"
    assert agreed_in_words(policy, LimitKind.ACCOUNTS) == "none unknown"
    assert agreed_in_words(policy, LimitKind.UNKNOWNS) == "no type outside the fact tables, no hidden edges"
    only_regions = Policy("p", (UnknownLimit(TERMS, (LimitKind.REGIONS,)),))
    assert agreed_in_words(only_regions, LimitKind.UNKNOWNS) == "no limit"


# Allowed values


def test_a_region_that_is_not_allowed_is_beyond() -> None:
    limit = AllowLimit(TERMS, LimitKind.REGIONS, ("eu-*",))
    made = updates(FRANKFURT, VIRGINIA)
    excess = beyond(made, limit)
    assert excess.values == ("us-east-1",)
    assert addresses(made, excess.instances) == ["aws_vpc.n1"]
    assert excess.message == "reaches us-east-1; agreed is eu-*"
    assert excess.advice == "keep the change to what was agreed (eu-*), and make what is beyond it a change of its own"
    assert within(updates(FRANKFURT), limit)


@pytest.mark.parametrize(
    ("kind", "allowed", "beyond_it"),
    [
        (LimitKind.PROVIDERS, "aws", "google"),
        (LimitKind.PARTITIONS, "aws", "aws-cn"),
        (LimitKind.REGIONS, "eu-central-1", "us-east-1"),
        (LimitKind.ACCOUNTS, "111111111111", "222222222222"),
        (LimitKind.ENVIRONMENTS, "test", "production"),
        (LimitKind.SERVICES, "Amazon VPC", "Amazon Route 53"),
        (LimitKind.JURISDICTIONS, "EU", "CN"),
    ],
)
def test_every_dimension_can_be_allowed(kind: LimitKind, allowed: str, beyond_it: str) -> None:
    here = in_environment(FRANKFURT, "test")
    there = in_environment(
        placement(
            "us-east-1",
            partition="aws-cn",
            account="222222222222",
            jurisdictions=["CN"],
            service="Amazon Route 53",
            provider="google",
        ),
        "production",
    )
    limit = AllowLimit(TERMS, kind, (allowed,))
    assert within(updates(here), limit)
    assert beyond(updates(here, there), limit).values == (beyond_it,)


def test_a_star_is_every_region_but_not_global() -> None:
    limit = AllowLimit(TERMS, LimitKind.REGIONS, ("*",))
    assert within(updates(FRANKFURT, VIRGINIA), limit)
    assert beyond(updates(FRANKFURT, GLOBAL), limit).message == "reaches global; agreed is not global"
    assert within(updates(GLOBAL), AllowLimit(TERMS, LimitKind.REGIONS, ("global",)))


def test_an_empty_list_agrees_to_nothing() -> None:
    limit = AllowLimit(TERMS, LimitKind.REGIONS, ())
    assert beyond(updates(FRANKFURT), limit).message == "reaches eu-central-1; agreed is nothing"


def test_an_unknown_value_is_beyond_unless_the_policy_allows_it() -> None:
    made = updates(NOWHERE_KNOWN)
    excess = beyond(made, AllowLimit(TERMS, LimitKind.REGIONS, ("*",)))
    assert excess.values == ("unknown",)
    assert excess.message == "reaches an unknown region; agreed is not global"
    assert within(made, AllowLimit(TERMS, LimitKind.REGIONS, ("*",), unknown_allowed=True))


def test_what_a_limit_does_not_count_is_not_beyond() -> None:
    made = change(Made("aws_vpc.a", FRANKFURT), Made("aws_subnet.b", VIRGINIA, Action.NO_OP, on="aws_vpc.a"))
    assert made.reach.touches[1].how is How.EXPOSED
    assert within(made, AllowLimit(TERMS, LimitKind.REGIONS, ("eu-*",)))
    assert beyond(made, AllowLimit(EVERY_TOUCH, LimitKind.REGIONS, ("eu-*",))).values == ("us-east-1",)


def test_a_declared_scope_says_what_the_author_said() -> None:
    limit = AllowLimit(TERMS, LimitKind.REGIONS, ("cn-north-1",), declared=True)
    excess = beyond(updates(BEIJING, FRANKFURT, VIRGINIA), limit)
    assert excess.message == "you said cn-north-1; this also reaches eu-central-1, us-east-1"


# Strict values


def test_a_strict_value_is_always_beyond() -> None:
    limit = StrictLimit(TERMS, LimitKind.JURISDICTIONS, ("CN", "US-*"))
    made = updates(FRANKFURT, BEIJING)
    excess = beyond(made, limit)
    assert excess.values == ("CN",)
    assert addresses(made, excess.instances) == ["aws_vpc.n1"]
    assert excess.message == "reaches the strict jurisdiction CN"
    assert within(updates(FRANKFURT, VIRGINIA), limit)


def test_an_unknown_value_may_be_a_strict_one() -> None:
    made = updates(NOWHERE_KNOWN)
    limit = StrictLimit(TERMS, LimitKind.JURISDICTIONS, ("CN",))
    assert beyond(made, limit).message == "reaches an unknown jurisdiction, which may be a strict one"
    assert within(made, StrictLimit(TERMS, LimitKind.JURISDICTIONS, ("CN",), unknown_allowed=True))


# Spread


def test_more_regions_at_once_than_agreed_are_beyond() -> None:
    limit = SpreadLimit(TERMS, LimitKind.REGIONS, 1)
    excess = beyond(updates(FRANKFURT, VIRGINIA), limit)
    assert excess.beyond == {LimitKind.REGIONS: ("eu-central-1", "us-east-1")}
    assert excess.message == "reaches 2 regions at once (eu-central-1, us-east-1); agreed is at most 1"
    assert within(updates(FRANKFURT, FRANKFURT), limit)


def test_global_is_no_region_among_others() -> None:
    assert within(updates(FRANKFURT, GLOBAL), SpreadLimit(TERMS, LimitKind.REGIONS, 1))


def test_an_unknown_region_may_be_one_more() -> None:
    limit = SpreadLimit(TERMS, LimitKind.REGIONS, 1)
    made = updates(FRANKFURT, NOWHERE_KNOWN)
    assert beyond(made, limit).message == ("reaches an unknown region, which may be one more; agreed is at most 1")
    assert within(made, SpreadLimit(TERMS, LimitKind.REGIONS, 1, unknown_allowed=True))


def test_stacks_at_once_are_counted() -> None:
    limit = SpreadLimit(TERMS, LimitKind.STACKS, 1)
    made = change(Made("aws_vpc.a"), stacks=("network", "payments"))
    assert beyond(made, limit).message == "reaches 2 stacks at once (network, payments); agreed is at most 1"
    assert within(change(Made("aws_vpc.a"), stacks=("network",)), limit)


# Counts and shares


def test_more_direct_changes_than_agreed_are_beyond() -> None:
    limit = CountLimit(TERMS, LimitKind.DIRECT_CHANGES, 1)
    excess = beyond(updates(FRANKFURT, FRANKFURT), limit)
    assert excess.values == ("2",)
    assert excess.message == "makes 2 direct changes; agreed is at most 1"
    assert within(updates(FRANKFURT), limit)


def test_only_what_goes_away_is_a_destructive_change() -> None:
    made = change(
        Made("aws_vpc.a", action=Action.DELETE),
        Made("aws_vpc.b", action=Action.DELETE_THEN_CREATE),
        Made("aws_vpc.c", action=Action.FORGET),
        Made("aws_vpc.d", action=Action.CREATE),
        Made("aws_vpc.e", action=Action.UPDATE),
    )
    excess = beyond(made, CountLimit(TERMS, LimitKind.DESTRUCTIVE_CHANGES, 2))
    assert addresses(made, excess.instances) == ["aws_vpc.a", "aws_vpc.b", "aws_vpc.c"]
    assert within(made, CountLimit(TERMS, LimitKind.DESTRUCTIVE_CHANGES, 3))


def test_what_is_affected_counts_with_what_is_changed() -> None:
    made = change(
        Made("aws_vpc.a", action=Action.DELETE),
        Made("aws_lb.b", action=Action.NO_OP, on="aws_vpc.a"),
        Made("aws_lb_listener.c", action=Action.NO_OP, on="aws_lb.b"),
    )
    affected, exposed = beyond(made, count(LimitKind.AFFECTED, 1)), beyond(made, count(LimitKind.EXPOSED, 2))
    assert affected.message == "changes or affects 2 resources; agreed is at most 1"
    assert exposed.message == "changes, affects or exposes 3 resources; agreed is at most 2"
    assert within(made, count(LimitKind.AFFECTED, 2))
    assert within(made, count(LimitKind.EXPOSED, 3))


def count(kind: LimitKind, at_most: int) -> CountLimit:
    return CountLimit(TERMS, kind, at_most)


def test_a_share_is_of_what_stands_today() -> None:
    standing = [Made(f"aws_vpc.s{number}", action=Action.NO_OP) for number in range(8)]
    made = change(*standing, Made("aws_vpc.a"), Made("aws_vpc.b"), Made("aws_vpc.new", action=Action.CREATE))
    quarter = CountLimit(TERMS, LimitKind.DIRECT_CHANGES, Share(250))
    assert beyond(made, quarter).message == (
        "makes 3 direct changes (30.0% of the 10 resources that stand today); agreed is at most 25%"
    )
    assert within(made, CountLimit(TERMS, LimitKind.DIRECT_CHANGES, Share(300)))


def test_a_helper_without_a_place_is_no_change_that_counts() -> None:
    helper = placement(located=False, region=None)
    limit = CountLimit(TERMS, LimitKind.DIRECT_CHANGES, 1)
    assert within(change(Made("aws_vpc.a"), Made("null_resource.b", helper), Made("random_id.c", helper)), limit)


def test_where_nothing_stands_every_change_is_more_than_any_share() -> None:
    limit = CountLimit(TERMS, LimitKind.DIRECT_CHANGES, Share(1000))
    made = change(Made("aws_vpc.a", action=Action.CREATE))
    assert "nothing stands today" in beyond(made, limit).message


# Signals

LOSS = Signal("rds-destroyed", Category.DATA_LOSS, Severity.HIGH, "aws_vpc.a", "a database is destroyed")
WIDER = Signal("sg-opened", Category.EXPOSURE, Severity.MEDIUM, "aws_vpc.b", "a port is opened")


@pytest.mark.parametrize(
    ("limit", "categories"),
    [
        (SignalLimit(TERMS, severities=frozenset({Severity.HIGH})), ("data-loss",)),
        (SignalLimit(TERMS, categories=frozenset({Category.EXPOSURE})), ("exposure",)),
        (SignalLimit(TERMS, rules=("sg-*",)), ("exposure",)),
        (SignalLimit(TERMS, severities=frozenset({Severity.HIGH, Severity.MEDIUM})), ("data-loss", "exposure")),
    ],
)
def test_signals_are_told_by_severity_category_and_rule(limit: SignalLimit, categories: tuple[str, ...]) -> None:
    made = change(Made("aws_vpc.a"), Made("aws_vpc.b"), signals=[LOSS, WIDER])
    excess = beyond(made, limit)
    assert excess.values == categories
    assert excess.message == f"raises {', '.join(categories)}"


def test_a_signal_must_be_of_all_that_a_limit_names() -> None:
    made = change(Made("aws_vpc.a"), Made("aws_vpc.b"), signals=[LOSS, WIDER])
    named = SignalLimit(TERMS, frozenset({Severity.HIGH}), frozenset({Category.EXPOSURE}))
    assert within(made, named)


def test_one_rule_of_several_is_enough_and_a_signal_on_the_plan_is_on_no_resource() -> None:
    made = change(Made("aws_vpc.a"), Made("aws_vpc.b"), signals=[LOSS, replace(WIDER, address="aws_vpc")])
    excess = beyond(made, SignalLimit(TERMS, rules=("rds-*", "sg-opened")))
    assert excess.values == ("data-loss", "exposure")
    assert excess.instances == (0,)
    assert within(made, SignalLimit(TERMS, rules=("iam-*", "kms-*")))


# Unknowns


def test_an_unknown_place_is_beyond() -> None:
    limit = UnknownLimit(TERMS, (LimitKind.PARTITIONS, LimitKind.REGIONS))
    excess = beyond(updates(FRANKFURT, NOWHERE_KNOWN), limit)
    assert excess.beyond == {LimitKind.PARTITIONS: ("unknown",), LimitKind.REGIONS: ("unknown",)}
    assert excess.message == "partition and region unknown for 1 resource"
    assert within(updates(FRANKFURT), limit)


def test_a_type_of_no_table_is_beyond() -> None:
    limit = UnknownLimit(TERMS, types=True)
    assert beyond(updates(replace(FRANKFURT, mapped=False)), limit).message == "1 type in no fact table (aws_vpc)"
    assert within(updates(FRANKFURT), limit)


def test_hidden_edges_are_beyond_where_something_changes() -> None:
    limit = UnknownLimit(TERMS, edges=True)
    hidden = [HiddenEdges("aws_subnet.b", ("local.subnets",))]
    quiet = Made("aws_subnet.b", action=Action.NO_OP)
    made = change(Made("aws_vpc.a"), quiet, hidden=hidden)
    excess = beyond(made, limit)
    assert excess.message == "edges hidden behind locals in 1 block"
    assert addresses(made, excess.instances) == ["aws_subnet.b"]
    assert within(change(quiet, hidden=hidden), limit)
    assert within(change(Made("aws_vpc.a"), quiet), limit)


# Crossings


def test_an_attribute_that_names_a_place_under_another_law_crosses() -> None:
    replica = AlsoReaches("replicates", "replica.region_name", region="cn-north-1", jurisdictions=frozenset({"CN"}))
    limit = CrossingLimit(TERMS, (LimitKind.JURISDICTIONS,))
    made = updates(placement("eu-central-1", jurisdictions=["EU"], also=(replica,)))
    assert beyond(made, limit).message == "crosses a jurisdiction boundary (EU to CN)"
    inside = AlsoReaches("replicates", "replica.region_name", region="eu-west-1", jurisdictions=frozenset({"EU"}))
    assert within(updates(placement("eu-central-1", jurisdictions=["EU"], also=(inside,))), limit)


def test_what_is_only_exposed_crosses_where_every_touch_counts() -> None:
    replica = AlsoReaches("replicates", "replica.region_name", region="cn-north-1", jurisdictions=frozenset({"CN"}))
    copied = placement("eu-central-1", jurisdictions=["EU"], also=(replica,))
    made = change(Made("aws_vpc.a"), Made("aws_s3_bucket.b", copied, Action.NO_OP, on="aws_vpc.a"))
    boundaries = (LimitKind.JURISDICTIONS,)
    assert within(made, CrossingLimit(TERMS, boundaries))
    assert beyond(made, CrossingLimit(EVERY_TOUCH, boundaries)).values == ("EU to CN",)


def test_a_helper_without_a_place_crosses_nothing() -> None:
    replica = AlsoReaches("replicates", "replica.region_name", region="cn-north-1", jurisdictions=frozenset({"CN"}))
    helper = placement("eu-central-1", jurisdictions=["EU"], located=False, also=(replica,))
    assert within(updates(helper), CrossingLimit(TERMS, (LimitKind.JURISDICTIONS,)))


def test_a_region_of_unknown_law_may_lie_beyond_the_boundary() -> None:
    replica = AlsoReaches("replicates", "replica.region_name", region="xx-new-1")
    limit = CrossingLimit(TERMS, (LimitKind.JURISDICTIONS,))
    assert beyond(updates(placement("eu-central-1", also=(replica,))), limit).values == ("EU to unknown",)
    untold = AlsoReaches("replicates", "rule.destination.bucket", unknown="names no region")
    assert beyond(updates(placement("eu-central-1", also=(untold,))), limit).values == ("EU to unknown",)
    in_china = AlsoReaches("replicates", "b", jurisdictions=frozenset({"CN"}), unknown="names no region")
    assert within(updates(placement("cn-north-1", jurisdictions=["CN"], also=(in_china,))), limit)


def test_another_place_crosses_the_boundary_that_it_names_and_no_other() -> None:
    china = AlsoReaches("replicates", "replica", partition="aws-cn", account="222222222222")
    partitions, laws = (CrossingLimit(TERMS, (kind,)) for kind in (LimitKind.PARTITIONS, LimitKind.JURISDICTIONS))
    made = updates(placement("eu-central-1", also=(china,)))
    assert beyond(made, partitions).values == ("aws to aws-cn",)
    assert within(made, laws)
    everywhere = AlsoReaches("replicates", "replica", region="global")
    assert within(updates(placement("eu-central-1", also=(everywhere,))), laws)
    assert within(updates(placement("eu-central-1", also=(everywhere,))), partitions)


def test_a_move_to_another_partition_crosses() -> None:
    moved = replace(BEIJING, previous_partition=Known("aws", "before"))
    limit = CrossingLimit(TERMS, (LimitKind.PARTITIONS,))
    assert beyond(updates(moved), limit).values == ("aws to aws-cn",)
    assert within(updates(BEIJING, FRANKFURT), limit)


# Guard rails


def _files(*files: str) -> Context:
    return Context(changed_files=files)


@pytest.mark.parametrize(
    ("rail", "file"),
    [
        (GuardRail.POLICY, ".scopegate/policy.yaml"),
        (GuardRail.CLAIMS, ".scopegate/claims/payments/cn-owners.json"),
        (GuardRail.CODEOWNERS, ".github/CODEOWNERS"),
        (GuardRail.WORKFLOWS, ".github/workflows/plan.yml"),
    ],
)
def test_a_touched_guard_rail_is_beyond(rail: GuardRail, file: str) -> None:
    limit = GuardRailLimit(TERMS, frozenset({rail}))
    excess = beyond(change(Made("aws_vpc.a"), context=_files("main.tf", file)), limit)
    assert excess.values == (file,)
    assert excess.message == f"changes 1 file that the gate rests on ({file})"
    assert within(change(Made("aws_vpc.a"), context=_files("main.tf", "docs/policy.yaml")), limit)


def test_what_is_unknown_is_advised_about_and_nothing_else() -> None:
    limit = UnknownLimit(TERMS, (LimitKind.REGIONS,), types=True, edges=True)
    types = "add the types to a facts table of your own"
    sources = "pass the folder of the .tf files with --source, or write out the locals"
    hidden = (HiddenEdges("aws_vpc.a", ("local.a",)),)
    assert beyond(updates(replace(FRANKFURT, mapped=False)), limit).advice == types
    assert beyond(change(Made("aws_vpc.a"), hidden=hidden), limit).advice == sources
    places = beyond(updates(NOWHERE_KNOWN), limit).advice
    assert places
    assert types not in places
    assert sources not in places


def test_a_guard_rail_that_a_limit_does_not_name_is_not_its_matter() -> None:
    limit = GuardRailLimit(TERMS, frozenset({GuardRail.POLICY}))
    assert within(change(context=_files(".github/CODEOWNERS")), limit)


def test_a_wrapper_script_can_be_a_guard_rail() -> None:
    limit = GuardRailLimit(TERMS, frozenset(), ("scripts/**/plan*.sh",))
    assert beyond(change(context=_files("scripts/ci/plan-all.sh")), limit).values == ("scripts/ci/plan-all.sh",)
    assert within(change(context=_files("scripts/apply.sh")), limit)


def test_of_many_touched_guard_rails_five_are_named() -> None:
    limit = GuardRailLimit(TERMS, frozenset({GuardRail.WORKFLOWS}))
    five = [f".github/workflows/{name}.yml" for name in "abcde"]
    named = ", ".join(five)
    told = beyond(change(context=_files(*five)), limit).message
    assert told == f"changes 5 files that the gate rests on ({named})"
    told = beyond(change(context=_files(*five, ".github/workflows/f.yml")), limit).message
    assert told == f"changes 6 files that the gate rests on ({named} and 1 more)"


def test_untold_files_may_be_guard_rails() -> None:
    excess = beyond(change(Made("aws_vpc.a")), GuardRailLimit(TERMS, frozenset(GuardRail)))
    assert excess.values == ("unknown",)
    assert excess.advice.startswith("pass the list with --changed-files")


# Time

FRIDAYS = TimeLimit(TERMS, "Europe/Berlin", (WeeklyFreeze((4,), 12 * 60, 24 * 60),))
NIGHTS = TimeLimit(TERMS, "Europe/Berlin", (WeeklyFreeze((4,), 22 * 60, 6 * 60),))
CHRISTMAS = TimeLimit(TERMS, "Europe/Berlin", (DatedFreeze(date(2026, 12, 20), date(2027, 1, 3)),))


@pytest.mark.parametrize(
    ("limit", "moment", "frozen"),
    [
        # Berlin is one hour ahead of UTC in winter, two in summer.
        (FRIDAYS, "2026-11-27T10:59:00", False),
        (FRIDAYS, "2026-11-27T11:00:00", True),
        (FRIDAYS, "2026-11-27T22:59:00", True),
        (FRIDAYS, "2026-11-27T23:00:00", False),
        (FRIDAYS, "2026-07-31T09:59:00", False),
        (FRIDAYS, "2026-07-31T10:00:00", True),
        (FRIDAYS, "2026-11-26T12:00:00", False),
        (NIGHTS, "2026-11-27T21:00:00", True),
        (NIGHTS, "2026-11-28T04:59:00", True),
        (NIGHTS, "2026-11-28T05:00:00", False),
        (NIGHTS, "2026-11-28T21:30:00", False),
        (NIGHTS, "2026-11-27T04:00:00", False),
        (CHRISTMAS, "2026-12-19T22:59:59", False),
        (CHRISTMAS, "2026-12-19T23:00:00", True),
        (CHRISTMAS, "2027-01-03T22:59:59", True),
        (CHRISTMAS, "2027-01-03T23:00:00", False),
    ],
)
def test_a_freeze_holds_by_the_clocks_of_its_zone(limit: TimeLimit, moment: str, frozen: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    made = change(Made("aws_vpc.a"), context=Context(now=now))
    assert within(made, limit) is not frozen


def test_a_freeze_says_which_window_and_what_time() -> None:
    now = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
    excess = beyond(change(Made("aws_vpc.a"), context=Context(now=now)), FRIDAYS)
    assert excess.values == ("fri 12:00-24:00",)
    assert excess.message == ("comes at fri 2026-11-27 14:30 Europe/Berlin, while changes are frozen (fri 12:00-24:00)")


def test_a_plan_that_changes_nothing_is_never_frozen() -> None:
    now = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
    assert within(change(Made("aws_vpc.a", action=Action.NO_OP), context=Context(now=now)), FRIDAYS)


def test_what_comes_at_a_frozen_time_is_what_the_limit_counts() -> None:
    now = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
    exposed = Made("aws_vpc.b", action=Action.NO_OP, on="aws_vpc.a")
    made = change(exposed, Made("aws_vpc.a"), context=Context(now=now))
    assert addresses(made, beyond(made, FRIDAYS).instances) == ["aws_vpc.a"]


def test_an_untold_time_may_be_frozen() -> None:
    excess = beyond(change(Made("aws_vpc.a")), FRIDAYS)
    assert excess.values == ("unknown",)
    assert excess.advice == "pass the time with --now"
