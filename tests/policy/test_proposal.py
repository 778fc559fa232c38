"""A first policy agrees to the places of the plans it is made from, and stays tight about everything else."""

from pathlib import Path

import pytest

from handmade import placement
from policy.changes import FRANKFURT, GLOBAL, VIRGINIA, updates
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


def test_a_first_policy_says_what_it_has_seen_and_asks_where_that_is_wide(knowledge: Knowledge) -> None:
    text = propose([updates(FRANKFURT, VIRGINIA, GLOBAL), updates(*[FRANKFURT] * 11)], knowledge.facts)
    assert "Proposed by `scopegate init` from\n# 2 plans; read each limit" in text
    assert (
        "  # `global` reaches every region of its partition at once; is that agreed?\n  our-regions:\n"
        "    regions: {allow: [eu-central-1, global, us-east-1], unknown: allowed}\n" in text
    )
    assert "  our-partitions:\n    partitions: {allow: [aws], unknown: allowed}\n" in text
    assert '  our-accounts:\n    accounts: {allow: ["111111111111"]}\n' in text
    assert '  our-services:\n    services: {allow: ["Amazon Route 53", "Amazon VPC"]}\n' in text
    assert text.count("is that agreed?") == 1
    assert "  # One plan reached 2 at once. Is that how it should be?\n  regions-at-once:\n" in text
    assert "spread: {of: regions, at_most: 2, unknown: allowed}" in text
    assert "spread: {of: partitions, at_most: 1, unknown: allowed}" in text
    assert text.count("at once. Is that") == 1
    assert "direct_changes: {at_most: 11}" in text


def test_a_first_policy_of_one_small_plan_leaves_room_for_ten_changes(knowledge: Knowledge) -> None:
    text = propose([updates(FRANKFURT)], knowledge.facts)
    assert "from\n# 1 plan; read each limit" in text
    assert "direct_changes: {at_most: 10}" in text


@pytest.mark.parametrize(
    ("last", "line"), [("eu-place-05-abc", " eu-place-00, "), ("eu-place-05-abcd", "\n        eu-")]
)
def test_places_that_fill_more_than_80_signs_stand_below_each_other(knowledge: Knowledge, last: str, line: str) -> None:
    # Five of eleven signs, each with a comma and a space behind it, and one of fifteen are 80.
    names = [*(f"eu-place-{number:02}" for number in range(5)), last]
    text = propose([updates(*(placement(name, account="1") for name in names))], knowledge.facts)
    assert f"regions: {{allow: [{line.removeprefix(' ')}" in text


def test_clouds_under_their_own_law_ask_in_any_case_and_law_that_only_names_a_country_does_not(
    knowledge: Knowledge,
) -> None:
    listed = propose([updates(FRANKFURT)], knowledge.facts).partition("jurisdictions: {strict: [")[2].partition("]")[0]
    assert {"CN", "EU-SOVEREIGN", "US-GOV"} <= set(listed.split(", "))
    assert not {"EU", "US", "CH", "JP"} & set(listed.split(", "))
