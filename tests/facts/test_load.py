"""The user's own tables add to the shipped ones and are checked on every start."""

from pathlib import Path

import pytest

from scopegate.errors import FactsError
from scopegate.facts.load import load_facts
from scopegate.facts.model import Account, TypeScope

STATEFUL = "type,holds,lost,protected_by,dangerous,way_back,way_back_note,source\n"
SATELLITES = "type,parents,quiet,bears,source\n"
TYPES = "type,service,scope,region,zone,account,parents,effect,control_plane,note,source\n"
REGIONS = "cloud,id,name,partition,country,pair,operator,code,note,source\n"
PROVIDERS = (
    "name,aliases,cloud,service,layer,scope,region,account,config_region,config_account,types,version,note,source\n"
)


def own(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(*paths: Path) -> str:
    with pytest.raises(FactsError) as raised:
        load_facts(paths)
    return str(raised.value)


def test_accounts_have_names_and_environments(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        "accounts.csv",
        "id,name,environment,provider,partition\n"
        "012345678901,payments-prod,production,aws,aws\n"
        "8D2BC98A-1C6E-4B39-A5B3-7E3A1F6A2B10,Shared,,azurerm,\n",
    )
    facts = load_facts([path])
    assert facts.account("012345678901") == Account("012345678901", "payments-prod", "production", "aws", "aws")
    shared = facts.account("8d2bc98a-1c6e-4b39-a5b3-7e3a1f6a2b10")
    assert shared is not None
    assert (shared.name, shared.environment) == ("Shared", None)
    assert facts.account("999999999999") is None


def test_without_own_tables_no_account_is_known() -> None:
    assert load_facts().account("012345678901") is None


def test_an_account_id_without_its_leading_zeros_is_refused(tmp_path: Path) -> None:
    path = own(tmp_path, "accounts.csv", "id,name,environment,provider,partition\n12345678901,payments,prod,aws,\n")
    assert refusal(path) == (
        f"{path}:2: '12345678901' is no AWS account id: it has 12 digits; "
        "a spreadsheet may have eaten its leading zeros"
    )


def test_own_types_are_known_beside_the_shipped_ones(tmp_path: Path) -> None:
    path = own(tmp_path, "types.csv", TYPES + "aws_internal_thing,Our Thing,regional,region,,,,,,,own wiki\n")
    facts = load_facts([path])
    found = facts.resource_type("aws", "aws_internal_thing", data=False)
    assert found is not None
    assert (found.service, found.scope, found.source) == ("Our Thing", TypeScope.REGIONAL, "own wiki")
    assert facts.resource_type("aws", "aws_instance", data=False) is not None


def test_own_types_have_own_parts_carriers_and_replacements(tmp_path: Path) -> None:
    paths = [
        own(tmp_path, "types.csv", TYPES + "aws_box,Box,regional,,,,,,,,own\naws_lid,Box,regional,,,,,,,,own\n"),
        own(tmp_path, "satellites.csv", SATELLITES + "aws_lid,box_id>aws_box,,,own\n"),
        own(tmp_path, "carriers.csv", "type,content,source\naws_box,what is in it,own\n"),
        own(tmp_path, "force_new.csv", "type,arguments,source\naws_box,size|side.length,own\naws_lid,,own\n"),
    ]
    facts = load_facts(paths)
    lid = facts.satellite("aws_lid")
    assert lid is not None
    assert lid.parents == (("box_id", "aws_box"),)
    assert facts.is_carrier("aws_box")
    assert [facts.force_new(name) for name in ("aws_box", "aws_lid")] == [{("size",), ("side", "length")}, frozenset()]
    assert facts.force_new("aws_vpc") is not None


def test_an_own_provider_brings_its_types_and_regions(tmp_path: Path) -> None:
    provider = own(tmp_path, "providers.csv", PROVIDERS + "acme,,acme,Acme,cloud,regional,site,,site,,,,,own\n")
    types = own(tmp_path, "types.csv", TYPES + "acme_box,Acme Box,regional,site,,,,,,,own\n")
    partitions = own(
        tmp_path,
        "partitions.csv",
        "cloud,id,name,regex,dns,jurisdiction,operator,home,source\nacme,acme,Acme,,,,,,own\n",
    )
    regions = own(tmp_path, "regions.csv", REGIONS + "acme,bonn-1,Bonn,acme,DE,,,,,own\n")
    facts = load_facts([provider, types, partitions, regions])
    box, bonn = facts.resource_type("acme", "acme_box", data=False), facts.region("acme", "bonn-1")
    assert box is not None
    assert bonn is not None
    assert (box.region_attributes, bonn.jurisdictions) == (("site",), frozenset({"EU"}))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "types.csv",
            TYPES + "aws_vpc,Mine,regional,,,,,,,,own\n",
            ":2: 'aws_vpc' has a row already at scopegate_rules/facts/types_aws.csv:",
        ),
        (
            "regions.csv",
            REGIONS + "aws,eu-west-1,Mine,aws,IE,,,,,own\n",
            ":2: 'aws eu-west-1' has a row already at scopegate_rules/facts/regions.csv:",
        ),
        ("types.csv", TYPES + "zork_a,Z,regional,,,,,,,,own\n", ":2: no provider of type 'zork_a' is in providers.csv"),
        (
            "types.csv",
            TYPES + "aws_a,A,somewhere,,,,,,,,own\n",
            ":2: column 'scope' is 'somewhere', not one of regional",
        ),
        (
            "types.csv",
            TYPES + "aws_a,A,regional,,,,,galaxy,,,own\n",
            ":2: column 'effect' is 'galaxy', not one of region",
        ),
        ("types.csv", TYPES + "aws_a,A,inherits,,,,a>aws_zork,,,,own\n", ":2: type 'aws_zork' is in no types table"),
        (
            "types.csv",
            TYPES + "aws_a,A,global,,,,,,zork,,own\n",
            ":2: control plane 'zork' is not in control_planes.csv",
        ),
        (
            "types.csv",
            TYPES + "aws_a,A,global,,,,a>aws_vpc,,,,own\n",
            ":2: parents are for types that may take their place from them",
        ),
        ("types.csv", TYPES + "aws_a,A,regional,,,,,,,,\n", ":2: column 'source' is empty"),
        (
            "regions.csv",
            REGIONS + "aws,eu-x-1,X,aws-eu,DE,,,,,own\n",
            ":2: partition 'aws-eu' is not in partitions.csv",
        ),
        ("regions.csv", REGIONS + "aws,eu-x-1,X,aws,XX,,,,,own\n", ":2: no jurisdiction has country 'XX'"),
        ("regions.csv", REGIONS + "aws,eu-x-1,X,aws-cn,CN,,,,,own\n", ":2: the name fits the pattern of aws, but"),
        ("regions.csv", REGIONS + "azure,x,X,public,DE,y,,,,own\n", ":2: paired region 'y' is not in regions.csv"),
        ("regions.csv", REGIONS + "aws,eu-x-1,X,aws,DE,,,use1,,own\n", ":2: code 'use1' is that of another region"),
        (
            "multi_regions.csv",
            "cloud,id,name,service,members,note,source\ngoogle,eur99,X,,europe-west99,,own\n",
            ":2: member 'europe-west99' is no region of google in regions.csv",
        ),
        (
            "multi_regions.csv",
            "cloud,id,name,service,members,note,source\ngoogle,EUR99,X,,europe-west1,,own\n",
            ":2: 'EUR99' must be written in lower case",
        ),
        (
            "jurisdictions.csv",
            "id,name,countries,strict,regimes,transfer,source\nDACH,Dach,DE|AT,no,,free,own\n",
            ":2: country 'DE' is in EU and DACH",
        ),
        (
            "partitions.csv",
            "cloud,id,name,regex,dns,jurisdiction,operator,home,source\naws,aws-x,X,(,,XX,,,own\n",
            ":2: jurisdiction 'XX' is not in jurisdictions.csv",
        ),
        (
            "conditions.csv",
            "type,attribute,value,scope,effect,control_plane,note,source\naws_vpc,a,b,,,,,own\n",
            ":2: a condition changes a scope or an effect",
        ),
        (
            "control_planes.csv",
            "key,partition,region,source\nzork,aws,cn-north-1,own\n",
            ":2: region 'cn-north-1' is in partition 'aws-cn', not in 'aws'",
        ),
        (
            "cross_region.csv",
            "type,path,value,kind,note,source\naws_zork,a,region,reads,,own\n",
            ":2: type 'aws_zork' is in no types table",
        ),
        (
            "cross_region.csv",
            "type,path,value,kind,note,source\naws_vpc,a,region,likes,,own\n",
            ":2: column 'kind' is 'likes', not one of creates",
        ),
        (
            "stateful.csv",
            STATEFUL + "aws_vpc,data,all,,,never,,own\n",
            ":2: column 'way_back' is 'never', not one of none",
        ),
        ("carriers.csv", "type,content,source\naws_zork,rules,own\n", ":2: type 'aws_zork' is in no types table"),
        (
            "carriers.csv",
            "type,content,source\naws_vpc_peering_connection,x,own\n",
            ":2: 'aws_vpc_peering_connection' has",
        ),
        ("satellites.csv", SATELLITES + "aws_zork,a>aws_vpc,,,own\n", ":2: type 'aws_zork' is in no types table"),
        ("satellites.csv", SATELLITES + "aws_ami_copy,a>aws_zork,,,own\n", ":2: type 'aws_zork' is in no types table"),
        ("satellites.csv", SATELLITES + "aws_ami_copy,,a>aws_zork,,own\n", ":2: type 'aws_zork' is in no types table"),
        ("satellites.csv", SATELLITES + "aws_ami_copy,,,,own\n", ":2: a satellite is a part of something"),
        (
            "satellites.csv",
            SATELLITES + "aws_ami_copy,a>aws_vpc,a>aws_vpc,,own\n",
            ":2: parent 'a>aws_vpc' is among the quiet ones too",
        ),
        ("force_new.csv", "type,arguments,source\naws_zork,name,own\n", ":2: type 'aws_zork' is in no types table"),
        (
            "force_new.csv",
            "type,arguments,source\naws_vpc,name,own\n",
            ":2: 'aws_vpc' has a row already at scopegate_rules/facts/force_new_aws.csv:",
        ),
        (
            "inert.csv",
            "provider,attributes,mentions,source\nzork,tags,,own\n",
            ":2: provider 'zork' is not in providers",
        ),
        (
            "inert.csv",
            "provider,attributes,mentions,source\nacme,,,own\n",
            ":2: a row says which attributes carry nothing",
        ),
        ("hosts.csv", "cloud,pattern,means,source\naws,((,X,own\n", ":2: '((' is no regular expression"),
        (
            "hosts.csv",
            "cloud,pattern,means,source\naws,(?P<place>x),X,own\n",
            ":2: the pattern captures 'place', not one of",
        ),
        ("arn_services.csv", "name,service,region,source\nzork,Zork,maybe,own\n", ":2: column 'region' is 'maybe'"),
        (
            "providers.csv",
            PROVIDERS + "acme,google,acme,A,cloud,regional,,,,,,,,own\n",
            ":2: alias 'google' is a provider",
        ),
        ("providers.csv", PROVIDERS + "acme,,acme,A,island,regional,,,,,,,,own\n", ":2: column 'layer' is 'island'"),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = own(tmp_path, name, text)
    assert f"{path.as_posix()}{message}" in refusal(path)


