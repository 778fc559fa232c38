"""The scripts that rebuild the tables, on small inputs in the shape of their sources, and on botocore where it is."""

import json
import re
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from refresh import (
    aws_control_planes,
    aws_regions,
    azure_regions,
    azurerm_replacements,
    cross_region_candidates,
    force_new,
    google_regions,
    resource_types,
)
from refresh.bindings import read_bindings
from refresh.tables import FACTS, Row, read_table, table_text
from scopegate.facts.coverage import SCRIPTS
from scopegate.facts.rows import COLUMNS, FORCE_NEW_TABLES, OWN_ONLY, TYPE_TABLES

DAY = "2027-01-31"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FACTS, tmp_path / "facts"))


def rows(folder: Path, table: str) -> dict[str, Row]:
    """Return the rows of a table by the first two cells."""
    return {" ".join(list(row.values())[:2]): row for row in read_table(folder / f"{table}.csv")}


def changed(folder: Path, table: str) -> dict[str, Row]:
    """Return the rows that differ from the shipped ones."""
    shipped = rows(FACTS, table)
    return {key: row for key, row in rows(folder, table).items() if shipped.get(key) != row}


def stamped(folder: Path, source: str) -> tuple[str, str]:
    (row,) = (row for row in read_table(folder / "sources.csv") if row["key"] == source)
    return row["version"], row["read_on"]


@pytest.mark.parametrize("table", sorted(path.stem for path in FACTS.glob("*.csv") if path.stem != "hosts"))
def test_a_table_as_a_script_writes_it_is_the_shipped_one(table: str) -> None:
    """So a diff shows what a source changed; hosts.csv alone stands in the order the patterns are tried."""
    path = FACTS / f"{table}.csv"
    assert table_text(table, read_table(path)) == path.read_text(encoding="utf-8")


def test_every_table_has_its_script_or_is_said_to_be_kept_by_hand() -> None:
    named = {word for tables, _, _ in SCRIPTS for word in re.findall(r"\w+", tables)}
    split = dict.fromkeys(TYPE_TABLES, "types_") | dict.fromkeys(FORCE_NEW_TABLES, "force_new_")
    tables = {split.get(name, name) for name in COLUMNS} - OWN_ONLY
    assert tables <= named
    scripts = {path.stem for path in Path(str(files("refresh"))).glob("*.py") if "def main(" in path.read_text("utf-8")}
    assert {script for _, script, _ in SCRIPTS if script} == scripts


# --- provider bindings

MODULE = '''
class {name}(
    _cdktn_78ede62e.Terraform{base},
    metaclass=jsii.JSIIMeta,
    jsii_type="@cdktn/provider-azurerm.{name}",
):
    """Represents a {{@link https://registry.terraform.io/providers/hashicorp/azurerm/9.9.9/docs/{kind}/x {type}}}."""
{attributes}

@jsii.data_type(jsii_type="@cdktn/provider-azurerm.{name}Config")
class {name}Config:
    @builtins.property
    @jsii.member(jsii_name="nested")
    def nested(self) -> builtins.str:
        ...
'''
ATTRIBUTE = """
    @builtins.property
    @jsii.member(jsii_name="{camel}")
    def {snake}(
        self,
    ) -> builtins.str:
        return typing.cast(builtins.str, jsii.get(self, "{camel}"))

    @builtins.property
    @jsii.member(jsii_name="{camel}Input")
    def {snake}_input(self) -> typing.Optional[builtins.str]:
        ...

    @jsii.member(jsii_name="reset{camel}")
    def reset_{snake}(self) -> None:
        ...
"""


def module(type_name: str, *attributes: str, data: bool = False) -> str:
    return MODULE.format(
        name="".join(word.title() for word in type_name.split("_")),
        base="DataSource" if data else "Resource",
        kind="data-sources" if data else "resources",
        type=type_name,
        attributes="".join(ATTRIBUTE.format(camel=name.replace("_i", "I"), snake=name) for name in attributes),
    )


