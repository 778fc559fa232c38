"""What is shown about one word, and the page that counts the tables."""

from pathlib import Path

import pytest

from scopegate.errors import UsageError
from scopegate.facts.coverage import coverage_markdown
from scopegate.facts.describe import describe
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts

PAGE = Path(__file__).parents[2] / "docs" / "facts.md"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


def test_the_page_on_the_facts_is_current(facts: Facts) -> None:
    """``python -m scopegate.facts.coverage > docs/facts.md`` brings it up to the tables."""
    assert PAGE.read_text(encoding="utf-8") == coverage_markdown(facts)


def test_the_page_counts_types_and_data_sources_apart(facts: Facts) -> None:
    names = [row.text("type") for row in facts.table("types_azuread").all_rows()]
    data = sum(name.startswith("data.") for name in names)
    (line,) = (line for line in coverage_markdown(facts).splitlines() if line.startswith("| azuread | "))
    assert line.endswith(f"| {len(names) - data} | {data} |")


def test_a_region_is_shown_for_each_cloud_that_has_it(facts: Facts) -> None:
    text = describe(facts, "cn-north-1")
    assert [line for line in text.splitlines() if not line.startswith(" ")] == [
        "region cn-north-1 of aws",
        "",
        "region cn-north-1 of huaweicloud",
    ]
    assert "  partition     aws-cn\n" in text
    assert "  jurisdictions CN\n" in text
    assert "  operator      Beijing Sinnet Technology (Sinnet)\n" in text


def test_a_region_newer_than_the_tables_is_shown_as_such(facts: Facts) -> None:
    assert describe(facts, "eu-north-9") == (
        "region eu-north-9 of aws\n"
        "  partition     aws, by the pattern of its region names\n"
        "  jurisdictions not known\n"
        "  note          in no table: newer than the facts, or misspelt\n"
    )


def test_a_type_is_shown_with_what_it_reaches_loses_and_where_that_is_from(facts: Facts) -> None:
    lines = describe(facts, "aws_dynamodb_table").splitlines()
    assert lines[:4] == [
        "resource type aws_dynamodb_table",
        "  service       Amazon DynamoDB",
        "  scope         regional",
        "  region        attribute region",
    ]
    assert any(line.startswith("  also names    replica.region_name (replicates: region") for line in lines)
    assert any(line.startswith("  protected by  deletion_protection_enabled=true") for line in lines)
    assert lines[-1].startswith("  source        hashicorp/terraform-provider-aws")


def test_a_data_source_a_condition_and_a_parent_are_shown(facts: Facts) -> None:
    assert describe(facts, "data.aws_vpc").startswith("data source aws_vpc\n  service       Amazon VPC\n")
    assert "  when          scope = CLOUDFRONT: global, edge\n" in describe(facts, "aws_wafv2_web_acl")
    assert "  place of      azurerm_virtual_network in virtual_network_name\n" in describe(facts, "azurerm_subnet")


def test_a_name_that_is_only_a_data_source_is_found(facts: Facts) -> None:
    assert describe(facts, "aws_caller_identity").startswith("data source aws_caller_identity\n")


def test_an_unmapped_type_is_shown_as_inferred(facts: Facts) -> None:
    assert describe(facts, "aws_s3_new_thing") == (
        "resource type aws_s3_new_thing\n"
        "  service       Amazon S3 (inferred from the name)\n"
        "  note          in no table: its scope is not known\n"
    )


@pytest.mark.parametrize(
    ("word", "title", "line"),
    [
        ("google-beta", "provider google", "  also named    google-beta"),
        ("aws", "provider aws", "  argument      default_tags.tags: often environment and owner"),
        ("aws-cn", "partition aws-cn of aws", "  home region   cn-northwest-1"),
        ("CN", "jurisdiction CN", "  strict        yes"),
        ("US-GOV", "jurisdiction US-GOV", "  countries     none: only a partition leads here"),
        ("nam4", "multi-region nam4 of google", "  regions       us-central1, us-east1"),
        ("europe", "multi-region europe of azure", "  partition     public"),
    ],
)
def test_providers_partitions_laws_and_multi_regions_are_shown(facts: Facts, word: str, title: str, line: str) -> None:
    lines = describe(facts, word).splitlines()
    assert title in lines
    assert line in lines


@pytest.mark.parametrize("word", ["zork", "zork_thing", "eu west 1", "", "*"])
def test_a_word_that_means_nothing_is_a_usage_error(facts: Facts, word: str) -> None:
    with pytest.raises(UsageError, match=r"^nothing is known about"):
        describe(facts, word)
