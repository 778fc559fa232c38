"""From a policy document to what holds for one plan."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from handmade import placement
from policy.changes import FRANKFURT, Made, change, in_environment
from scopegate.errors import PolicyError, UsageError
from scopegate.place.placement import Known, Placement
from scopegate.policy import in_force
from scopegate.policy.break_glass import break_glass_in_force
from scopegate.policy.declared import declared_in_file, declared_in_options, declared_in_text
from scopegate.policy.evaluate import excesses_of, judge
from scopegate.policy.in_force import policy_for
from scopegate.policy.kinds import AuthorKind, LimitKind
from scopegate.policy.load import parse_policy
from scopegate.policy.model import NOTHING_KNOWN, BreakGlass, Context, Policy, PolicyDocument, WaiverUse
from scopegate.policy.people import Approval
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.policy.sign_off import Block, Combined, SignOff
from scopegate.policy.stacks import names_of, stacks_at_once, state_of
from scopegate.signals.model import Category, Severity, Signal

STACKS = parse_policy(
    """\
version: 1
limits:
  few: {direct_changes: {at_most: 50}, sign_off: 1, why: w}
defaults:
  limits:
    eu: {regions: {allow: [eu-*]}, sign_off: 1, why: w}
    known: {unknowns: [regions], sign_off: 1, why: w}
