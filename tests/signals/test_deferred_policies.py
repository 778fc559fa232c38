"""Policy documents that a data source gives only during apply: told by its arguments, as far as they are known."""

from typing import Any

import msgspec
import pytest

from handmade import placement
from scopegate.facts.facts import Facts
from scopegate.plan.decode import decode_plan
from scopegate.signals.change import Surroundings, change_at
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.predicates import PolicyChanges
from scopegate.signals.words import Widening

DOCUMENT = "data.aws_iam_policy_document.d"
UNTOLD = Undecidable("policy")
ADMIN = Fires("every action on every resource")
EVERYTHING = '{"Statement": [{"Sid": "x", "Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def finding(
    what: Widening,
    *statements: Any,
    unknown: dict[str, Any] | None = None,
    references: tuple[str, ...] = (f"{DOCUMENT}.json", DOCUMENT),
    before: dict[str, Any] | None = None,
    beside: tuple[dict[str, Any], ...] = (),
    **arguments: Any,
) -> Finding:
    """Return what is found where the policy of a bucket is known only once the data source is read."""
    written = {"statement": list(statements), **arguments} if statements or arguments else {}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "configuration": {"root_module": {"resources": [_block(references)]}},
        "resource_changes": [
            _named("aws_s3_bucket_policy.b", ["update"] if before else ["create"], before, {}, {"policy": True}),
            _named(DOCUMENT, ["read"], None, written, {"json": True, **(unknown or {})}),
            *beside,
        ],
    }
    plan = decode_plan(msgspec.json.encode(document), "plan.json")
    change = change_at(0, Surroundings(plan, [placement()] * len(plan.instances), Facts()))
    return PolicyChanges(paths=("policy",), what=(what,)).holds(change)


def _block(references: tuple[str, ...]) -> dict[str, Any]:
    own = {"address": "aws_s3_bucket_policy.b", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "b"}
    return {**own, "expressions": {"policy": {"references": list(references)}}}


def _named(address: str, actions: list[str], before: object, after: object, unknown: object) -> dict[str, Any]:
    mode = "data" if address.startswith("data.") else "managed"
    resource_type, name = address.removeprefix("data.").split(".")
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown}
    return {"address": address, "mode": mode, "type": resource_type, "name": name, "change": change}


READS = {"actions": ["s3:GetObject"], "resources": [None]}
"""A statement about a bucket that has no ARN yet."""


def of(kind: str, *identifiers: str | None) -> dict[str, Any]:
    return {"type": kind, "identifiers": list(identifiers)}


def test_what_is_known_but_for_an_arn_is_told() -> None:
    assert finding("admin", READS) is None
    assert finding("admin", READS, {"actions": ["*"], "resources": ["*"], "effect": "Deny"}) is None
    assert finding("admin", READS, {"actions": ["*"], "resources": ["*"], "effect": None}) == ADMIN


def test_what_is_excepted_from_everything_may_have_no_arn_yet() -> None:
    assert finding("admin", {"actions": ["*"], "not_resources": [None]}) == ADMIN
    assert finding("admin", {"not_actions": [None], "resources": ["*"]}) == ADMIN
    assert finding("all-data", {"not_actions": [None], "resources": ["*"]}) == Fires(
        "of everything there is: dynamodb:deleteitem, dynamodb:scan, rds-data:executestatement and 4 more"
    )
    assert finding("public", READS | {"not_principals": [of("AWS", None)]}) == Fires("everyone")


@pytest.mark.parametrize(
    "references",
    [
        (f"{DOCUMENT}.json", DOCUMENT, "var.more"),
        ("var.policy",),
        ("aws_thing.a.json", "aws_thing.a"),
        ("data.aws_iam_policy_document.gone.json", "data.aws_iam_policy_document.gone"),
        (),
    ],
)
def test_what_comes_from_elsewhere_too_cannot_be_told(references: tuple[str, ...]) -> None:
    assert finding("admin", READS, references=references) == UNTOLD


