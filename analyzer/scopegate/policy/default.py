"""The policy that holds where a repository has none.

Passes without asking: one region of one partition and at most one known account, no global service, no strict
jurisdiction, no high signal, no unknown partition or region, at most 50 direct changes. Everything else needs one
human; strict jurisdictions, data loss, and an agent's excess need two. An unknown account is reported but no excess:
two plans in three name none.

``scopegate_rules/policies/default.yaml`` says the same in the language of policies; a test holds the two together.
This one is there so that a review without a policy file parses no YAML.
"""

from scopegate.facts.facts import Facts
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import AllowLimit, CountLimit, SignalLimit, SpreadLimit, StrictLimit, Terms, UnknownLimit
from scopegate.policy.model import PolicyDocument
from scopegate.policy.sign_off import SignOff
from scopegate.signals.model import Category, Severity

_ONE = SignOff(1)
_TWO = SignOff(2)


def default_policy(facts: Facts) -> PolicyDocument:
    """Return the default policy; which jurisdictions are strict is a fact of the jurisdictions table."""
    strict = tuple(sorted(jurisdiction.id for jurisdiction in facts.jurisdictions.values() if jurisdiction.strict))
    return PolicyDocument(
        name="default",
        limits=(
            StrictLimit(
                Terms("strict-jurisdictions", _TWO, "a separate cloud under its own law, with its own owners"),
                LimitKind.JURISDICTIONS,
                strict,
                unknown_allowed=True,
            ),
            SignalLimit(
                Terms("data-loss", _TWO, "lost data does not come back with the old code"),
                categories=frozenset({Category.DATA_LOSS}),
                severities=frozenset({Severity.HIGH}),
            ),
            SignalLimit(
                Terms("high-signals", _ONE, "a named risk that a reviewer must have seen"),
                severities=frozenset({Severity.HIGH}),
            ),
            SpreadLimit(
                Terms("one-partition", _ONE, "a change for one cloud should stay in it"),
                LimitKind.PARTITIONS,
                1,
                unknown_allowed=True,
            ),
            SpreadLimit(
                Terms("one-region", _ONE, "a fault made in one region should stay in it"),
                LimitKind.REGIONS,
                1,
                unknown_allowed=True,
            ),
            SpreadLimit(
                Terms("one-account", _ONE, "a change for one account should stay in it"),
                LimitKind.ACCOUNTS,
                1,
                unknown_allowed=True,
            ),
            AllowLimit(
                Terms("no-global-service", _ONE, "a global service reaches every region of its partition at once"),
                LimitKind.REGIONS,
                ("*",),
                unknown_allowed=True,
            ),
            UnknownLimit(
                Terms("known-places", _ONE, "nobody can agree to a place that is not known"),
                (LimitKind.PARTITIONS, LimitKind.REGIONS),
            ),
            CountLimit(
                Terms("direct-changes", _ONE, "nobody reads a plan of this size line by line"),
                LimitKind.DIRECT_CHANGES,
                50,
            ),
        ),
    )