stacks:
  payments-prod:
    match: {paths: [infra/payments], workspaces: [prod]}
    owner: team:payments
    environment: production
    accounts: ["111111111111"]
    inherits: defaults
    limits:
      eu: {regions: {allow: [eu-central-1]}, block: true, why: w}
  payments-test:
    match: {paths: [infra/payments], workspaces: [test]}
    owner: team:payments
    limits:
      any: {regions: {allow: ["*"]}, sign_off: 1, why: w}
  network:
    match: {paths: [infra/network/**]}
    owner: team:network
agents:
  limits:
    fewer: {direct_changes: {at_most: 1}, sign_off: 1, why: w}
""",
    "p.yaml",
)
PAYMENTS = Context(source="infra/payments", workspace="prod")


def names(policy: Policy) -> list[str]:
    return [limit.terms.name for limit in policy.limits]


def test_a_stack_has_what_always_holds_and_its_own_and_what_it_inherits() -> None:
    policy = policy_for(STACKS, "tfplan.json", PAYMENTS)
    assert policy.stack is not None
    assert policy.stack.name == "payments-prod"
    assert names(policy) == ["few", "known", "eu", "stack-environment", "stack-accounts"]


def test_a_stack_that_does_not_inherit_has_no_defaults() -> None:
    policy = policy_for(STACKS, "tfplan.json", Context(source="infra/payments", workspace="test"))
    assert names(policy) == ["few", "any"]


def test_a_plan_of_no_stack_has_the_defaults() -> None:
    policy = policy_for(STACKS, "tfplan.json", Context(source="infra/dns"))
    assert policy.stack is None
    assert names(policy) == ["few", "eu", "known"]


def test_the_folder_of_the_plan_file_tells_the_stack_where_nobody_says_more() -> None:
    policy = policy_for(STACKS, "infra/network/eu/tfplan.json", NOTHING_KNOWN)
    assert policy.stack is not None
    assert policy.stack.name == "network"


def test_a_stack_that_depends_on_what_nobody_said_is_an_error() -> None:
    with pytest.raises(PolicyError, match=r"may belong to the stack 'payments-prod'.*pass --workspace"):
        policy_for(STACKS, "infra/payments/tfplan.json", NOTHING_KNOWN)


def test_a_plan_on_standard_input_is_in_no_folder_that_could_tell_its_stack() -> None:
    with pytest.raises(PolicyError, match="pass --source"):
        policy_for(STACKS, "-", Context(workspace="prod"))


def test_two_stacks_are_an_error() -> None:
    text = (
        "version: 1\nlimits: {x: {regions: {allow: [a]}, sign_off: 1, why: w}}\nstacks:\n"
        "  a: {match: {plans: [a*]}, owner: team:a}\n  b: {match: {plans: ['*b.json']}, owner: team:b}\n"
    )
    document = parse_policy(text, "p.yaml")
    assert policy_for(document, "plans/ac.json", NOTHING_KNOWN).stack is not None
    with pytest.raises(PolicyError, match=r"belongs to several stacks \(a, b\)"):
        policy_for(document, "plans/ab.json", NOTHING_KNOWN)
    with pytest.raises(PolicyError, match="pass a plan file with a name"):
        policy_for(document, "-", NOTHING_KNOWN)


def test_a_stack_is_told_by_its_backend() -> None:
    text = (
        "version: 1\nstacks:\n  a: {match: {backends: ['s3://state/a/*']}, owner: team:a,"
        " limits: {x: {regions: {allow: [a]}, sign_off: 1, why: w}}}\n"
    )
    document = parse_policy(text, "p.yaml")
    stack = policy_for(document, "p.json", Context(backend="s3://state/a/terraform.tfstate")).stack
    assert stack is not None
    with pytest.raises(PolicyError, match=r"no limit holds for p\.json, which belongs to no stack"):
        policy_for(document, "p.json", Context(backend="s3://state/b/terraform.tfstate"))


SEVERAL = parse_policy(
    "version: 1\nstacks:\n  a: {match: {paths: [a, b], workspaces: [live, prod]}, owner: team:a, state: s3/a,"
    " limits: {x: {regions: {allow: [a]}, sign_off: 1, why: w}}}\n",
    "p.yaml",
)


@pytest.mark.parametrize("folder", ["a", "b"])
@pytest.mark.parametrize("workspace", ["live", "prod"])
def test_one_of_several_patterns_tells_the_stack_its_state_and_its_files(folder: str, workspace: str) -> None:
    context = Context(source=folder, workspace=workspace, changed_files=(f"{folder}/main.tf",))
    policy = policy_for(SEVERAL, "p.json", context)
    assert policy.stack is not None
    assert policy.stack.name == "a"
    assert stacks_at_once(SEVERAL.stacks, replace(policy, stack=None), context) == ("a",)
    assert state_of(SEVERAL, "p.json", context) == "s3/a"


def test_a_plan_of_no_stack_keeps_its_state_where_nobody_said() -> None:
    assert state_of(SEVERAL, "p.json", Context(source="c", workspace="live")) is None


@pytest.mark.parametrize(
    ("paths", "called"),
    [
        (("a/plan.json",), ("",)),
        (("a/plan.json", "a/b/plan.json"), ("a", "b")),
        (("plan.json", "b/plan.json"), ("plan.json", "b")),
        (("p/a/x/plan.json", "p/b/x/plan.json"), ("a/x", "b/x")),
        (("a/x.json", "a/y.json", "b/z.json"), ("a/x.json", "a/y.json", "b")),
    ],
)
def test_plans_are_called_after_what_their_folders_do_not_share(
    paths: tuple[str, ...], called: tuple[str, ...]
) -> None:
    assert names_of((), [(path, NOTHING_KNOWN) for path in paths], "p.yaml") == called


def test_a_plan_is_called_after_its_stack_where_no_other_is() -> None:
    a, b, other = (Context(source=folder, workspace="live") for folder in ("a", "b", "c"))
    assert names_of(SEVERAL.stacks, [("p.json", a), ("x/q.json", other)], "p.yaml") == ("a", "x")
    assert names_of(SEVERAL.stacks, [("p.json", a), ("q.json", b)], "p.yaml") == ("p.json", "q.json")


def test_a_stack_tells_the_environment_of_what_is_in_none() -> None:
    policy = policy_for(STACKS, "tfplan.json", PAYMENTS)
    unknown, test = in_force.in_environment((FRANKFURT, in_environment(FRANKFURT, "test")), policy.stack)
    assert unknown.environment == Known("production", "stack payments-prod of the policy")
    assert test.environment == Known("test", "accounts table")


def test_a_stack_is_agreed_for_its_environment_and_accounts_alone() -> None:
    policy = policy_for(STACKS, "tfplan.json", PAYMENTS)
    made = change(Made("aws_vpc.a", in_environment(FRANKFURT, "test")), context=PAYMENTS)
    (excess,) = excesses_of(made, policy)
    assert (excess.limit.name, excess.values) == ("stack-environment", ("test",))
    assert excess.outcome == SignOff(1, ("team:payments",))


def test_the_stacks_of_the_changed_files_are_touched_at_once() -> None:
    context = Context(
        source="infra/network", changed_files=("infra/network/a.tf", "infra/payments/modules/b.tf", "README.md")
    )
    policy = policy_for(STACKS, "tfplan.json", context)
    assert stacks_at_once(STACKS.stacks, policy, context) == ("network", "payments-prod", "payments-test")


# Agents


@pytest.mark.parametrize(
    ("author", "further"), [(AuthorKind.HUMAN, None), (AuthorKind.UNKNOWN, None), (AuthorKind.AGENT, SignOff(1))]
)
def test_what_holds_for_agents_holds_for_agents(author: AuthorKind, further: SignOff | None) -> None:
    policy = policy_for(STACKS, "p.json", Context(author=author, source="x"))
    assert policy.further == further
    assert ("fewer" in names(policy)) is (further is not None)


def test_an_unknown_author_counts_as_an_agent_where_the_policy_says_so() -> None:
    document = parse_policy(
        "version: 1\nlimits: {x: {regions: {allow: [a]}, sign_off: 1, why: w}}\nagents: {include_unknown: true}\n", "p"
    )
    assert policy_for(document, "p.json", Context(author=AuthorKind.UNKNOWN)).further == SignOff(1)
    assert policy_for(document, "p.json", Context(author=AuthorKind.HUMAN)).further is None


# Declared scope


def test_a_declared_scope_is_one_limit_more() -> None:
    declared = declared_in_options(["regions=cn-north-1", "region=cn-northwest-1", "accounts=222222222222"])
    (scope,) = declared
    assert scope.source == "--declare"
    assert scope.allow == {
        LimitKind.REGIONS: ("cn-north-1", "cn-northwest-1"),
        LimitKind.ACCOUNTS: ("222222222222",),
    }
    policy = policy_for(STACKS, "p.json", Context(source="x", declared=declared))
    assert names(policy) == ["few", "eu", "known", "declared-regions", "declared-accounts"]


@pytest.mark.parametrize(
    ("pair", "hint"),
    [
        ("regions", "; the value is missing. Write"),
        ("regions=", "; the value is missing. Write"),
        ("regoins=a", "; did you mean `regions`? Write"),
        ("=a", "; it may have providers, partitions,"),
        ("stacks=a", "; it may have providers, partitions,"),
        ("signals=a", "; it may have providers, partitions,"),
    ],
)
def test_a_declaration_that_declares_nothing_is_refused(pair: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        declared_in_options([pair])
    assert f"does not say what the change is meant to reach{hint}" in str(caught.value)


def test_a_scope_file_is_read() -> None:
    scope = declared_in_file("scope:\n  regions: [cn-north-1]\n  services: []\n", "s.yaml")
    assert scope.allow == {LimitKind.REGIONS: ("cn-north-1",), LimitKind.SERVICES: ()}


@pytest.mark.parametrize("text", ["", "regions: [a]\n", "scope:\n", "scope: {regoin: [a]}\n", "scope: {regions: a}\n"])
def test_a_scope_file_without_a_scope_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"\As.yaml:1: "):
        declared_in_file(text, "s.yaml")


def test_what_is_no_policy_is_not_called_one() -> None:
    with pytest.raises(PolicyError) as scope:
        declared_in_file("", "s.yaml")
    with pytest.raises(PolicyError) as glass_file:
        parse_break_glass("", "b.yaml")
    assert str(scope.value) == "s.yaml:1: the file must be a mapping with at least one key, not nothing."
    assert str(glass_file.value) == "b.yaml:1: the file must be a mapping with at least one key, not nothing."


TEXT = """\
Raises the currency setting.\r
\r
scope:\r
  regions: [cn-north-1]\r
\r
  accounts: ["222222222222"]\r
\r
And that is all.

```yaml
scope:
  services: [AWS Systems Manager]
```
The scope: of this is small.
"""


def test_the_scope_blocks_of_a_pull_request_are_read() -> None:
    first, second = declared_in_text(TEXT, "the pull request")
    assert first.allow == {LimitKind.REGIONS: ("cn-north-1",), LimitKind.ACCOUNTS: ("222222222222",)}
    assert second.allow == {LimitKind.SERVICES: ("AWS Systems Manager",)}
    assert declared_in_text("no scope\n  scope:\n", "x") == ()


def test_a_text_that_consists_of_scope_blocks_is_refused_at_once() -> None:
    """A text of 60,000 signs took minutes to read: each block was read with all the lines before it."""
    block = "scope:\n  regions: [a]\n"
    assert len(declared_in_text(block * 10, "the pull request")) == 10
    with pytest.raises(PolicyError, match=r"\Athe pull request: 11 blocks `scope:` stand in it"):
        declared_in_text(block * 11, "the pull request")
    with pytest.raises(PolicyError, match="2900 blocks"):
        declared_in_text(block * 2900, "the pull request")


def test_a_scope_block_that_cannot_be_read_says_its_line() -> None:
    with pytest.raises(PolicyError, match=r"\Athe pull request:4: .*did you mean `regions`"):
        declared_in_text("a\nb\nscope:\n  regoins: [a]\n", "the pull request")


# Owners

OWNERS = parse_policy(
    """\
version: 1
limits:
  eu: {regions: {allow: [eu-*]}, sign_off: {owner-of: region, count: 2}, why: w}
  by-service: {direct_changes: {at_most: 0}, sign_off: {owner-of: service}, why: w}
  by-files: {direct_changes: {at_most: 0}, sign_off: {codeowners-of: changed-files}, why: w}
owners:
  regions: {cn-*: team:cn, "*": [team:platform, team:sre]}
  services: {"Amazon Route 53": team:dns, "*": team:platform}
""",
    "p.yaml",
)


def outcomes(made: Iterable[Made], context: Context) -> dict[str, SignOff | Combined | Block]:
    touched = change(*made, context=context)
    return {e.limit.name: e.outcome for e in excesses_of(touched, policy_for(OWNERS, "p.json", context))}


def test_the_owners_of_every_place_beyond_are_asked() -> None:
    from policy.changes import BEIJING, GLOBAL, VIRGINIA
    from scopegate.policy.codeowners import parse_code_owners

    rules = parse_code_owners("* @acme/all\n/cn/ @acme/cn\n", "CODEOWNERS")
    context = Context(code_owners=rules, changed_files=("a.tf", "cn/b.tf", "cn/c.tf"))
    made = [Made("aws_vpc.a", BEIJING), Made("aws_vpc.b", VIRGINIA), Made("aws_route53_zone.c", GLOBAL)]
    found = outcomes(made, context)
    platform = SignOff(2, ("team:platform", "team:sre"))
    assert found["eu"] == Combined(2, (SignOff(2, ("team:cn",)), platform))
    assert found["by-service"] == Combined(2, (SignOff(1, ("team:dns",)), SignOff(1, ("team:platform",))))
    assert found["by-files"] == Combined(2, (SignOff(1, ("team:acme/all",)), SignOff(1, ("team:acme/cn",))))


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (NOTHING_KNOWN, "there is no CODEOWNERS file here"),
        (Context(code_owners=()), "nobody said which files changed"),
        (Context(code_owners=(), changed_files=("a.tf",)), "the code owners of a.tf, but CODEOWNERS names none"),
    ],
)
def test_where_nobody_is_known_who_could_agree_there_is_no_verdict(context: Context, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        outcomes([Made("aws_vpc.a")], context)


def test_the_code_owners_of_the_resources_files_are_asked() -> None:
    from scopegate.policy.codeowners import parse_code_owners

    document = parse_policy(
        "version: 1\nlimits: {x: {direct_changes: {at_most: 0}, sign_off: {codeowners-of: resources}, why: w}}\n", "p"
    )
    context = Context(code_owners=parse_code_owners("/b/ @acme/b\n", "C"))
    files = {"module.m.aws_vpc.a": "b/main.tf"}
    (excess,) = excesses_of(
        change(Made('module.m[0].aws_vpc.a["x"]'), context=context, files=files),
        policy_for(document, "p.json", context),
    )
    assert excess.outcome == SignOff(1, ("team:acme/b",))
    with pytest.raises(PolicyError, match=r"the file of aws_vpc\.b is not known"):
        excesses_of(change(Made("aws_vpc.b"), context=context, files=files), policy_for(document, "p.json", context))


def test_an_excess_without_a_resource_asks_the_owners_of_all_that_is_touched_and_never_nobody() -> None:
    from scopegate.policy.codeowners import parse_code_owners

    document = parse_policy(
        "version: 1\nlimits: {x: {signals: {severities: [high]}, sign_off: {codeowners-of: resources}, why: w}}\n", "p"
    )
    context = Context(code_owners=parse_code_owners("/b/ @acme/b\n", "C"))
    signal = Signal("checks", Category.EXPOSURE, Severity.HIGH, "check.a", "it is of the whole plan")
    policy, files = policy_for(document, "p.json", context), {"aws_vpc.a": "b/main.tf"}
    (excess,) = excesses_of(change(Made("aws_vpc.a"), context=context, signals=[signal], files=files), policy)
    assert (excess.instances, excess.outcome) == ((), SignOff(1, ("team:acme/b",)))
    with pytest.raises(PolicyError, match="it is about no resource, so nobody could agree"):
        excesses_of(change(context=context, signals=[signal]), policy)


def test_owners_are_looked_up_in_each_part_of_a_rule() -> None:
    document = parse_policy(
        "version: 1\nlimits: {x: {direct_changes: {at_most: 0}, why: w,"
        " sign_off: {any_of: [{owner-of: region}, team:sre]}}}\nowners: {regions: {'*': team:platform}}\n",
        "p",
    )
    (excess,) = excesses_of(change(Made("aws_vpc.a")), policy_for(document, "p.json", NOTHING_KNOWN))
    assert excess.outcome == Combined(1, (SignOff(1, ("team:platform",)), SignOff(1, ("team:sre",))))


def test_a_plan_of_no_stack_has_no_stack_owner_to_ask() -> None:
    document = parse_policy(
        "version: 1\nlimits: {x: {direct_changes: {at_most: 0}, sign_off: {owner-of: stack}, why: w}}\n", "p"
    )
    with pytest.raises(PolicyError, match="the plan belongs to no stack, so nobody could agree"):
        excesses_of(change(Made("aws_vpc.a")), policy_for(document, "p.json", NOTHING_KNOWN))


@pytest.mark.parametrize(
    ("place", "asks"),
    [
        (placement(jurisdictions=["CN"]), "team:china"),
        (placement(jurisdictions=None), "team:law"),
        (placement(jurisdictions=["CN"], located=False), "team:law"),
    ],
    ids=["known", "unknown", "a helper without a place"],
)
def test_the_owner_of_an_unknown_law_is_the_one_of_everything(place: Placement, asks: str) -> None:
    document = parse_policy(
        "version: 1\nlimits: {x: {signals: {severities: [high]}, sign_off: {owner-of: jurisdiction}, why: w}}\n"
        "owners: {jurisdictions: {CN: team:china, '*': team:law}}\n",
        "p",
    )
    signal = Signal("s", Category.EXPOSURE, Severity.HIGH, "aws_vpc.a", "m")
    (excess,) = excesses_of(
        change(Made("aws_vpc.a", place), signals=[signal]), policy_for(document, "p", NOTHING_KNOWN)
    )
    assert excess.outcome == SignOff(1, (asks,))


# Waivers

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
WAIVED = parse_policy(
    """\
version: 1
limits:
  few: {direct_changes: {at_most: 1}, sign_off: 1, why: w}
  eu: {regions: {allow: [us-*]}, sign_off: 1, why: w}
  no-loss: {signals: {severities: [high]}, sign_off: 1, why: w}
waivers:
  - {limit: few, addresses: [module.a.*], reason: moving, by: anna, expires: 2026-12-01}
  - {rule: rds-*, addresses: ["*"], reason: "a rule is named, not matched", by: anna, expires: 2026-12-01}
  - {rule: rds-destroyed, addresses: [aws_vpc.b], reason: empty database, by: anna, expires: 2026-12-01}
""",
    "p.yaml",
)


def test_a_waiver_covers_what_it_names_and_nothing_else() -> None:
    context = Context(now=NOON)
    policy = policy_for(WAIVED, "p.json", context)
    signals = [
        Signal("rds-destroyed", Category.DATA_LOSS, Severity.HIGH, "aws_vpc.b", "lost"),
        Signal("rds-destroyed", Category.DATA_LOSS, Severity.HIGH, "aws_vpc.c", "lost"),
    ]
    made = change(Made("module.a.aws_vpc.a"), Made("aws_vpc.b"), Made("aws_vpc.c"), signals=signals, context=context)
    judgement = judge(made, policy)
    found = {
        excess.limit.name: [made.plan.instances[p].address for p in excess.instances] for excess in judgement.excesses
    }
    assert found == {
        "few": ["aws_vpc.b", "aws_vpc.c"],
        "eu": ["module.a.aws_vpc.a", "aws_vpc.b", "aws_vpc.c"],
        "no-loss": ["aws_vpc.c"],
    }
    first, _, third = policy.waivers
    assert judgement.waived == (WaiverUse(first, ("module.a.aws_vpc.a",)), WaiverUse(third, ("aws_vpc.b",)))


def test_a_waiver_of_a_limit_on_signals_takes_away_those_of_what_it_names_alone() -> None:
    document = parse_policy(
        "version: 1\nlimits: {no-loss: {signals: {severities: [high]}, sign_off: 1, why: w}}\n"
        "waivers: [{limit: no-loss, addresses: [aws_vpc.b], reason: r, by: anna, expires: 2026-12-01}]\n",
        "p.yaml",
    )
    context = Context(now=NOON)
    signals = [
        Signal("r", category, Severity.HIGH, address, "m")
        for address, category in (("aws_vpc.a", Category.EXPOSURE), ("aws_vpc.b", Category.DATA_LOSS))
    ]
    made = change(Made("aws_vpc.a"), Made("aws_vpc.b"), signals=signals, context=context)
    (excess,) = judge(made, policy_for(document, "p.json", context)).excesses
    assert (excess.values, excess.instances) == (("exposure",), (0,))


def test_a_waiver_of_a_signal_that_no_limit_is_about_was_not_needed() -> None:
    context = Context(now=NOON)
    signals = [
        Signal("rds-destroyed", Category.DATA_LOSS, Severity.LOW, "aws_vpc.b", "lost"),
        Signal("rds-destroyed", Category.DATA_LOSS, Severity.HIGH, "aws_vpc.c", "lost"),
    ]
    made = change(Made("aws_vpc.b"), Made("aws_vpc.c"), signals=signals, context=context)
    assert judge(made, policy_for(WAIVED, "p.json", context)).waived == ()


def test_a_waiver_that_was_not_needed_is_not_in_the_report() -> None:
    context = Context(now=NOON)
    made = change(Made("module.a.aws_vpc.a"), context=context)
    judgement = judge(made, policy_for(WAIVED, "p.json", context))
    assert judgement.waived == ()


def test_an_expired_waiver_is_an_error_with_its_line() -> None:
    late = datetime(2026, 12, 2, tzinfo=UTC)
    policy_for(WAIVED, "p.json", Context(now=late - timedelta(seconds=1)))
    with pytest.raises(PolicyError) as caught:
        policy_for(WAIVED, "p.json", Context(now=late))
    lines = str(caught.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["p.yaml:7:", "p.yaml:8:", "p.yaml:9:"]
    assert "the waiver by anna (moving) expired at 2026-12-02T00:00:00+00:00" in lines[0]


def test_a_waiver_needs_the_time() -> None:
    with pytest.raises(PolicyError, match="nobody said what time it is"):
        policy_for(WAIVED, "p.json", NOTHING_KNOWN)


FREEZE = "freeze: {time: {zone: UTC, frozen: [{days: [fri]}]}, sign_off: 1, why: w}"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("limits: {few: {direct_changes: {at_most: 1}, sign_off: 1, why: w}}", False),
        (f"limits: {{few: {{direct_changes: {{at_most: 1}}, sign_off: 1, why: w}}, {FREEZE}}}", True),
    ],
)
def test_a_policy_that_depends_on_the_time_is_known(text: str, asks: bool) -> None:
    assert in_force.asks_for_time(parse_policy(f"version: 1\n{text}\n", "p.yaml")) is asks


def test_waivers_depend_on_the_time() -> None:
    assert in_force.asks_for_time(WAIVED)


# Break-glass


def glass(policy: str) -> PolicyDocument:
    return parse_policy(
        f"version: 1\nlimits: {{x: {{regions: {{allow: []}}, block: true, why: w}}}}\n"
        f"teams: {{commanders: [kim, lee]}}\n{policy}\n",
        "p.yaml",
    )


GLASS = glass("break_glass: {from: team:commanders, count: 2, longest_hours: 4}")


def broken(*by: str, hours: float = 1) -> Context:
    people = tuple(Approval(who) for who in by)
    return Context(now=NOON, break_glass=BreakGlass(people, "down", "INC-1", NOON + timedelta(hours=hours)))


def test_the_named_people_open_the_gate() -> None:
    context = broken("kim", "Lee")
    policy = policy_for(GLASS, "p.json", context)
    assert break_glass_in_force(policy, context) == context.break_glass
    assert break_glass_in_force(policy, Context(now=NOON)) is None


def test_the_gate_opens_for_as_long_as_the_policy_allows() -> None:
    context = broken("kim", "lee", hours=4)
    assert break_glass_in_force(policy_for(GLASS, "p.json", context), context) == context.break_glass


def test_without_the_time_nobody_can_tell_whether_it_has_expired() -> None:
    context = broken("kim", "lee")
    policy = policy_for(GLASS, "p.json", context)
    with pytest.raises(PolicyError, match="nobody said what time it is"):
        break_glass_in_force(policy, Context(break_glass=context.break_glass))


@pytest.mark.parametrize(
    ("document", "context", "message"),
    [
        (glass(""), broken("kim", "lee"), "the policy has no `break_glass`"),
        (GLASS, broken("kim"), "it takes 2 of team:commanders, and 1 of those who ask are known to be"),
        (GLASS, broken("kim", "kim"), "and 1 of those who ask"),
        (GLASS, broken("kim", "eve"), "and 1 of those who ask"),
        (GLASS, broken("kim", "lee", hours=0), "it expired at"),
        (GLASS, broken("kim", "lee", hours=4.1), "longer than the 4 hours the policy allows"),
    ],
)
def test_the_glass_stays_whole_otherwise(document: PolicyDocument, context: Context, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        break_glass_in_force(policy_for(document, "p.json", context), context)


def test_who_wrote_the_change_cannot_break_the_glass_for_it() -> None:
    context = replace(broken("kim", "lee"), barred={"kim": "the author of the change"})
    with pytest.raises(PolicyError, match="and 1 of those who ask"):
        break_glass_in_force(policy_for(GLASS, "p.json", context), context)