@pytest.mark.parametrize(
    "unknown",
    [
        {"statement": True},
        {"statement": [{"principals": True}]},
        {"statement": [{}, {"not_principals": True}]},
        {"source_policy_documents": True},
        {"override_policy_documents": [True]},
        {"source_json": True},
        {"override_json": True},
    ],
)
def test_whole_parts_that_are_not_known_cannot_be_told(unknown: dict[str, Any]) -> None:
    assert finding("public", READS, READS, unknown=unknown) == UNTOLD


def test_one_document_of_two_that_is_not_known_is_enough_not_to_tell() -> None:
    other = "data.aws_iam_policy_document.e"
    both = (f"{DOCUMENT}.json", DOCUMENT, f"{other}.json", other)
    for unknown in ({"statement": True}, {"json": True}):
        beside = (_named(other, ["read"], None, {"statement": []}, unknown),)
        expected = UNTOLD if "statement" in unknown else None
        assert finding("admin", READS, references=both, beside=beside) == expected


def test_values_that_are_not_known_are_no_whole_parts() -> None:
    unknown = {"statement": [{"resources": [True], "principals": [{"identifiers": [True]}]}]}
    assert finding("public", READS | {"principals": [of("AWS", None)]}, unknown=unknown) is None


def test_principals_of_one_kind_in_two_blocks_are_all_let_in() -> None:
    both = READS | {"principals": [of("*", "*"), of("AWS", "arn:aws:iam::111122223333:role/app")]}
    assert finding("public", both) == Fires("everyone")
    assert finding("public", READS | {"principals": [of("Service", "*"), of("AWS", "111122223333")]}) is None


def condition(variable: str, *values: str) -> dict[str, Any]:
    return {"test": "StringEquals", "variable": variable, "values": list(values)}


def test_conditions_on_one_key_in_two_blocks_are_one_with_all_their_values() -> None:
    everybody = READS | {"principals": [of("AWS", "*")]}
    bound = condition("aws:PrincipalOrgID", "o-1")
    not_known = {"test": "StringEquals", "variable": "aws:PrincipalOrgID"}
    assert finding("public", everybody | {"condition": [not_known]}) == Fires("everyone")
    assert finding("public", everybody) == Fires("everyone")
    assert finding("public", everybody | {"condition": [bound, condition("aws:PrincipalTag/team", "a")]}) is None
    assert finding("public", everybody | {"condition": [condition("aws:PrincipalOrgID", "*"), bound]}) == Fires(
        "everyone"
    )


def test_documents_that_are_put_in_count_like_statements() -> None:
    several = [None, "", "no JSON", EVERYTHING]
    assert finding("admin", READS, source_policy_documents=several) == ADMIN
    assert finding("admin", READS, override_policy_documents=several) == ADMIN
    assert finding("admin", READS, source_json=EVERYTHING) == ADMIN
    assert finding("admin", READS, override_json=EVERYTHING) == ADMIN


def test_a_statement_takes_the_place_of_an_earlier_one_with_its_sid() -> None:
    """As ``Merge`` in hashicorp/terraform-provider-aws ``internal/service/iam/policy_model.go``."""
    narrow = READS | {"sid": "x"}
    assert finding("admin", narrow, source_policy_documents=[EVERYTHING]) is None
    assert finding("admin", narrow, override_policy_documents=[EVERYTHING]) == ADMIN
    assert finding("admin", READS | {"sid": ""}, {"sid": "", "actions": ["*"], "resources": ["*"]}) == ADMIN
    odd = '{"Statement": [{"Sid": [1], "Effect": "Allow", "Action": "*", "Resource": "*"}, null]}'
    assert finding("admin", narrow, source_policy_documents=[odd, odd]) == ADMIN


def test_a_denial_that_an_overriding_statement_replaces_is_gone() -> None:
    denial = '{"Sid": "x", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}'
    before = {"policy": '{"Statement": [' + denial + "]}"}
    sources = [before["policy"]]
    assert finding("deny-removed", READS, before=before, source_policy_documents=sources) is None
    assert finding("deny-removed", READS | {"sid": "x"}, before=before, source_policy_documents=sources) == Fires(
        "a denial is gone or weaker"
    )