def wheel(folder: Path, modules: dict[str, str]) -> Path:
    path = folder / "cdktn_provider_azurerm-99.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in modules.items():
            archive.writestr(f"cdktn_provider_azurerm/{name}/__init__.py", text)
    return path


@pytest.fixture
def bindings(tmp_path: Path) -> Path:
    return wheel(
        tmp_path,
        {
            "storage_box": module("azurerm_storage_box", "id", "name", "location", "zone"),
            "storage_shelf": module("azurerm_storage_shelf", "id", "name", "storage_account_id"),
            "data_storage_box": module("azurerm_storage_box", "id", "location", data=True),
            "data_subnet": module("azurerm_subnet", "id", "virtual_network_name", data=True),
            "provider": "class AzurermProvider: ...",
        },
    )


def test_bindings_have_the_types_and_their_top_level_attributes(bindings: Path) -> None:
    found = read_bindings(bindings)
    assert (found.provider, found.version) == ("azurerm", "9.9.9")
    assert found.types == {
        "azurerm_storage_box": {"id", "name", "location", "zone"},
        "azurerm_storage_shelf": {"id", "name", "storage_account_id"},
        "data.azurerm_storage_box": {"id", "location"},
        "data.azurerm_subnet": {"id", "virtual_network_name"},
    }


def test_a_wheel_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no class of this wheel is a Terraform resource or data source"):
        read_bindings(wheel(tmp_path, {"x": "class Other: ..."}))


def test_a_new_release_adds_its_types_and_keeps_what_was_judged(facts: Path, bindings: Path) -> None:
    resource_types.main(["--read-on", DAY, "--facts", str(facts), str(bindings)])
    new = {key.split()[0]: row for key, row in changed(facts, "types_azurerm").items()}
    assert {name: (row["service"], row["scope"], row["region"], row["note"]) for name, row in new.items()} == {
        "azurerm_storage_box": ("Azure", "regional", "location", ""),
        "azurerm_storage_shelf": (
            "Azure",
            "unknown",
            "",
            "judge: no location attribute: global, a mere computation, or whose place is it?",
        ),
        "data.azurerm_storage_box": ("Azure", "regional", "location", ""),
    }
    assert stamped(facts, "azurerm-bindings") == ("9.9.9", DAY)
    assert rows(facts, "providers")["azurerm "]["version"] == "9.9.9"


def test_a_second_run_of_a_release_changes_nothing(facts: Path, bindings: Path) -> None:
    resource_types.main(["--read-on", DAY, "--facts", str(facts), str(bindings)])
    first = (facts / "types_azurerm.csv").read_text(encoding="utf-8")
    resource_types.main(["--read-on", DAY, "--facts", str(facts), str(bindings)])
    assert (facts / "types_azurerm.csv").read_text(encoding="utf-8") == first


