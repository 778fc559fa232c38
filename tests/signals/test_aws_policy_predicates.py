"""AWS policy documents, compared by what they grant."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.signals import aws_conditions, aws_policy, networks
from scopegate.signals.aws_policy import Statement, statements_of, uncovered
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.globs import contains, matches, may_overlap
from scopegate.signals.predicates import PolicyChanges
from scopegate.signals.words import Widening
from signals.written_changes import change

OWN, OTHER = "111122223333", "444455556666"


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:DeleteBucket", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def finding(
    what: Widening, before: dict[str, str] | None, after: dict[str, str] | None, account: str | None = OWN
) -> Finding:
    return PolicyChanges(paths=("policy",), what=(what,)).holds(change(before, after, account=account))


def found(
    what: Widening, before: dict[str, str] | None, after: dict[str, str] | None, account: str | None = OWN
) -> bool:
    return isinstance(finding(what, before, after, account), Fires)


@pytest.mark.parametrize(
    ("outer", "inner", "held"),
    [
        ("*", "s3:Get*", True),
        ("s3:*", "s3:Get*", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:GetObject", "s3:Get*", False),
        ("s3:G?tObject", "s3:GetObject", True),
        ("s3:G?tObject", "s3:G*tObject", False),
        ("a.c", "abc", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x*", True),
        ("arn:aws:s3:::[b]", "arn:aws:s3:::b", False),
    ],
)
def test_a_pattern_holds_another_one_only_where_that_is_certain(outer: str, inner: str, held: bool) -> None:
    assert contains(outer, inner) is held


def test_patterns_that_may_meet_are_not_called_apart() -> None:
    for first, second in (
        ("s3:*Object", "s3:Get*"),
        ("a?c", "ab?"),
        ("ab*", "*c"),
        ("s3:Get*", "s3:GetObject"),
        ("a", "a"),
    ):
        assert may_overlap(first, second)
        assert may_overlap(second, first)
    for first, second in (("s3:*", "ec2:*"), ("iam:DeleteUser", "iam:CreateUser"), ("s3:GetObject", "s3:GetObjectAcl")):
        assert not may_overlap(first, second)
        assert not may_overlap(second, first)


@pytest.mark.parametrize("glob", ["*", "a*", "*a*", "*b*", "*c", "a*c", "*a*b*c*", "a?c", "abc", "[a]bc"])
def test_a_text_matches_a_pattern(glob: str) -> None:
    assert matches("abc", glob)


@pytest.mark.parametrize("glob", ["", "b*", "*b", "*c*b*", "abc*c", "a??c", "ab", "*d*", "a*b"])
def test_a_text_does_not_match_another(glob: str) -> None:
    assert not matches("abc", glob)


def test_the_same_rights_in_other_words_are_no_change() -> None:
    before = policy(allow(["s3:GetObject", "s3:PutObject"], ["arn:a", "arn:b"]))
    after = policy(
        allow("s3:PutObject", "arn:b", Sid="one"),
        allow("S3:GETOBJECT", ["arn:b", "arn:a"]),
        allow(["s3:putobject"], "arn:a"),
    )
    for what in ("anything", "access-removed", "deny-added", "deny-removed"):
        assert not found(what, before, after)


def all_but(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "NotAction": list(actions), "Resource": "*"}


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        (all_but("iam:*"), allow("s3:GetObject"), False),
        (all_but("iam:*"), allow("iam:PassRole"), True),
        (all_but("iam:PassRole", "s3:*"), allow("iam:Pass*"), True),
        (all_but("iam:*", "s3:*"), allow(["ec2:RunInstances", "s3:GetObject"]), True),
        (all_but("iam:*"), all_but("iam:*", "s3:*"), False),
        (all_but("iam:Delete*"), all_but("s3:*", "iam:*"), False),
        (all_but("iam:*", "s3:*"), all_but("iam:*"), True),
        (allow("*"), all_but("iam:*"), False),
        (allow(["s3:*", "ec2:*"]), all_but("iam:*"), True),
        (all_but("iam:*"), allow("*"), True),
        (all_but("iam:*"), all_but("iam:*") | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
    ],
)
def test_everything_but_some_actions_is_compared_by_what_it_leaves_out(before: Any, after: Any, more: bool) -> None:
    assert found("anything", policy(before), policy(before, after)) is more
    assert found("access-removed", policy(before, after), policy(before)) is more


def test_everything_but_some_actions_grants_what_is_not_among_them() -> None:
    services = ("ec2-instance-connect:*", "eks:*", "glue:*", "iam:*", "kms:*", "lambda:*", "ssm:*")
    assert finding("escalation", None, policy(all_but(*services))) == Fires(
        "by these its holder can take more rights: sts:assumerole"
    )


def test_an_administrator_is_recognised_in_every_spelling() -> None:
    assert found("admin", None, policy(allow("*")))
    assert found("admin", None, policy(allow("*:*")))
    assert found("admin", None, policy({"Effect": "Allow", "NotAction": "iam:DeleteUser", "Resource": "*"}))
    assert found("admin", None, policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:a"}))
    assert not found("admin", None, policy(allow("s3:*")))
    assert not found("admin", None, policy(deny("*")))
    assert not found("admin", policy(allow("*")), policy(allow("*", Sid="x")))


def test_escalation_needs_all_resources_of_a_kind() -> None:
    assert found("escalation", None, policy(allow("iam:PassRole")))
    assert found("escalation", None, policy(allow("iam:Pass*", f"arn:aws:iam::{OWN}:role/*")))
    assert not found("escalation", None, policy(allow("iam:PassRole", f"arn:aws:iam::{OWN}:role/app")))
    assert found("narrow-escalation", None, policy(allow("iam:PassRole", f"arn:aws:iam::{OWN}:role/app")))
    assert not found("escalation", None, policy(allow("s3:*", "arn:aws:s3:::b/*")))


def test_the_detail_names_actions_of_our_own_table_only() -> None:
    one = policy(allow(["iam:PassRole", "canary:Secret"]))
    assert finding("escalation", None, one) == Fires("by these its holder can take more rights: iam:passrole")


def test_the_detail_names_three_actions_and_counts_the_others() -> None:
    three = ["s3:GetObject", "dynamodb:Scan", "ssm:GetParameter"]
    words = "of everything there is: dynamodb:scan, s3:getobject, ssm:getparameter"
    assert finding("all-data", None, policy(allow(three))) == Fires(words)
    assert finding("all-data", None, policy(allow([*three, "s3:DeleteObject"]))) == Fires(
        "of everything there is: dynamodb:scan, s3:deleteobject, s3:getobject and 1 more"
    )


def test_one_statement_among_others_is_enough() -> None:
    harmless = allow("s3:ListBucket", "arn:aws:s3:::b")
    assert finding("admin", None, policy(harmless, allow("*"))) == Fires("every action on every resource")
    assert found("admin", None, policy(allow(["ec2:RunInstances", "*"], ["arn:a", "*"])))
    assert found("escalation", None, policy(harmless, allow("iam:PassRole", ["arn:aws:iam::1:role/app", "*"])))
    assert found("public", None, policy(harmless, allow(Principal={"AWS": ["*", OWN]})))


def test_an_administrator_bound_to_somebody_is_none() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    network = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert found("admin", None, policy(allow("*", Condition=mfa)))
    assert not found("admin", None, policy(allow("*", Condition=mfa | network)))
    named: tuple[tuple[Widening, str], ...] = (("escalation", "iam:PassRole"), ("all-data", "s3:GetObject"))
    for what, action in named:
        assert found(what, None, policy(allow(action, Condition=mfa)))
        assert not found(what, None, policy(allow(action, Condition=mfa | network)))
    passed_to = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert not found(
        "narrow-escalation", None, policy(allow("iam:PassRole", "arn:aws:iam::1:role/a", Condition=passed_to))
    )


def test_every_action_of_a_service_counts_on_all_resources_of_a_kind() -> None:
    assert found("service-wide", None, policy(allow(["ec2:RunInstances", "s3:*"])))
    assert found("service-wide", None, policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b"}))
    assert not found("service-wide", None, policy(allow(["ec2:RunInstances", "s3:Get*"])))
    assert not found("service-wide", None, policy(allow("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"])))


@pytest.mark.parametrize(
    ("resource", "all_of_a_kind"),
    [
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::*/*", True),
        ("arn:aws:s3:::bucket/*", False),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/*", True),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/shop*", False),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:*", True),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*", False),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:*", True),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table*", True),
        ("arn:aws:ssm:eu-west-1:111122223333:parameter/shop/*", False),
        ("arn:aws:s3:::", False),
        ("arn:aws:s3", False),
    ],
)
def test_a_star_in_place_of_the_name_is_all_of_a_kind(resource: str, all_of_a_kind: bool) -> None:
    actions = ["s3:GetObject", "dynamodb:Scan", "secretsmanager:GetSecretValue", "ssm:GetParameter"]
    assert found("all-data", None, policy(allow(actions, resource))) is all_of_a_kind


def test_what_was_granted_already_is_not_counted_among_what_is() -> None:
    before = policy(allow("iam:PassRole"))
    after = policy(allow(["iam:PassRole", "iam:CreateAccessKey"]))
    assert finding("escalation", before, after) == Fires(
        "by these its holder can take more rights: iam:createaccesskey"
    )


def everybody(**condition: Any) -> dict[str, str]:
    return policy(allow(Principal="*", Condition=condition) if condition else allow(Principal="*"))


def test_everybody_is_nobody_in_particular() -> None:
    assert found("public", None, everybody())
    assert found("public", None, policy(allow(Principal={"AWS": "*"})))
    assert found(
        "public", None, policy({"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"})
    )
    assert not found("public", None, policy(allow(Principal={"Service": "sns.amazonaws.com"})))
    assert not found("public", None, policy(deny(Principal="*")))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}},
        {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::receipts/*"}},
        {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    ],
)
def test_a_condition_that_names_somebody_binds_a_star(condition: dict[str, Any]) -> None:
    assert not found("public", None, everybody(**condition))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:PrincipalOrgID": []}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:PrincipalAccount": "????????????"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "*/r-ab12/*"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"Bool": {"kms:GrantIsForAWSResource": "false"}},
    ],
)
def test_a_condition_that_names_nobody_does_not(condition: dict[str, Any]) -> None:
    assert found("public", None, everybody(**condition))


def test_another_account_is_told_from_the_own_one_however_it_is_spelled() -> None:
    for name in (OTHER, f"arn:aws:iam::{OTHER}:root", f"arn:aws-cn:iam::{OTHER}:role/x"):
        assert found("other-account", None, policy(allow(Principal={"AWS": name})))
    assert finding("other-account", None, policy(allow(Principal={"AWS": [OWN, OTHER]}))) == Fires("another account")
    for name in (OWN, f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/x"):
        assert not found("other-account", None, policy(allow(Principal={"AWS": name})))


def test_where_the_own_account_is_not_known_any_may_be_another() -> None:
    assert finding("other-account", None, policy(allow(Principal={"AWS": OWN})), account=None) == Fires(
        "another account: the own account is not known, so it may be that one"
    )
    assert not found("other-account", None, policy(allow(Principal={"Service": "sns.amazonaws.com"})), account=None)
    assert not found("other-account", None, policy(allow(Principal="*")), account=None)


def test_a_role_of_an_account_that_was_trusted_is_no_news() -> None:
    before = policy(allow(Principal={"AWS": OTHER}))
    assert not found("other-account", before, policy(allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/ci"})))


def test_a_condition_that_goes_is_weaker_and_one_that_comes_is_not() -> None:
    bound = policy(allow(Condition={"StringEquals": {"sts:ExternalId": ["a"]}}))
    assert found("weaker-condition", bound, policy(allow()))
    assert found("weaker-condition", bound, policy(allow(Condition={"StringEquals": {"sts:ExternalId": ["a", "b"]}})))
    other = allow("ec2:RunInstances", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    assert found("weaker-condition", policy(*json.loads(bound["policy"])["Statement"], other), policy(allow(), other))
    assert not found("weaker-condition", policy(other, allow()), policy(other, allow(), allow("s3:PutObject")))
    assert not found("weaker-condition", policy(allow()), bound)
    assert not found("anything", policy(allow()), bound)


def test_a_denial_that_goes_or_gets_an_exception_is_found() -> None:
    before = policy(allow("s3:*"), deny(["s3:DeleteBucket", "s3:DeleteObject"]))
    assert found("deny-removed", before, policy(allow("s3:*"), deny("s3:DeleteBucket")))
    assert found("deny-removed", before, None)
    excepted = deny(["s3:DeleteBucket", "s3:DeleteObject"], Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    assert found("deny-removed", before, policy(allow("s3:*"), excepted))
    assert not found("deny-removed", before, policy(allow("s3:*"), deny("s3:Delete*")))
    assert found("deny-added", before, policy(allow("s3:*"), deny("s3:Delete*")))


def test_a_truth_value_is_the_same_with_and_without_quotes() -> None:
    bare, quoted = (policy(allow(Condition={"Bool": {"aws:SecureTransport": value}})) for value in (True, "true"))
    assert not found("anything", bare, quoted)
    assert found("anything", bare, policy(allow(Condition={"Bool": {"aws:SecureTransport": False}})))


def outside_of(*regions: str) -> dict[str, str]:
    """A denial of every region but ``regions``, as service control policies write it."""
    return policy(deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": list(regions)}}))


def test_a_region_more_that_is_excepted_from_a_denial_makes_it_weaker() -> None:
    assert found("deny-removed", outside_of("eu-central-1"), outside_of("eu-central-1", "cn-north-1"))
    assert not found("deny-removed", outside_of("eu-central-1", "cn-north-1"), outside_of("eu-central-1"))
    assert found("deny-added", outside_of("eu-central-1", "cn-north-1"), outside_of("eu-central-1"))


def test_a_narrower_network_in_a_condition_is_not_weaker() -> None:
    wide, narrow = (
        policy(allow(Condition={"IpAddress": {"aws:SourceIp": net}})) for net in ("10.0.0.0/8", "10.1.0.0/16")
    )
    assert not found("weaker-condition", wide, narrow)
    assert found("weaker-condition", narrow, wide)


@pytest.mark.parametrize("resource", ["arn:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:aws-cn:*:*"])
def test_an_arn_of_stars_is_everything(resource: str) -> None:
    assert found("admin", None, policy(allow("*", resource)))


@pytest.mark.parametrize("resource", ["arn:aws:iam::*", f"arn:aws:iam::{OWN}:role*", "arn:aws:iam::*:role/*"])
def test_an_arn_with_fewer_parts_may_be_all_of_a_kind(resource: str) -> None:
    assert found("escalation", None, policy(allow("iam:PassRole", resource)))
    assert not found("admin", None, policy(allow("*", resource)))


def test_a_condition_on_a_source_of_any_account_binds_nobody() -> None:
    assert found("public", None, everybody(ArnLike={"aws:SourceArn": "arn:aws:sns:*:*:*"}))
    assert found("public", None, everybody(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}))
    assert found("public", None, everybody(ArnLike={"aws:PrincipalArn": "arn:aws:iam::????????????:role/ci"}))
    assert found("public", None, everybody(ArnLike={"aws:SourceArn": "arn:aws:s3:::acme-*"}))
    assert found("public", None, everybody(ArnLike={"aws:SourceArn": "arn:aws:sns:*"}))
    assert not found("public", None, everybody(ArnLike={"aws:SourceArn": "arn:aws:s3:::receipts"}))


HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{OWN}:oidc-provider/{HOST}"


def trusted(condition: Any, **principal: Any) -> dict[str, str]:
    principal = principal or {"Federated": PROVIDER}
    return policy(allow("sts:AssumeRoleWithWebIdentity", Principal=principal, Condition=condition))


def federated(*subjects: str) -> dict[str, str]:
    return trusted({"StringLike": {f"{HOST}:sub": list(subjects)}})


SUBJECT = {f"{HOST}:sub": "repo:acme/infra:ref:refs/heads/main"}


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"}},
        {"StringNotEquals": SUBJECT},
        {"StringEqualsIfExists": SUBJECT},
        {"ForAllValues:StringEquals": SUBJECT},
        {"Null": {f"{HOST}:sub": "false"}},
        {"StringLike": {f"{HOST}:sub": ["repo:acme/infra:*", "repo:*"]}},
    ],
)
def test_a_provider_without_a_condition_on_the_subject_lets_anybody_in(condition: dict[str, Any]) -> None:
    assert found("unbound-federation", None, trusted(condition))


def test_a_condition_on_the_subject_beside_others_binds() -> None:
    audience = {f"{HOST}:aud": "sts.amazonaws.com"}
    assert not found("unbound-federation", None, trusted({"StringEquals": audience | SUBJECT}))


def test_who_comes_by_no_shared_provider_is_not_asked_for_a_subject() -> None:
    assert not found("unbound-federation", None, trusted({}, AWS=f"arn:aws:iam::{OWN}:role/oidc-provider-reader"))
    assert not found("unbound-federation", None, trusted({}, Federated=f"arn:aws:iam::{OWN}:saml-provider/office"))
    assert found("unbound-federation", None, trusted({}, Federated=PROVIDER, AWS=OWN))


@pytest.mark.parametrize(
    "subject",
    [
        "*",
        "repo:*",
        "repo:*/infra:*",
        "repo:acme*",
        "repo:acm?/infra:*",
        "*:ref:main",
        "project_path:*/infra:ref_type:branch:ref:main",
        "organization:*:project:shop:workspace:prod:run_phase:apply",
        "org/*/project/shop",
    ],
)
def test_a_subject_that_leaves_the_owner_open_lets_anybody_in(subject: str) -> None:
    assert found("unbound-federation", None, federated(subject))


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/*",
        "repo:acme/infra:ref:refs/heads/*",
        "system:serviceaccount:shop:*",
        "project_path:acme/*",
        "organization:acme:project:*",
        "org/1a2b/project/*",
        "{1a2b}:*",
        "infra",
    ],
)
def test_a_subject_of_one_owner_does_not(subject: str) -> None:
    assert not found("unbound-federation", None, federated(subject))


def test_the_same_document_at_another_holder_is_taken_from_one_and_given_to_the_other() -> None:
    first, second = ({"role": role, **policy(allow("*"), deny())} for role in ("a", "b"))
    assert found("admin", first, second)
    assert found("deny-removed", first, second)
    assert found("access-removed", first, second)
    assert not found("admin", first, {**first, "name": "x"})


def test_a_document_that_is_not_known_yet_cannot_be_told() -> None:
    one = change(None, {}, unknown={"policy": True})
    assert PolicyChanges(paths=("policy",), what=("admin",)).holds(one) == Undecidable("policy")


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"Statement": 1}', '{"Statement": [1, null]}', "{}"])
def test_what_is_no_policy_grants_nothing(text: str) -> None:
    assert not found("anything", None, {"policy": text})


ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "s3:Get*", "ec2:Run*", "*"])
RESOURCES = st.sampled_from(["arn:a", "arn:b", "arn:*", "*"])
STATEMENTS = st.builds(
    lambda effect, actions, resources: {"Effect": effect, "Action": actions, "Resource": resources},
    st.sampled_from(["Allow", "Deny"]),
    st.lists(ACTIONS, min_size=1, max_size=3),
    st.lists(RESOURCES, min_size=1, max_size=2),
)
DOCUMENTS = st.lists(STATEMENTS, max_size=3).map(lambda statements: {"Statement": statements})


def granted(document: dict[str, Any], effect: str) -> set[tuple[str, str]]:
    """The concrete (action, resource) pairs of a small world that a document names, worked out by plain matching."""
    world = [
        (a, r)
        for a in ("s3:getobject", "s3:putobject", "ec2:runinstances", "iam:x")
        for r in ("arn:a", "arn:b", "arn:c")
    ]
    return {
        (action, resource)
        for statement in document["Statement"]
        if statement["Effect"] == effect
        for action, resource in world
        if any(contains(glob.lower(), action) for glob in statement["Action"])
        and any(contains(glob, resource) for glob in statement["Resource"])
    }


@settings(max_examples=200, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_whatever_is_newly_granted_is_found(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = statements_of(before), statements_of(after)
    fresh = uncovered(tuple(s for s in new if s.allows), tuple(s for s in old if s.allows))
    if granted(after, "Allow") - granted(before, "Allow"):
        assert fresh
    assert uncovered(old, old) == ()


def many(what: str, numbers: Iterable[int]) -> list[str]:
    return [f"{what}{number}" for number in numbers]


def one_statement(actions: list[str], resources: list[str], accounts: Iterable[int]) -> tuple[Statement, ...]:
    principals = {"AWS": [f"{10**11 + account}" for account in accounts]}
    return statements_of(
        {"Statement": {"Effect": "Allow", "Action": actions, "Resource": resources, "Principal": principals}}
    )


def test_a_large_statement_is_cut_down_without_looking_at_each_combination() -> None:
    """Of 300 actions, resources and accounts there are 27 million combinations."""
    old = one_statement(many("s3:a", range(300)), many("arn:b", range(300)), range(300))
    (fresh,) = uncovered(one_statement(many("s3:a", range(1, 301)), many("arn:b", range(300)), range(300)), old)
    assert fresh.actions.globs == {"s3:a300"}
    assert fresh.resources.globs == set(many("arn:b", range(300)))
    (fresh,) = uncovered(one_statement(many("s3:a", range(300)), many("arn:b", range(300)), range(301)), old)
    assert len(fresh.actions.globs) == 300
    assert fresh.principals.globs == {"aws:arn:*:*::100000000300:*"}


def test_of_a_statement_that_others_cover_in_parts_what_is_left_is_new() -> None:
    """Reading a was allowed and writing b was; reading and writing both is new in two ways out of four."""
    old = (*one_statement(["s3:get"], ["arn:a"], [1]), *one_statement(["s3:put"], ["arn:b"], [1]))
    (fresh,) = uncovered(one_statement(["s3:get", "s3:put"], ["arn:a", "arn:b"], [1]), old)
    assert fresh.actions.globs == {"s3:get", "s3:put"}
    assert fresh.resources.globs == {"arn:a", "arn:b"}
    (fresh,) = uncovered(one_statement(["s3:get", "s3:put"], ["arn:a"], [1]), old)
    assert fresh.actions.globs == {"s3:put"}
    assert fresh.resources.globs == {"arn:a"}


@pytest.mark.parametrize(("extra", "is_new"), [(0, False), (1, True)])
def test_what_is_too_large_to_be_compared_counts_as_new(extra: int, is_new: bool) -> None:
    """30,000 names, the resource and the account included, are three times what AWS takes."""
    before = one_statement([*many("s3:a", range(29_997)), "s3:get*"], ["arn:b"], [1])
    after = one_statement([*many("s3:a", range(29_997 + extra)), "s3:getobject"], ["arn:b"], [1])
    assert bool(uncovered(after, before)) == is_new
    was, planned = (
        policy(allow([*many("s3:a", range(29_997 + extra)), last]), deny()) for last in ("s3:get*", "s3:getobject")
    )
    assert found("access-removed", planned, was) == is_new
    assert found("weaker-condition", was, planned) == is_new
    assert uncovered(before, before) == ()


@pytest.mark.parametrize(("statements", "is_new"), [(800, False), (801, True)])
def test_of_too_many_statements_all_that_differ_count_as_new(statements: int, is_new: bool) -> None:
    before, after = (
        statements_of({"Statement": [allow(f"s3:a{number}{end}") for number in range(statements)]})
        for end in ("x*", "xy")
    )
    assert bool(uncovered(after, before)) == is_new
    assert uncovered(before, before) == ()


def test_each_name_is_held_against_few_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket policy of 20 KB names 1,300 accounts, each a pattern of all that is in it; so are ARNs with a star."""
    asked: Counter[str] = Counter()

    def counted(outer: str, inner: str) -> bool:
        asked[inner] += 1
        return contains(outer, inner)

    monkeypatch.setattr(aws_policy, "contains", counted)
    for actions, resources in ((many("s3:a", range(9)), many("arn:b", range(1_300))), (["s3:get"], ["arn:b"])):
        old = one_statement([f"{action}*" for action in actions], [f"{name}/*" for name in resources], range(1_300))
        new = one_statement(actions, [f"{name}/c" for name in resources], range(1_300, 2_600))
        (fresh,) = uncovered(new, old)
        assert len(fresh.principals.globs) == 1_300
        assert uncovered(one_statement(actions, [f"{name}/c" for name in resources], range(1_300)), old) == ()
    assert asked["arn:b7/c"] > 0
    assert max(asked.values()) < 10


