"""Which state is whose: what links the plans of several stacks."""

from collections.abc import Mapping

import pytest

from handmade import instance, plan
from scopegate.graph.outside import State, outside_stacks, own_state, readers
from scopegate.source.model import Backend, Sources


def read(backend: str, config: Mapping[str, object], workspace: str | None = None, folder: str = "app") -> State | None:
    values = {"backend": backend, "config": config, "workspace": workspace}
    (stack,) = outside_stacks(plan(instance("data.terraform_remote_state.net", after=values)), folder)
    return stack.state


def kept(backend: Backend, workspace: str | None = None, folder: str | None = "net") -> State | None:
    return own_state(Sources({}, backend=backend), None, workspace, folder)


BUCKET = {"bucket": "company-states", "key": "net.tfstate"}
ORGANIZATION = {"organization": "acme", "workspaces": {"name": "net"}}


@pytest.mark.parametrize(
    ("backend", "config", "settings", "name"),
    [
        ("s3", {**BUCKET, "region": "eu-central-1"}, BUCKET, "s3://company-states/net.tfstate"),
        ("gcs", {"bucket": "states", "prefix": "net"}, {"bucket": "states", "prefix": "net"}, "gcs://states/net"),
        ("gcs", {"bucket": "states"}, {"bucket": "states"}, "gcs://states"),
        ("gcs", {"bucket": "states", "prefix": None, "encrypt": True}, {"bucket": "states"}, "gcs://states"),
        (
            "remote",
            {"organization": "acme", "hostname": None, "workspaces": [{"name": "net"}, None]},
            {"organization": "acme", "name": "net"},
            "remote://app.terraform.io/acme/net",
        ),
        (
            "azurerm",
            {"storage_account_name": "acme", "container_name": "states", "key": "net"},
            {"key": "net", "container_name": "states", "storage_account_name": "acme", "resource_group_name": "x"},
            "azurerm://acme/states/net",
        ),
        ("remote", ORGANIZATION, {"organization": "acme", "name": "net"}, "remote://app.terraform.io/acme/net"),
        ("local", {"path": "../net/terraform.tfstate"}, {}, "local://net/terraform.tfstate"),
        ("local", {"path": "./../net/states/one"}, {"path": "states/one"}, "local://net/states/one"),
    ],
)
def test_what_is_read_and_what_is_kept_have_one_name(
    backend: str, config: Mapping[str, object], settings: Mapping[str, str], name: str
) -> None:
    assert read(backend, config) == State(name, None)
    assert kept(Backend(backend, settings)) == State(name, None)


def test_a_cloud_block_is_read_as_remote() -> None:
    cloud = kept(Backend("cloud", {"organization": "acme", "name": "net"}))
    assert cloud == read("remote", ORGANIZATION) == State("remote://app.terraform.io/acme/net", None)


@pytest.mark.parametrize(
    ("backend", "config"),
    [
        ("s3", {"bucket": "company-states"}),
        ("remote", {"organization": "acme"}),
        ("swift", {"container": "x"}),
        ("", {}),
    ],
)
def test_a_state_that_is_not_named_in_full_is_nobodys(backend: str, config: Mapping[str, object]) -> None:
    assert read(backend, config) is None


def test_what_is_null_is_not_said() -> None:
    config = {"organization": "acme", "workspaces": {"name": None, "prefix": "net-"}}
    (stack,) = outside_stacks(
        plan(instance("data.terraform_remote_state.n", after={"backend": "remote", "config": config}))
    )
    assert (stack.name, stack.state) == ("remote: organization acme, prefix net-", None)


def test_only_the_data_source_of_that_type_reads_a_state() -> None:
    values = {"backend": "s3", "config": BUCKET}
    others = ("data.aws_ami.a", "terraform_remote_state.r")
    assert outside_stacks(plan(*(instance(address, after=values) for address in others)), "app") == ()


def test_a_local_state_without_a_folder_is_nobodys() -> None:
    assert kept(Backend("local", {}), folder=None) is None


def test_what_the_caller_says_goes_before_the_files() -> None:
    sources = Sources({}, backend=Backend("s3", BUCKET))
    assert own_state(sources, "s3://other/net", "blue", "net") == State("s3://other/net", "blue")
    assert own_state(None, None, None, "net") is None


NET = "s3://company-states/net.tfstate"


def test_a_state_is_read_by_its_name_and_workspace() -> None:
    blue, green, unsaid = State(NET, "blue"), State(NET, "green"), State(NET, None)
    assert readers([blue, green], {7: blue}) == {7: (0,)}
    assert readers([State(NET, "default"), blue], {7: unsaid}) == {7: (0,)}
    assert readers([State("s3://other", None), None], {7: unsaid}) == {}
    assert readers([blue], {7: None}) == {}


def test_a_plan_whose_workspace_nobody_said_may_be_the_one_that_is_read() -> None:
    assert readers([State(NET, None), State(NET, None)], {7: State(NET, "blue")}) == {7: (0, 1)}
