"""Conditions of AWS policy statements: one is called weaker or stronger only where that is certain."""

import ipaddress
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.signals.aws_conditions import Condition, implies

REGION = "aws:requestedregion"


def on(operator: str, *values: str, key: str = REGION) -> Condition:
    return operator, key, frozenset(values)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        (on("stringequals", "a"), on("stringequals", "a", "b")),
        (on("stringnotequals", "a", "b"), on("stringnotequals", "a")),
        (on("stringequals", "eu-central-1"), on("stringlike", "eu-*")),
        (on("stringlike", "eu-central-*"), on("stringlike", "eu-*", "us-*")),
        (on("stringnotlike", "eu-*"), on("stringnotequals", "eu-central-1")),
        (on("stringlike", "eu-central-1"), on("stringequals", "eu-central-1")),
        (on("arnequals", "arn:aws:sns:*:1:t"), on("arnlike", "arn:aws:sns:*:1:*")),
        (on("ipaddress", "10.1.0.0/16"), on("ipaddress", "10.0.0.0/8")),
        (on("notipaddress", "10.0.0.0/8"), on("notipaddress", "10.1.2.3")),
        (on("ipaddress", "10.1.2.3/8"), on("ipaddress", "10.0.0.0/8")),
        (on("numericlessthan", "900"), on("numericlessthan", "3600")),
        (on("numericlessthan", "900", "600"), on("numericlessthan", "3600", "60")),
        (on("numericlessthan", "900.0"), on("numericlessthan", "900")),
        (on("numericgreaterthan", "900", "5000"), on("numericgreaterthan", "600", "3600")),
        (on("numericgreaterthan", "900.0"), on("numericgreaterthan", "900")),
        (on("stringequals", "a"), on("stringequalsifexists", "a")),
        (on("stringnotequalsifexists", "a"), on("stringnotequals", "a")),
        (on("foranyvalue:stringnotequals", "a", "b"), on("foranyvalue:stringnotequals", "a")),
        (on("foranyvalue:stringequals", "a"), on("foranyvalue:stringlikeifexists", "a*")),
        (on("stringlike", "a*"), on("stringlike", "a*")),
        (on("stringequals", "a*"), on("stringequals", "a*", "b")),
        (on("stringlike", "ab", "ac"), on("stringlike", "ab*", "ac*")),
        (on("stringnotlike", "ab*", "ac*"), on("stringnotlike", "ab", "ac")),
        (on("bool", "true"), on("bool", "true", "false")),
        (on("ipaddress", "2001:db8:1::/48"), on("ipaddress", "10.0.0.0/8", "2001:db8::/32")),
    ],
)
def test_what_holds_whenever_another_does(strong: Condition, weak: Condition) -> None:
    assert implies(strong, weak)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        (on("numericlessthan", "900", "5000"), on("numericlessthan", "3600")),
        (on("numericlessthan", "900", "x"), on("numericlessthan", "3600")),
        (on("numericlessthan", "900"), on("numericlessthan", "x")),
        (on("numericgreaterthan", "900", "5"), on("numericgreaterthan", "600")),
        (on("numericgreaterthan", "900", "x"), on("numericgreaterthan", "600")),
        (on("numericgreaterthan", "900"), on("numericgreaterthan", "x")),
        (on("stringnotequals", "a"), on("stringnotequals", "a", "b")),
        (on("stringequals", "a"), on("stringnotequals", "b")),
        (on("stringequals", "a"), on("stringequals", "a", key="aws:sourceaccount")),
        (on("stringlike", "a*"), on("stringequals", "a*")),
        (on("stringequalsifexists", "a"), on("stringequals", "a")),
        (on("foranyvalue:stringnotequalsifexists", "a"), on("foranyvalue:stringnotequals", "a")),
        (on("foranyvalue:stringequals", "a"), on("stringequals", "a")),
        (on("arnlike", "arn:aws:sns:*:1:t"), on("stringlike", "arn:aws:sns:*:1:*")),
        (on("stringequals", "ab", "c"), on("stringlike", "a*")),
        (on("stringnotlike", "a*"), on("stringnotlike", "ab", "c")),
        (on("numericequals", "1"), on("numericequals", "2")),
        (on("ipaddress", "10.0.0.0/8"), on("ipaddress", "::/0")),
        (on("forallvalues:stringequals", "a"), on("foranyvalue:stringequals", "a")),
        (on("ipaddress", "10.0.0.0/8"), on("ipaddress", "10.1.0.0/16")),
        (on("ipaddress", "no network"), on("ipaddress", "10.0.0.0/8")),
        (on("ipaddress", "10.1.0.0/16", "no network"), on("ipaddress", "10.0.0.0/8")),
        (on("numericlessthan", "3600"), on("numericlessthan", "900")),
        (on("bool", "true"), on("bool", "false")),
        (on("null", "true"), on("null", "false")),
    ],
)
def test_what_need_not_hold_when_another_does(strong: Condition, weak: Condition) -> None:
    assert not implies(strong, weak)


WORLD = (None, "a", "ab", "b", "a*")
VALUES = st.frozensets(st.sampled_from(["a", "ab", "b", "a*", "*"]), min_size=1, max_size=3)
OPERATORS = st.sampled_from(
    ["stringequals", "stringlike", "stringnotequals", "stringnotlike", "stringequalsifexists", "stringnotlikeifexists"]
)
CONDITIONS = st.builds(lambda operator, values: (operator, "k", values), OPERATORS, VALUES)


def holds(condition: Condition, value: str | None) -> bool:
    """Whether a request with ``value`` for the key meets the condition, as the IAM User Guide says."""
    operator, _, values = condition
    if value is None:
        return "not" in operator or operator.endswith("ifexists")
    matched = any(fnmatchcase(value, one) if "like" in operator else value == one for one in values)
    return matched != ("not" in operator)


@settings(max_examples=300, deadline=None)
@given(strong=CONDITIONS, weak=CONDITIONS)
def test_no_request_meets_what_is_called_stronger_and_not_the_other(strong: Condition, weak: Condition) -> None:
    if implies(strong, weak):
        assert [value for value in WORLD if holds(strong, value) and not holds(weak, value)] == []


NETWORKS = st.frozensets(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "192.0.2.0/24"]), min_size=1)


@settings(max_examples=100, deadline=None)
@given(strong=NETWORKS, weak=NETWORKS, negated=st.booleans())
def test_no_address_is_let_in_by_the_stronger_network_alone(
    strong: frozenset[str], weak: frozenset[str], negated: bool
) -> None:
    name = "notipaddress" if negated else "ipaddress"
    if implies((name, "k", strong), (name, "k", weak)):
        for address in map(ipaddress.ip_address, ("10.0.0.1", "10.1.0.1", "10.1.2.3", "192.0.2.1", "198.51.100.1")):
            inside = [any(address in ipaddress.ip_network(text) for text in networks) for networks in (strong, weak)]
            met = [one != negated for one in inside]
            assert met[1] or not met[0]
