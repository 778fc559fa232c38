"""One region is one place, whichever providers put something there."""

from msgspec.structs import replace

from render.reports import queue, report
from scopegate.reach.footprint import RegionKey
from scopegate.render import html, markdown, terminal
from scopegate.render.picture import resources_by_region
from scopegate.render.whereabouts import by_place
from scopegate.verdict.report import Report

HERE = RegionKey("aws", "aws", "eu-central-1")


def with_a_chart() -> Report:
    """A queue, and what helm puts into a cluster beside it; in a third place nobody knows which partition it is."""
    made = report(
        queue("aws_sqs_queue.a", "eu-central-1"), queue("aws_sqs_queue.b", "us-east-1"), queue("aws_sqs_queue.c", "")
    )
    first, second, third = made.resources
    chart = replace(second, placement=replace(first.placement, provider="helm"))
    rows = dict(zip((HERE, replace(HERE, provider="helm")), made.footprint.regions.values(), strict=False))
    unknown = {RegionKey(name, None, None): tally for name in ("aws", "helm") for tally in list(rows.values())[:1]}
    laws = {replace(HERE, provider="helm"): frozenset({"EU"})}
    places = replace(made.footprint, regions={**rows, **unknown}, region_jurisdictions=laws)
    return replace(made, resources=(first, chart, third), footprint=places)


def test_what_two_providers_put_into_one_region_is_counted_there_together() -> None:
    given = with_a_chart()
    shown = by_place(given)
    assert list(shown.footprint.regions) == [HERE, RegionKey("aws", None, None), RegionKey("helm", None, None)]
    assert shown.footprint.regions[HERE].direct == (0, 1)
    assert shown.footprint.region_jurisdictions == {HERE: frozenset({"EU"})}
    assert [one.address for one in resources_by_region(shown.resources)[HERE]] == ["aws_sqs_queue.a", "aws_sqs_queue.b"]


def test_a_place_that_is_not_known_stays_with_its_provider() -> None:
    given = with_a_chart()
    assert by_place(given).resources[2].placement.provider == given.resources[2].placement.provider == "aws"


def test_a_report_on_one_provider_in_each_partition_is_shown_as_it_is() -> None:
    made = report(queue("aws_sqs_queue.a", "eu-central-1"), queue("aws_sqs_queue.b", "cn-north-1"))
    assert by_place(made) is made


def test_every_form_names_a_region_once() -> None:
    given = with_a_chart()
    assert terminal.render(given).count("\n  aws: eu-central-1 ") == 1
    assert markdown.render(given).count("<summary><code>aws: eu-central-1</code>") == 1
    assert html.render(given).count('aria-pressed="false">aws: eu-central-1 ') == 1