def test_networks_of_conditions_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every /24 of a condition lies in a /16 of the other: 1,000 are looked up among 1,000."""
    asked: list[str] = []
    around = networks._around

    def counted(network: networks.Network, lengths: Iterable[tuple[int, int]]) -> Iterator[networks.Network]:
        asked.append(str(network))
        return around(network, lengths)

    monkeypatch.setattr(networks, "_around", counted)
    wide, narrow = (
        frozenset(f"{10 + number // 250}.{number % 250}.0.0/{length}" for number in range(1_000)) for length in (16, 24)
    )
    assert aws_conditions.implies(("ipaddress", "k", narrow), ("ipaddress", "k", wide))
    assert not aws_conditions.implies(("ipaddress", "k", wide), ("ipaddress", "k", narrow))
    assert len(asked) <= 1_001


@pytest.mark.parametrize(("accounts", "is_whole"), [(99, False), (102, True)])
def test_of_too_many_combinations_the_whole_statement_counts_as_new(accounts: int, is_whole: bool) -> None:
    """Each action was allowed on a resource and to an account of its own, the first everywhere: a million kinds."""
    everything = many("s3:a", range(100)), many("arn:b", range(100)), range(accounts)
    old = tuple(
        statement
        for number in range(accounts)
        for statement in one_statement([f"s3:a{number % 100}"], [f"arn:b{number % 100}"], [number])
    )
    whole = one_statement(*everything)
    (fresh,) = uncovered(whole, (*old, *one_statement(["s3:a0"], *everything[1:])))
    assert fresh.actions.globs == set(many("s3:a", range(0 if is_whole else 1, 100)))


def test_what_is_granted_on_all_but_some_is_not_covered_by_what_was_granted_on_others() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:get", "s3:put"], "NotResource": "arn:a", "Principal": "*"}
    (fresh,) = uncovered(statements_of({"Statement": statement}), one_statement(["s3:get"], ["arn:b"], [1]))
    assert fresh.actions.globs == {"s3:get", "s3:put"}


def test_a_question_mark_stands_for_any_sign() -> None:
    assert not found("anything", policy(allow("s3:GetObjec?")), policy(allow("s3:GetObject")))
    assert found("anything", policy(allow("s3:GetObjec?")), policy(allow("s3:GetObjects")))


@pytest.mark.parametrize(
    ("outer", "inner", "within"),
    [
        ("*a" * 30 + "*b", "a" * 5_000, False),
        ("*a" * 30 + "*b", "a" * 5_000 + "b", True),
        ("s3:?et*", "s3:get*", True),
        ("s3:?et*", "s3:*et*", False),
        ("*b*b", "abab", True),
        ("*b*b", "aab", False),
        ("a*a", "a", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_within_another_is_found_at_once(outer: str, inner: str, within: bool) -> None:
    """Thirty stars would be tried in more ways than there is time for."""
    assert contains(outer, inner) is within
