"""Several plans are judged as one change."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from scopegate.analyze import (
    Analysis,
    Options,
    Planned,
    analyze,
    analyze_together,
    default_knowledge,
    knowledge_of,
    lay_out,
)
from scopegate.attest.statement import Occasion, People, as_line, statement
from scopegate.errors import PlanError
from scopegate.forge.claims import claims_for, claims_that_cover
from scopegate.forge.published import published_of
from scopegate.place.placement import Known
from scopegate.policy.from_report import change_in_report
from scopegate.policy.model import Context
from scopegate.reach.model import How
from scopegate.render import sarif
from scopegate.render.json import render
from scopegate.verdict.decide import Verdict
from scopegate.verdict.decision import decision_on
from together.stacks import TWO_OWNERS, plan, planned, queue

ROOT = Path(__file__).parents[2]
KNOWLEDGE = default_knowledge()
FRANKFURT = planned("eu/plan.json", queue("orders", "eu-central-1"))
VIRGINIA = planned("us/plan.json", queue("orders", "us-east-1"))


def judged(*plans: Planned, policy: Path | None = None, context: Context | None = None) -> Analysis:
    knowledge = knowledge_of(str(policy)) if policy else KNOWLEDGE
    return analyze_together(plans, knowledge, Options(context or Context()))


def beyond(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    return {excess.limit: excess.values for excess in analysis.report.excesses}


def test_one_plan_is_judged_as_it_is_alone() -> None:
    alone = analyze(FRANKFURT.plan, KNOWLEDGE, Options())
    assert render(judged(FRANKFURT).report) == render(alone.report)


def test_a_note_on_one_of_several_plans_names_its_stack_and_on_the_only_one_none() -> None:
    odd = planned("eu/plan.json", queue("orders", "eu-central-1"), surprise={})
    note = "eu/plan.json has top-level keys that Terraform does not write, which were left aside: surprise."
    assert judged(odd).report.coverage.notes == (note,)
    assert judged(odd, VIRGINIA).report.coverage.notes == (f"eu: {note}",)


def test_two_regions_in_two_plans_are_two_regions_at_once() -> None:
    assert judged(FRANKFURT).report.verdict is judged(VIRGINIA).report.verdict is Verdict.PASS
    both = judged(FRANKFURT, VIRGINIA)
    assert both.report.verdict is Verdict.NEEDS_SIGN_OFF
    assert beyond(both) == {"one-region": ("eu-central-1", "us-east-1")}


def test_one_address_in_two_plans_is_two_resources() -> None:
    report = judged(FRANKFURT, VIRGINIA).report
    assert [resource.address for resource in report.resources] == [
        "eu: aws_sqs_queue.orders",
        "us: aws_sqs_queue.orders",
    ]
    assert report.excesses[0].addresses == ("eu: aws_sqs_queue.orders", "us: aws_sqs_queue.orders")
    assert [plan.path for plan in report.plans] == ["eu/plan.json", "us/plan.json"]


def network(path: str) -> Planned:
    """Return the plan of a network that is made anew, its old one forgotten, with what is in it left as it is."""

    def one(address: str, reads: dict[str, str], after: dict[str, object], *actions: str) -> tuple[object, object]:
        kind, _, name = address.partition(".")
        entry = {"address": address, "mode": "managed", "type": kind, "name": name}
        references = {argument: {"references": [f"{of}.id", of]} for argument, of in reads.items()}
        known = {"region": "eu-central-1", **after}
        unknown = {"id": True} if "forget" in actions else {}
        change = {"actions": actions, "before": {**known, "id": kind}, "after_unknown": unknown}
        change["after"] = known if unknown else change["before"]
        own = {"provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
        return {**entry, **own}, {**entry, "provider_config_key": "aws", "expressions": references}

    made = (
        one("aws_vpc.a", {}, {"cidr_block": "10.0.0.0/16"}, "create", "forget"),
        one("aws_subnet.a", {"vpc_id": "aws_vpc.a"}, {}, "no-op"),
        one("aws_instance.a", {"subnet_id": "aws_subnet.a"}, {}, "no-op"),
    )
    resources = [block for _, block in made]
    return planned(
        path, *(change for change, _ in made), configuration={"root_module": {"resources": resources}}, source=path
    )


def test_what_is_kept_of_a_plan_among_others_tells_as_much_as_the_plan_does_alone() -> None:
    # Another network has another id; that of a subnet cannot be changed in place, and neither that of a machine.
    others = [lay_out(one, KNOWLEDGE, Options(), alone=False) for one in (network("eu"), VIRGINIA)]
    for plans, stack in (([network("eu")], ""), (others, "eu: ")):
        report = analyze_together(plans, KNOWLEDGE, Options()).report
        assert {r.address: r.how for r in report.resources if "us" not in r.address} == {
            f"{stack}aws_vpc.a": How.DIRECT,
            f"{stack}aws_subnet.a": How.AFFECTED,
            f"{stack}aws_instance.a": How.AFFECTED,
        }


def test_the_order_of_the_plans_decides_nothing() -> None:
    one, other = judged(FRANKFURT, VIRGINIA).report, judged(VIRGINIA, FRANKFURT).report
    assert (one.verdict, one.fingerprint) == (other.verdict, other.fingerprint)


def test_a_plan_more_never_lowers_the_verdict() -> None:
    queue_elsewhere = planned("cn/plan.json", queue("orders", "us-east-1", ("no-op",)))
    order = list(Verdict)
    for more in (VIRGINIA, queue_elsewhere):
        wider = judged(FRANKFURT, more).report.verdict
        assert order.index(wider) >= order.index(judged(FRANKFURT).report.verdict)


def test_two_plans_of_one_name_are_refused() -> None:
    with pytest.raises(PlanError, match=r"more than one plan 'eu/plan\.json'"):
        judged(FRANKFURT, FRANKFURT)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(TWO_OWNERS, encoding="utf-8")
    return file


def test_a_stacks_limit_sees_its_own_plan_and_a_limit_of_all_sees_all(policy: Path) -> None:
    both = judged(FRANKFURT, VIRGINIA, policy=policy)
    assert beyond(both) == {"few": ("2",), "america: home": ("us-east-1",)}
    asked = {requirement.groups: requirement.why for requirement in both.report.requirements}
    assert asked == {("team:platform",): ("few",), ("team:america",): ("america: home",)}


def test_what_two_stacks_say_alike_is_counted_for_each(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    alike = "limits: {few: {direct_changes: {at_most: 1}, sign_off: 1, why: few}}"
    stacks = (f"  {name}: {{match: {{paths: [{name}]}}, owner: team:t, {alike}}}\n" for name in ("eu", "us"))
    file.write_text("version: 1\nstacks:\n" + "".join(stacks), encoding="utf-8")
    assert beyond(judged(FRANKFURT, VIRGINIA, policy=file)) == {}
    two = planned("eu/plan.json", queue("a", "eu-central-1"), queue("b", "eu-central-1", address="aws_sqs_queue.b"))
    assert beyond(judged(two, VIRGINIA, policy=file)) == {"eu: few": ("2",)}


def test_a_stack_names_its_plan(policy: Path) -> None:
    report = judged(FRANKFURT, VIRGINIA, policy=policy).report
    assert [resource.address for resource in report.resources] == [
        "europe: aws_sqs_queue.orders",
        "america: aws_sqs_queue.orders",
    ]
    assert [plan.stack for plan in report.plans] == ["europe", "america"]


def test_each_stack_tells_the_environment_of_its_own_plan(policy: Path) -> None:
    text = TWO_OWNERS.replace("    owner: team:europe\n", "    owner: team:europe\n    environment: production\n")
    policy.write_text(text.replace("    owner: team:america\n", "    owner: team:america\n    environment: staging\n"))
    placements = judged(FRANKFURT, VIRGINIA, policy=policy).decision.change.placements
    assert [placement.environment for placement in placements] == [
        Known("production", "stack europe of the policy"),
        Known("staging", "stack america of the policy"),
    ]


def test_a_stack_whose_files_change_must_have_a_plan(policy: Path) -> None:
    context = Context(changed_files=("eu/main.tf", "us/main.tf"))
    alone = judged(FRANKFURT, policy=policy, context=context)
    assert alone.report.verdict is Verdict.BLOCKED
    assert beyond(alone) == {"stack-planned": ("america",)}
    assert "stack-planned" not in beyond(judged(FRANKFURT, VIRGINIA, policy=policy, context=context))


def test_the_order_of_stacks_decides_nothing(policy: Path) -> None:
    one, other = (judged(*plans, policy=policy).report for plans in ((FRANKFURT, VIRGINIA), (VIRGINIA, FRANKFURT)))
    assert (one.verdict, one.fingerprint) == (other.verdict, other.fingerprint)


def test_a_report_on_several_plans_is_judged_as_they_were(policy: Path) -> None:
    knowledge = knowledge_of(str(policy))
    report = judged(FRANKFURT, VIRGINIA, policy=policy).report
    change = change_in_report(render(report).encode(), "report.json")
    decision = decision_on(change, knowledge.policy)
    assert [(excess.limit.name, excess.values) for excess in decision.excesses] == [
        ("few", ("2",)),
        ("america: home", ("us-east-1",)),
    ]


def test_a_waiver_is_for_the_address_in_any_plan(tmp_path: Path) -> None:
    waiver = "{limit: few, addresses: [aws_sqs_queue.orders], reason: later, by: team:platform, expires: 2999-01-01}"
    file = tmp_path / "policy.yaml"
    file.write_text(TWO_OWNERS + f"waivers:\n  - {waiver}\n", encoding="utf-8")
    waived = judged(FRANKFURT, VIRGINIA, policy=file, context=Context(now=datetime(2026, 1, 1, tzinfo=UTC))).report
    assert "few" not in {excess.limit for excess in waived.excesses}
    assert waived.circumstances.waived[0].addresses == ("europe: aws_sqs_queue.orders", "america: aws_sqs_queue.orders")


def test_plans_without_a_stack_are_named_after_their_folders_or_themselves() -> None:
    deep = [planned(path, queue("orders", "eu-central-1")) for path in ("a/x/plan.json", "a/y/plan.json")]
    assert {resource.stack for resource in judged(*deep).report.resources} == {"x", "y"}
    flat = [planned(path, queue("orders", "eu-central-1")) for path in ("x.json", "y.json")]
    assert {resource.stack for resource in judged(*flat).report.resources} == {"x.json", "y.json"}


def keyed_by_a_marked_value() -> tuple[Planned, ...]:
    secret = plan("a/plan.json", queue("orders", "eu-central-1"), variables={})
    marked = queue("very-secret", "eu-central-1")
    marked["change"]["after_sensitive"] = {"name": True}
    keyed = queue("orders", "eu-central-1")
    keyed.update(address='aws_sqs_queue.orders["very-secret"]', index="very-secret")
    return Planned(secret), planned("b/plan.json", marked), planned("c/plan.json", keyed)


def test_a_marked_value_of_one_plan_is_hidden_in_the_addresses_of_another() -> None:
    assert "very-secret" not in render(judged(*keyed_by_a_marked_value()).report)


def test_only_where_values_are_hidden_is_a_scope_for_one_plan_alone() -> None:
    hidden, open_to_all = (
        [scope.beyond for scope in published_of(judged(*plans), KNOWLEDGE.policy).scopes.values()]
        for plans in (keyed_by_a_marked_value(), (FRANKFURT, VIRGINIA))
    )
    assert hidden == [
        {f"hidden values: signed for this plan only, sha256:{one.plan.sha256}"} for one in keyed_by_a_marked_value()
    ]
    assert open_to_all == [{"one-region: eu-central-1", "one-region: us-east-1"}] * 2


def test_what_is_agreed_to_together_is_held_against_each_plan_alone(policy: Path) -> None:
    both = judged(FRANKFURT, VIRGINIA, policy=policy)
    asked = [[claim.path for claim in claims] for claims in claims_for(both, "change")]
    assert asked == [
        [".scopegate/claims/europe/platform.json", ".scopegate/claims/america/platform.json"],
        [".scopegate/claims/america/america.json"],
    ]
    claims = [claim for some in claims_for(both, "change") for claim in some]
    for alone in (FRANKFURT, VIRGINIA):
        uncovered = claims_that_cover(judged(alone, policy=policy), claims, "change")
        assert [facts for facts in uncovered.values() if facts] == []


def test_a_plan_that_grew_after_it_was_agreed_to_is_not_covered(policy: Path) -> None:
    both = judged(FRANKFURT, VIRGINIA, policy=policy)
    claims = [claim for some in claims_for(both, "change") for claim in some]
    gone = planned("us/plan.json", queue("orders", "us-east-1", ("delete",)))
    uncovered = claims_that_cover(judged(gone, policy=policy), claims, "change")
    assert "destroys aws_sqs_queue.orders" in uncovered[".scopegate/claims/america/america.json"]


def test_a_machines_forms_of_several_plans_follow_their_schemas() -> None:
    both = judged(FRANKFURT, VIRGINIA)
    schemas = ROOT / "rules/scopegate_rules/schemas"
    occasion = Occasion("acme/infra", "1", "0" * 40, "main", "1", datetime(2026, 1, 1, tzinfo=UTC))
    record = json.loads(as_line(statement(both, occasion, People())))
    for document, schema in (
        (json.loads(render(both.report)), schemas / "report.schema.json"),
        (record, schemas / "attestation.schema.json"),
        (json.loads(sarif.render(both.report)), ROOT / "tests/render/data/sarif-2.1.0.json"),
    ):
        jsonschema.validate(document, json.loads(schema.read_text()))
    assert [subject["name"] for subject in record["subject"]] == ["eu/plan.json", "us/plan.json", "acme/infra"]
