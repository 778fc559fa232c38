"""A first policy agrees to the places of the plans it is made from, and stays tight about everything else."""

from pathlib import Path

import pytest

from scopegate.analyze import Knowledge, Options, default_knowledge, see
from scopegate.plan.read import read_plan
from scopegate.policy.load import parse_policy
from scopegate.policy.proposal import propose
from scopegate.verdict.decision import decision_on

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLANS = [
    "kiro/created-from-scratch",
    "kiro/region-forgotten",
    "kiro/unchanged",
    "multicloud/created",
    "multicloud/destroy-everything",
    "aliases/created",
    "regionless/created",
    "real/gcp-two-european-regions",
    "real/azure-two-regions-65-creates",
    "real/for-each-200-digit-string-keys",
    "real/ibm-satellite-foreign-region-names",
]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return default_knowledge()


@pytest.mark.parametrize("name", PLANS)
def test_a_first_policy_agrees_to_the_places_it_has_seen(name: str, knowledge: Knowledge) -> None:
    change, _ = see(read_plan(str(FIXTURES / name / "plan.json")), knowledge, Options())
    policy = parse_policy(propose([change], knowledge.facts), "p.yaml")
    beyond = {excess.limit.name for excess in decision_on(change, policy).excesses}
    assert beyond <= {"strict-jurisdictions", "known-places", "nothing-destroyed", "data-loss", "high-signals"}


def test_a_first_policy_of_several_plans_agrees_to_each(knowledge: Knowledge) -> None:
    paths = [FIXTURES / name / "plan.json" for name in PLANS]
    changes = [see(read_plan(str(path)), knowledge, Options())[0] for path in paths]
    policy = parse_policy(propose(changes, knowledge.facts), "p.yaml")
    for change in changes:
        beyond = {excess.limit.name for excess in decision_on(change, policy).excesses}
        assert not {name for name in beyond if name.startswith("our-") or name.endswith("-at-once")}


def test_without_a_known_account_there_is_no_limit_on_accounts(knowledge: Knowledge) -> None:
    change, _ = see(read_plan(str(FIXTURES / "regionless" / "created" / "plan.json")), knowledge, Options())
    text = propose([change], knowledge.facts)
    assert "# No account is known in these plans, so there is no limit on accounts yet." in text
    assert "our-accounts" not in text
