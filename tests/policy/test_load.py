"""Reading policies: strict, and every complaint says where, what, and what to write instead."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scopegate.errors import ExitCode, PolicyError
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
    TimeLimit,
    UnknownLimit,
    WeeklyFreeze,
)
from scopegate.policy.load import load_policy, parse_policy
from scopegate.policy.model import BreakGlassTerms, PolicyDocument
from scopegate.policy.sign_off import Block, CodeOwnerSignOff, Combined, OwnerSignOff, Rule, SignOff
from scopegate.reach.model import How
from scopegate.signals.model import Category, Severity
from scopegate.signals.strict_yaml import load_yaml

SCHEMA = Draft202012Validator(
    json.loads(files("scopegate_rules").joinpath("schemas", "policy.schema.json").read_text(encoding="utf-8"))
)


def parsed(text: str) -> PolicyDocument:
    """Return the policy; the published schema must agree that it is one."""
    value = load_yaml(text, "p.yaml", PolicyError).value
    assert list(SCHEMA.iter_errors(value)) == []
    return parse_policy(text, "p.yaml")


def limit(body: str) -> Limit:
    """Return the one limit that ``body`` describes."""
    (found,) = parsed(f"version: 1\nlimits:\n  x: {{{body}, why: because}}\n").limits
    assert found.terms.name == "x"
    assert found.terms.why == "because"
    return found


def test_every_kind_of_limit_is_read() -> None:
    one = SignOff(1)
    x = limit("regions: {allow: [eu-*]}, sign_off: 1").terms
    assert x.outcome == one
    assert limit("regions: {allow: [eu-*]}, sign_off: 1") == AllowLimit(x, LimitKind.REGIONS, ("eu-*",))
    assert limit("accounts: {allow: [], unknown: allowed}, sign_off: 1") == AllowLimit(
        x, LimitKind.ACCOUNTS, (), unknown_allowed=True
    )
    assert limit("jurisdictions: {strict: [CN, NO]}, sign_off: 1") == StrictLimit(
        x, LimitKind.JURISDICTIONS, ("CN", "NO")
    )
    assert limit("direct_changes: {at_most: 5}, sign_off: 1") == CountLimit(x, LimitKind.DIRECT_CHANGES, 5)
    assert limit("affected: {at_most: 12.5%}, sign_off: 1") == CountLimit(x, LimitKind.AFFECTED, Share(125))
    assert limit("signals: {severities: [high], categories: [data-loss], rules: [a-*]}, sign_off: 1") == SignalLimit(
        x, frozenset({Severity.HIGH}), frozenset({Category.DATA_LOSS}), ("a-*",)
    )
    assert limit("spread: {of: stacks, at_most: 2}, sign_off: 1") == SpreadLimit(x, LimitKind.STACKS, 2)
    assert limit("unknowns: [types, regions, edges], sign_off: 1") == UnknownLimit(
        x, (LimitKind.REGIONS,), types=True, edges=True
    )
    assert limit("crossings: [partitions], sign_off: 1") == CrossingLimit(x, (LimitKind.PARTITIONS,))
    assert limit("guard_rails: {rails: [policy], paths: [ci/*.sh]}, sign_off: 1") == GuardRailLimit(
        x, frozenset({GuardRail.POLICY}), ("ci/*.sh",)
    )


def test_a_freeze_is_read() -> None:
    found = limit(
        "time: {zone: Europe/Berlin, frozen: [{days: [fri, mon], from: '12:00'},"
        " {days: [sat], from: '22:00', to: '06:00'}, {dates: {from: 2026-12-20, to: 2027-01-03}}]}, block: true"
    )
    assert found == TimeLimit(
        found.terms,
        "Europe/Berlin",
        (
            WeeklyFreeze((0, 4), 720, 1440),
            WeeklyFreeze((5,), 1320, 360),
            DatedFreeze(date(2026, 12, 20), date(2027, 1, 3)),
        ),
    )
    assert found.terms.outcome == Block()


def test_a_freeze_of_one_day_and_a_share_of_all_are_read() -> None:
    one_day = limit("time: {zone: UTC, frozen: [{dates: {from: 2026-12-24, to: 2026-12-24}}]}, block: true")
    assert isinstance(one_day, TimeLimit)
    assert one_day.frozen == (DatedFreeze(date(2026, 12, 24), date(2026, 12, 24)),)
    everything = limit("affected: {at_most: 100%}, sign_off: 1")
    assert isinstance(everything, CountLimit)
    assert everything.at_most == Share(1000)


def test_a_limit_says_which_touches_it_counts() -> None:
    assert limit("regions: {allow: [a]}, sign_off: 1").terms.counts == {How.DIRECT, How.AFFECTED}
    assert limit("regions: {allow: [a]}, counts: exposed, sign_off: 1").terms.counts == set(How)
    assert limit("regions: {allow: [a]}, counts: direct, sign_off: 1").terms.counts == {How.DIRECT}


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("2", SignOff(2)),
        ("20", SignOff(20)),
        ("{from: [anyone]}", SignOff(1)),
        ("{at_least: 2, of: [team:a, team:b]}", Combined(2, (SignOff(1, ("team:a",)), SignOff(1, ("team:b",))))),
        ("team:CN-Owners", SignOff(1, ("team:cn-owners",))),
        ("{from: [team:a, user:b], count: 2}", SignOff(2, ("team:a", "user:b"))),
        ("{from: email:A@b.example}", SignOff(1, ("email:a@b.example",))),
        ("{from: team:acme/a}", SignOff(1, ("team:acme/a",))),
        ("{owner-of: stack}", OwnerSignOff(LimitKind.STACKS)),
        ("{codeowners-of: changed-files, count: 2}", CodeOwnerSignOff(("changed-files",), 2)),
        ("{codeowners-of: [infra/cn/**]}", CodeOwnerSignOff(("infra/cn/**",))),
        ("{all_of: [team:a, team:b]}", Combined(2, (SignOff(1, ("team:a",)), SignOff(1, ("team:b",))))),
        ("{any_of: [team:a, 2]}", Combined(1, (SignOff(1, ("team:a",)), SignOff(2)))),
        (
            "{at_least: 2, of: [team:a, team:b, 3]}",
            Combined(2, (SignOff(1, ("team:a",)), SignOff(1, ("team:b",)), SignOff(3))),
        ),
    ],
)
def test_who_must_agree_is_read(written: str, rule: Rule) -> None:
    assert limit(f"regions: {{allow: [a]}}, sign_off: {written}").terms.outcome == rule


FULL = """\
version: 1
limits:
  few: {direct_changes: {at_most: 5}, sign_off: 1, why: w}