def test_all_wrong_rows_are_named_at_once(tmp_path: Path) -> None:
    path = own(tmp_path, "types.csv", TYPES + "".join(f"zork_{n},Z,regional,,,,,,,,own\n" for n in range(25)))
    lines = refusal(path).splitlines()
    assert lines[0].startswith(f"{path}:2: ")
    assert lines[19].startswith(f"{path}:21: ")
    assert lines[20:] == ["… and 5 more"]


def test_an_own_type_loads_no_types_but_its_providers(tmp_path: Path) -> None:
    path = own(tmp_path, "types.csv", TYPES + "aws_internal_thing,Our Thing,regional,region,,,,,,,own wiki\n")
    assert {name for name in load_facts([path])._tables if name.startswith("types")} == {"types", "types_aws"}


def test_a_row_still_to_be_judged_is_refused(tmp_path: Path) -> None:
    path = own(tmp_path, "regions.csv", REGIONS + "aws,eu-x-1,X,aws,DE,,,,judge: which country,own\n")
    assert refusal(path) == f"{path}:2: still to be judged (which country)"


@pytest.mark.parametrize("name", ["my-accounts.csv", "types_aws.csv", "sources.csv", "facts.txt"])
def test_a_file_not_named_after_a_table_is_refused(tmp_path: Path, name: str) -> None:
    assert "a file of own facts is named after its table" in refusal(own(tmp_path, name, TYPES))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "accounts.csv"
    broken.write_bytes(b"id,name\xff")
    assert refusal(tmp_path / "types.csv").startswith(f"{tmp_path / 'types.csv'}: own facts cannot be read")
    assert refusal(broken).startswith(f"{broken}: own facts cannot be read")


def test_own_tables_change_the_version(tmp_path: Path) -> None:
    path = own(tmp_path, "accounts.csv", "id,name,environment,provider,partition\nx,X,prod,,\n")
    shipped, with_own = load_facts().version, load_facts([path]).version
    assert with_own.startswith(f"{shipped} own ")
    own(tmp_path, "accounts.csv", "id,name,environment,provider,partition\nx,X,test,,\n")
    assert load_facts([path]).version != with_own


def test_a_byte_order_mark_of_a_spreadsheet_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("id,name,environment,provider,partition\nx,X,prod,,\n", encoding="utf-8-sig")
    account = load_facts([path]).account("x")
    assert account is not None
    assert account.environment == "prod"


def test_a_global_object_of_google_may_be_in_the_project_of_what_it_belongs_to(tmp_path: Path) -> None:
    written = tmp_path / "types.csv"
    written.write_text(TYPES + "google_zork_member,A,global,,,,zork_id>google_service_account,,,,own\n")
    row = load_facts([written]).resource_type("google", "google_zork_member", data=False)
    assert row is not None
    assert row.parents == (("zork_id", "google_service_account"),)