def test_a_row_that_names_an_attribute_the_release_lacks_is_listed(
    facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = wheel(tmp_path, {"subnet": module("azurerm_subnet", "id", "virtual_network_id")})
    resource_types.main(["--read-on", DAY, "--facts", str(facts), str(moved)])
    assert capsys.readouterr().out == "azurerm_subnet: no attribute 'virtual_network_name' in azurerm 9.9.9\n"
    assert changed(facts, "types_azurerm") == {}


def test_attributes_that_may_name_another_place_are_printed_to_be_judged(
    facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = wheel(
        tmp_path,
        {
            "a": module(
                "azurerm_storage_box", "id", "location", "replica_location", "peer_subscription_id", "time_zone"
            ),
            "b": module("azurerm_cosmosdb_account", "id", "location", "geo_location"),
            "c": module("azurerm_storage_box", "id", "source_location", data=True),
        },
    )
    cross_region_candidates.main(["--facts", str(facts), str(release)])
    assert capsys.readouterr().out.splitlines() == [
        "azurerm_storage_box,location,,,,",
        "azurerm_storage_box,peer_subscription_id,,,,",
        "azurerm_storage_box,replica_location,,,,",
    ]


# --- botocore


def partition(name: str, regex: str, regions: dict[str, str], suffix: str) -> dict[str, Any]:
    return {
        "id": name,
        "regionRegex": regex,
        "outputs": {
            "dnsSuffix": suffix,
            "dualStackDnsSuffix": f"api.{suffix}",
            "implicitGlobalRegion": next(iter(regions)),
        },
        "regions": {region: {"description": text} for region, text in regions.items()},
    }


def signing(name: str, region: str) -> dict[str, Any]:
    """Return an endpoint rule as botocore has it: under a condition on the partition, signed for one region."""
    return {
        "type": "endpoint",
        "conditions": [
            {"fn": "stringEquals", "argv": [{"fn": "getAttr", "argv": [{"ref": "PartitionResult"}, "name"]}, name]}
        ],
        "endpoint": {"url": "https://x", "properties": {"authSchemes": [{"name": "sigv4", "signingRegion": region}]}},
    }


@pytest.fixture
def botocore_data(tmp_path: Path) -> Path:
    data = tmp_path / "botocore" / "data"
    rules = data / "iam" / "2010-05-08"
    rules.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("__version__ = '9.9.9'\n", encoding="utf-8")
    partitions = [
        partition(
            "aws",
            "^(us|eu)\\-\\w+\\-\\d+$",
            {"us-east-1": "US East (N. Virginia)", "eu-new-1": "Europe (Bonn)"},
            "amazonaws.com",
        ),
        partition(
            "aws-moon", "^moon\\-\\w+\\-\\d+$", {"moon-sea-1": "Moon (Sea)", "aws-moon-global": "global"}, "aws.moon"
        ),
    ]
    endpoints = [{"partition": "aws", "services": {}}]
    tree = {"type": "tree", "conditions": [], "rules": [signing("aws", "us-east-1"), signing("aws-moon", "moon-sea-1")]}
    for path, content in (
        (data / "partitions.json", {"partitions": partitions}),
        (data / "endpoints.json", {"partitions": endpoints}),
        (rules / "endpoint-rule-set-1.json", {"rules": [tree]}),
    ):
        path.write_text(json.dumps(content), encoding="utf-8")
    return data


def test_a_new_region_and_a_new_partition_ask_for_their_country_and_law(facts: Path, botocore_data: Path) -> None:
    aws_regions.main(["--read-on", DAY, "--facts", str(facts), str(botocore_data)])
    new = changed(facts, "regions")
    assert {key: (row["name"], row["partition"], row["country"], row["note"]) for key, row in new.items()} == {
        "aws eu-new-1": ("Europe (Bonn)", "aws", "", "judge: country of Europe (Bonn), and the code of its zones"),
        "aws moon-sea-1": ("Moon (Sea)", "aws-moon", "", "judge: country of Moon (Sea), and the code of its zones"),
    }
    moon = changed(facts, "partitions")["aws aws-moon"]
    assert (moon["regex"], moon["home"], moon["jurisdiction"]) == (
        "^moon-\\w+-\\d+$",
        "moon-sea-1",
        "judge: which law is the partition under",
    )
    assert stamped(facts, "botocore") == ("9.9.9", DAY)


def test_a_partition_keeps_its_judged_law_when_its_pattern_changes(facts: Path, botocore_data: Path) -> None:
    aws_regions.main(["--read-on", DAY, "--facts", str(facts), str(botocore_data)])
    aws = changed(facts, "partitions")["aws aws"]
    assert (aws["regex"], aws["name"], aws["operator"]) == (
        "^(us|eu)-\\w+-\\d+$",
        "AWS (commercial)",
        "Amazon Web Services",
    )


def test_a_control_plane_in_a_new_partition_is_added(facts: Path, botocore_data: Path) -> None:
    aws_control_planes.main(["--read-on", DAY, "--facts", str(facts), str(botocore_data)])
    assert list(changed(facts, "control_planes").values()) == [
        {"key": "iam", "partition": "aws-moon", "region": "moon-sea-1", "source": "botocore"}
    ]


def test_botocore_itself_confirms_the_shipped_regions_and_control_planes(facts: Path) -> None:
    botocore = pytest.importorskip("botocore", reason="botocore is no dependency of the project")
    data = Path(botocore.__file__).parent / "data"
    aws_regions.main(["--read-on", DAY, "--facts", str(facts), str(data)])
    aws_control_planes.main(["--read-on", DAY, "--facts", str(facts), str(data)])
    assert [changed(facts, table) for table in ("regions", "partitions", "control_planes")] == [{}, {}, {}]


# --- Azure, Google, documentation


def test_a_new_azure_region_asks_for_its_country_and_groups_are_no_regions(facts: Path, tmp_path: Path) -> None:
    locations = tmp_path / "locations.json"
    physical = {"regionType": "Physical", "geography": "Europe"}
    locations.write_text(
        json.dumps(
            [
                {
                    "name": "bonn",
                    "displayName": "Bonn",
                    "metadata": physical | {"pairedRegion": [{"name": "westeurope"}]},
                },
                {"name": "westeurope", "displayName": "West Europe", "metadata": physical | {"pairedRegion": []}},
                {"name": "europe", "displayName": "Europe", "metadata": {"regionType": "Logical"}},
            ]
        ),
        encoding="utf-8",
    )
    azure_regions.main(["--read-on", DAY, "--facts", str(facts), str(locations)])
    new = changed(facts, "regions")
    assert {key: (row["pair"], row["country"], row["note"]) for key, row in new.items()} == {
        "azure bonn": ("westeurope", "", "judge: country of Bonn"),
        "azure westeurope": ("", "NL", ""),
    }
    assert stamped(facts, "azure-regions") == (DAY, DAY)


def test_a_new_google_region_asks_for_its_country(facts: Path, tmp_path: Path) -> None:
    table = tmp_path / "2026.csv"
    table.write_text(
        "Google Cloud Region,Location,Google CFE,Grid carbon intensity (gCO2eq / kWh)\n"
        "europe-west99,Bonn,0.5,300\neurope-west9,Paris,0.9,20\n",
        encoding="utf-8",
    )
    google_regions.main(["--read-on", DAY, "--facts", str(facts), str(table)])
    assert {key: row["note"] for key, row in changed(facts, "regions").items()} == {
        "google europe-west99": "judge: country of Bonn"
    }
    assert stamped(facts, "google-carbon") == ("2026", DAY)


PAGE = """\
---
subcategory: "Storage"
---

# azurerm_storage_share

## Arguments Reference

The following arguments are supported:

* `name` - (Required) The name of the share. Changing this forces a new resource to be created.

* `storage_account_id` - (Required) Specifies the storage account in which to create the share.
 Changing this forces a new Storage Share to be created.

* `quota` - (Required) The maximum size of the share, in gigabytes.

---

A `acl` block supports the following:

* `id` - (Required) The ID. Changing this forces a new resource to be created.

## Attributes Reference

* `url` - The URL of the File Share
"""


def test_documentation_says_which_arguments_force_a_replacement(facts: Path, tmp_path: Path) -> None:
    pages = tmp_path / "r"
    pages.mkdir()
    (pages / "storage_share.html.markdown").write_text(PAGE, encoding="utf-8")
    azurerm_replacements.main(["--facts", str(facts), str(pages)])
    assert rows(facts, "force_new_azurerm")["azurerm_storage_share name|storage_account_id"]["source"] == "azurerm-docs"


def test_documentation_of_blocks_is_left_to_the_source(facts: Path, tmp_path: Path) -> None:
    def arguments(folder: Path) -> str:
        return next(row["arguments"] for row in read_table(folder / "force_new_azurerm.csv") if row["type"] == name)

    name = "azurerm_linux_virtual_machine"
    pages = tmp_path / "r"
    pages.mkdir()
    (pages / "x.html.markdown").write_text(PAGE.replace("azurerm_storage_share", name), encoding="utf-8")
    azurerm_replacements.main(["--facts", str(facts), str(pages)])
    nested = [word for word in arguments(FACTS).split("|") if "." in word]
    assert nested
    assert arguments(facts) == "|".join(sorted(["name", "storage_account_id", *nested]))


def test_a_block_that_lists_what_is_in_it_replaces_by_that_alone(facts: Path, tmp_path: Path) -> None:
    """hashicorp/terraform-plugin-sdk, issue 1314: the mark of a block is about how many there are."""
    document = tmp_path / "force_new.json"
    marked = ["name", "network_interface", "network_interface.nic_type", "params"]
    document.write_text(json.dumps({"google_compute_instance": {"force_new": marked}}), encoding="utf-8")
    force_new.main(["google", str(document), "--facts", str(facts)])
    (row,) = (row for row in read_table(facts / "force_new_google.csv") if row["type"] == "google_compute_instance")
    assert row["arguments"] == "name|network_interface.nic_type|params"


def test_a_page_gives_its_type_and_the_arguments_outside_of_blocks() -> None:
    assert azurerm_replacements.replacements(PAGE) == ("azurerm_storage_share", ("name", "storage_account_id"))
    assert azurerm_replacements.replacements("no page") == ("", ())


def test_a_listing_of_the_source_gives_each_type_its_outermost_arguments(facts: Path, tmp_path: Path) -> None:
    document = tmp_path / "force_new.json"
    document.write_text(
        json.dumps(
            {
                "aws_vpc": {
                    "force_new": ["cidr_block", "x.y", "x", "x.z.w"],
                    "regional": True,
                    "recomputed": ["b", "a"],
                },
                "aws_iam_user": {"force_new": []},
                "aws_subnet": {"sensitive": ["name"]},
                "aws_of_another_release": {"force_new": ["name"]},
            }
        ),
        encoding="utf-8",
    )
    before = {row["type"]: row for row in read_table(FACTS / "force_new_aws.csv")}
    force_new.main(["aws", str(document), "--facts", str(facts), "--source", "own"])
    after = {row["type"]: row for row in read_table(facts / "force_new_aws.csv")}
    assert {name: row for name, row in after.items() if before.get(name) != row} == {
        "aws_vpc": {"type": "aws_vpc", "arguments": "cidr_block|region|x", "source": "own"},
        "aws_iam_user": {"type": "aws_iam_user", "arguments": "", "source": "own"},
    }
    assert set(before) <= set(after)
    assert changed(facts, "recomputed") == {
        "aws_vpc a|b": {"type": "aws_vpc", "attributes": "a|b", "source": "own"},
    }


def test_an_older_release_may_add_to_what_is_known_of_the_newest(facts: Path, tmp_path: Path) -> None:
    document = tmp_path / "asked.json"
    document.write_text(json.dumps({"aws_vpc": {"force_new": ["an_old_argument"]}}), encoding="utf-8")
    (before,) = (row for row in read_table(FACTS / "force_new_aws.csv") if row["type"] == "aws_vpc")
    force_new.main(["aws", str(document), "--facts", str(facts), "--source", "own", "--add"])
    (after,) = (row for row in read_table(facts / "force_new_aws.csv") if row["type"] == "aws_vpc")
    assert set(after["arguments"].split("|")) == {*before["arguments"].split("|"), "an_old_argument"}
    assert after["source"] == f"{before['source']}|own"


def test_what_is_computed_anew_no_longer_is_taken_out(facts: Path, tmp_path: Path) -> None:
    document = tmp_path / "asked.json"
    for recomputed in (["version"], []):
        document.write_text(json.dumps({"aws_vpc": {"recomputed": recomputed}}), encoding="utf-8")
        force_new.main(["aws", str(document), "--facts", str(facts)])
        assert [row["attributes"] for row in read_table(facts / "recomputed.csv") if row["type"] == "aws_vpc"] == (
            ["version"] if recomputed else []
        )