defaults:
  limits:
    eu: {regions: {allow: [eu-*]}, sign_off: {owner-of: region}, why: w}
stacks:
  payments:
    match: {paths: [infra/payments], workspaces: [prod]}
    owner: [team:payments]
    environment: production
    accounts: ["0123"]
    inherits: defaults
    limits:
      eu: {regions: {allow: [eu-west-1]}, block: true, why: w}
agents:
  sign_off: team:sre
  include_unknown: true
  limits:
    fewer: {direct_changes: {at_most: 1}, sign_off: 1, why: w}
owners:
  regions: {cn-*: team:cn, "*": [team:platform]}
teams:
  cn: [Li, wang]
machines: [Release-Robot]
declared: {sign_off: 2}
waivers:
  - {limit: few, addresses: [module.a.*], reason: r, by: user:anna, expires: 2026-12-24}
  - {rule: sg-opened, addresses: ["*"], reason: r, by: anna, expires: "2026-12-24T12:00:00+01:00"}
break_glass: {from: team:sre, count: 2, longest_hours: 8}
distinct_people: false
facts: [accounts.csv]
rules: [signals.yaml]
"""


def test_a_whole_policy_is_read() -> None:
    policy = parsed(FULL)
    (stack,) = policy.stacks
    assert (stack.name, stack.owner, stack.environment, stack.accounts, stack.inherits_defaults) == (
        "payments",
        ("team:payments",),
        "production",
        ("0123",),
        True,
    )
    assert stack.match.paths == ("infra/payments",)
    assert stack.match.workspaces == ("prod",)
    assert policy.agents.sign_off == SignOff(1, ("team:sre",))
    assert policy.agents.include_unknown
    assert policy.owners == {LimitKind.REGIONS: (("cn-*", ("team:cn",)), ("*", ("team:platform",)))}
    assert policy.teams == {"cn": ("li", "wang")}
    assert policy.machines == {"release-robot"}
    assert policy.declared == SignOff(2)
    assert policy.break_glass == BreakGlassTerms(("team:sre",), 2, 8)
    assert not policy.distinct_people
    assert (policy.facts, policy.rules) == (("accounts.csv",), ("signals.yaml",))
    assert policy.origins == {
        ("limits", "few"): "p.yaml:3",
        ("defaults", "eu"): "p.yaml:6",
        ("stacks.payments", "eu"): "p.yaml:15",
        ("agents", "fewer"): "p.yaml:20",
    }


def test_where_a_stack_keeps_its_state_is_read_where_it_is_said() -> None:
    other = "  b: {match: {paths: [b]}, owner: team:b}"
    policy = parsed(f"{ONE}stacks:\n  a: {{match: {{paths: [a]}}, owner: team:a, state: s3/a}}\n{other}\n")
    assert policy.states == {"a": "s3/a"}


def test_a_waiver_holds_to_the_end_of_its_day() -> None:
    day, moment = parsed(FULL).waivers
    assert day.expires == datetime(2026, 12, 25, tzinfo=UTC)
    assert moment.expires == datetime(2026, 12, 24, 11, tzinfo=UTC)
    assert day.origin == "p.yaml:28"


def test_a_waiver_is_of_a_limit_or_of_a_rule() -> None:
    of_limit, of_rule = parsed(FULL).waivers
    assert (of_limit.limit, of_limit.rule) == ("few", "")
    assert (of_rule.limit, of_rule.rule) == ("", "sg-opened")


def in_limit(body: str) -> str:
    return f"version: 1\nlimits:\n  x: {{{body}}}\n"


GOOD = "regions: {allow: [a]}, sign_off: 1, why: w"
ONE = f"version: 1\nlimits: {{x: {{{GOOD}}}}}\n"
STACK = "version: 1\nstacks:\n  a: {match: {paths: [a]}, owner: team:a"


def waiver(body: str) -> str:
    return f"{ONE}waivers:\n  - {{{body}, reason: r, by: b}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.yaml:1: the policy is empty, so anything would pass"),
        ("# nothing\n", "p.yaml:1: the policy is empty, so anything would pass"),
        ("[]\n", "p.yaml:1: the file must be a mapping with at least one key, not an empty list."),
        ("{}\n", "p.yaml:1: the file must be a mapping with at least one key, not an empty mapping."),
        ("version: 1\n", "p.yaml:1: the policy has no limits, so anything would pass; add `limits`."),
        ("version: 2\n", "p.yaml:1: `version` must be 1"),
        ("version: true\n", "p.yaml:1: `version` must be 1"),
        ("limits: {}\n", "p.yaml:1: the file lacks the key 'version'."),
        (
            "version: 1\nlimits: {}\n",
            "p.yaml:2: `limits` must be a mapping with at least one key, not an empty mapping.",
        ),
        ("version: 1\nlimit: 1\n", "p.yaml:2: the file has no key 'limit'; did you mean `limits`?"),
        ("version: 1\nversion: 1\n", "p.yaml:2: the key 'version' stands twice"),
        (
            in_limit("juristictions: {strict: [CN]}, sign_off: 1, why: w"),
            "p.yaml:3: `limits.x` has no key 'juristictions'; did you mean `jurisdictions`?",
        ),
        (in_limit("sign_off: 1, why: w"), "p.yaml:3: the limit 'x' has no kind; give it exactly one of providers,"),
        (in_limit(f"{GOOD}, accounts: {{allow: [a]}}"), "p.yaml:3: the limit 'x' has several kinds"),
        (in_limit("regions: {allow: [a]}, sign_off: 1"), "p.yaml:3: the limit 'x' lacks `why`"),
        (in_limit("regions: {allow: [a]}, why: w"), "p.yaml:3: a limit says what happens beyond it"),
        (in_limit(f"{GOOD}, block: true"), "p.yaml:3: a limit says what happens beyond it"),
        (
            in_limit("regions: {allow: [a]}, block: false, why: w"),
            "p.yaml:3: `block: false` would let everything through",
        ),
        (in_limit("regions: {}, sign_off: 1, why: w"), "p.yaml:3: `x.regions` must be a mapping with at least one key"),
        (in_limit("regions: {allow: [a], strict: [b]}, sign_off: 1, why: w"), "p.yaml:3: `regions` has either `allow`"),
        (
            in_limit("regions: {strict: []}, sign_off: 1, why: w"),
            "`regions.strict` must be a list with at least one item",
        ),
        (in_limit("regions: {allow: [a, a]}, sign_off: 1, why: w"), "`regions.allow` says the same twice"),
        (in_limit("accounts: {allow: [123]}, sign_off: 1, why: w"), "must be a text, not 123; put it in quotes"),
        (in_limit("regions: {allow: [a], unknown: pass}, sign_off: 1, why: w"), "`regions.unknown` cannot be 'pass'"),
        (in_limit("direct_changes: {at_most: -1}, sign_off: 1, why: w"), "a whole number of at least 0, not -1"),
        (
            in_limit("direct_changes: {at_most: 101%}, sign_off: 1, why: w"),
            "a share is of the resources that stand today",
        ),
        (in_limit("direct_changes: {at_most: many}, sign_off: 1, why: w"), "a whole number or a share such as 20%"),
        (in_limit("direct_changes: {at_most: 1}, counts: direct, sign_off: 1, why: w"), "`counts` means nothing for"),
        (
            in_limit("regions: {allow: [a]}, counts: [], sign_off: 1, why: w"),
            "`x.counts` cannot be an empty list",
        ),
        (in_limit("signals: {}, sign_off: 1, why: w"), "`x.signals` must be a mapping with at least one key"),
        (
            in_limit("signals: {severities: []}, sign_off: 1, why: w"),
            "must be a list with at least one item, not an empty",
        ),
        (in_limit("signals: {severities: [hihg]}, sign_off: 1, why: w"), "cannot be 'hihg'; did you mean `high`?"),
        (in_limit("unknowns: [], sign_off: 1, why: w"), "`x.unknowns` must be a list with at least one item"),
        (in_limit("crossings: [regions], sign_off: 1, why: w"), "`x.crossings` cannot be 'regions'; it may have juris"),
        (in_limit("guard_rails: {}, sign_off: 1, why: w"), "`x.guard_rails` must be a mapping with at least one key"),
        (
            in_limit("time: {zone: Berlin/Europe, frozen: [{days: [fri]}]}, block: true, why: w"),
            "is no time zone known here",
        ),
        (
            in_limit("time: {zone: Europe/Berlin, frozen: []}, block: true, why: w"),
            "must be a list with at least one item",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{days: [fri], from: '25:00'}]}, block: true, why: w"),
            "is no time of day",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{days: [fri], from: '09:00', to: '09:00'}]}, block: true, why: w"),
            "is empty",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{dates: {from: 2026-12-24, to: 2026-12-20}}]}, block: true, why: w"),
            "ends before",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{days: [fri], dates: x}]}, block: true, why: w"),
            "a window has either `days` (every week) or `dates`",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{from: '09:00'}]}, block: true, why: w"),
            "a window has either `days` (every week) or `dates`",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{from: '09:00', dates: x}]}, block: true, why: w"),
            "`from` is for a window of `days`",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{dates: {from: '20261220', to: 2026-12-24}}]}, block: true, why: w"),
            "'20261220' is no day; write it as 2026-12-24",
        ),
        (
            in_limit("time: {zone: UTC, frozen: [{dates: {from: 2026-13-01, to: 2026-12-20}}]}, block: true, why: w"),
            "is no day",
        ),
        (
            in_limit("regions: {allow: [a]}, sign_off: 0, why: w"),
            "`x.sign_off` must be a whole number of at least 1, not 0",
        ),
        (in_limit("regions: {allow: [a]}, sign_off: 21, why: w"), "21 people will never come together"),
        (
            in_limit("regions: {allow: [a]}, sign_off: [], why: w"),
            "must be a mapping with at least one key, not an empty list",
        ),
        (in_limit("regions: {allow: [a]}, sign_off: {from: []}, why: w"), "must be a list with at least one item"),
        (in_limit("regions: {allow: [a]}, sign_off: {all_of: []}, why: w"), "must be a list with at least one item"),
        (
            in_limit("regions: {allow: [a]}, sign_off: cn-owners, why: w"),
            "did you mean `team:cn-owners` or `user:cn-owners`?",
        ),
        (in_limit("stacks: {allow: [a]}, block: true, why: w"), "has no key 'stacks'"),
        (in_limit("regions: {allow: [a]}, block: yes, why: w"), "must be true or false"),
        (in_limit("regions: {allow: [a]}, block: 1, why: w"), "must be true or false"),
        (
            in_limit("regions: {allow: [a]}, sign_off: {from: [team:a, team:A]}, why: w"),
            "the same group stands here twice",
        ),
        (in_limit("regions: {allow: [a]}, sign_off: {from: [anyone, team:a]}, why: w"), "`anyone` already includes"),
        (
            in_limit("regions: {allow: [a]}, sign_off: {from: [user:a], count: 2}, why: w"),
            "2 people out of 1 can never agree",
        ),
        (in_limit("regions: {allow: [a]}, sign_off: {from: team:a, all_of: [1]}, why: w"), "exactly one of `from`"),
        (
            in_limit("regions: {allow: [a]}, sign_off: {any_of: [1], count: 2}, why: w"),
            "`count` means nothing beside `any_of`",
        ),
        (
            in_limit("regions: {allow: [a]}, sign_off: {at_least: 3, of: [1, 2]}, why: w"),
            "at least 3 of 2 rules can never be met",
        ),
        (in_limit("regions: {allow: [a]}, sign_off: {at_least: 1}, why: w"), "`at_least` needs a list `of`"),
        (in_limit("regions: {allow: [a]}, sign_off: {owner-of: regoin}, why: w"), "did you mean `region`?"),
        (
            in_limit("regions: {allow: [a]}, sign_off: {owner-of: region}, why: w"),
            "`owners.regions` has no row for '*'",
        ),
        (f"version: 1\nlimits:\n  agent-x: {{{GOOD}}}\n", "'agent-x' cannot name a limit"),
        (f"version: 1\nlimits:\n  X: {{{GOOD}}}\n", "'X' cannot name a limit"),
        (
            f"version: 1\nlimits:\n  x: {{{GOOD}}}\nagents:\n  limits:\n    x: {{{GOOD}}}\n",
            "p.yaml:6: a limit 'x' stands elsewhere already",
        ),
        (
            f"version: 1\ndefaults: {{limits: {{x: {{{GOOD}}}}}}}\nagents:\n  limits:\n    x: {{{GOOD}}}\n",
            "p.yaml:5: a limit 'x' stands elsewhere already",
        ),
        (
            waiver("limit: y, addresses: [a], expires: 2027-01-01"),
            "p.yaml:4: no limit is called 'y', so this waiver covers nothing",
        ),
        (
            waiver("limit: x, addresses: [], expires: 2027-01-01"),
            "`waivers.addresses` must be a list with at least one",
        ),
        (waiver("limit: x, addresses: [a], expires: soon"), "'soon' is no moment"),
        (waiver("limit: x, addresses: [a], expires: 2027-01-01T00:00:00"), "is no moment"),
        (
            waiver("limit: x, rule: y, addresses: [a], expires: 2027-01-01"),
            "a waiver is of either one `limit` or one signal `rule`",
        ),
        (waiver("addresses: [a], expires: 2027-01-01"), "a waiver is of either one `limit` or one signal `rule`"),
        (
            f"version: 1\nlimits:\n  x: {{{GOOD}}}\nowners: {{regions: {{'*': team:a, cn-*: team:b}}}}\n",
            "nothing after '*' would",
        ),
        (f"{STACK}}}\n", "the policy has no limits"),
        (
            f"{STACK}, limits: {{x: {{{GOOD}}}}}}}\n  b: {{match: {{paths: [b]}}, owner: team:b}}\n",
            "p.yaml:4: no limit holds for the stack 'b', so anything would pass",
        ),
        (
            f"{ONE}stacks:\n  a: {{match: {{paths: [a]}}, owner: team:a, inherits: defaults}}\n",
            "p.yaml:4: the stack 'a' inherits `defaults`, and there are none",
        ),
        (f"{ONE}stacks:\n  a: {{match: {{}}, owner: team:a}}\n", "`a.match` must be a mapping with at least one key"),
        (f"{ONE}teams: {{a: []}}\n", "`teams.a` must be a list with at least one item"),
    ],
)
def test_what_means_nothing_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("p.yaml:")
    assert caught.value.exit_code is ExitCode.POLICY


def test_all_wrong_limits_are_told_at_once() -> None:
    text = "version: 1\nlimits:\n  a: {regions: {allow: [a]}, why: w}\n  b: {sign_off: 1, why: w}\n"
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    assert [line.split(" ")[0] for line in str(caught.value).splitlines()] == ["p.yaml:3:", "p.yaml:4:"]


def test_a_rule_that_can_be_met_in_too_many_ways_is_refused() -> None:
    choice = ", ".join(f"team:a{number}" for number in range(10))
    with pytest.raises(PolicyError, match="more than 64 ways"):
        parse_policy(in_limit(f"regions: {{allow: [a]}}, sign_off: {{at_least: 5, of: [{choice}]}}, why: w"), "p.yaml")


def test_a_policy_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(str(tmp_path / "none.yaml"))


def test_a_policy_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"version: \xff")
    with pytest.raises(PolicyError, match="is not UTF-8 text"):
        load_policy(str(tmp_path / "p.yaml"))


def test_the_schema_names_every_kind_signal_category_and_dimension() -> None:
    schema = SCHEMA.schema
    assert isinstance(schema, Mapping)
    limit_keys = set(schema["$defs"]["limit"]["properties"]) - {"counts", "sign_off", "block", "why"}
    assert limit_keys == {kind.value for kind in LimitKind} - {"stacks"}
    signals = schema["$defs"]["limit"]["properties"]["signals"]["properties"]
    assert signals["categories"]["items"]["enum"] == [category.value for category in Category]
    assert signals["severities"]["items"]["enum"] == [severity.value for severity in Severity]
