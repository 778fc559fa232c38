"""With the source files, nothing is hidden: locals, dynamic blocks, conditions, replace_triggered_by."""

from pathlib import Path

import pytest

from graph import record
from graph.oracle import compare
from graph.written import block, change, edges, links, plan_of
from scopegate.errors import PlanError
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.written import is_source_of
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.source.model import Sources
from scopegate.source.read import read_sources

ESTATES = sorted(path.name for path in record.ESTATES.iterdir() if path.is_dir())
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CREATED = sorted(path.parent.relative_to(FIXTURES) for path in FIXTURES.glob("*/created*/graph.dot"))


@pytest.mark.parametrize("name", ESTATES)
def test_with_the_sources_the_edges_are_those_of_terraform_and_nothing_is_hidden(name: str) -> None:
    plan = read_plan(str(record.ESTATES / name / "created.json"))
    sources = read_sources(str(record.ESTATES / name))
    graph = build_graph(plan, sources)
    compared = compare(plan, graph, (record.ESTATES / name / "graph.dot").read_text())
    assert sources.notes == ()
    assert (set(compared.missed), set(compared.extra), graph.hidden) == (set(), set(), ())


@pytest.mark.parametrize("case", CREATED, ids=str)
def test_with_the_sources_no_edge_of_the_recorded_estates_is_missed(case: Path) -> None:
    plan = read_plan(str(FIXTURES / case / "plan.json"))
    graph = build_graph(plan, read_sources(str(FIXTURES / case.parent / "estate")))
    compared = compare(plan, graph, (FIXTURES / case / "graph.dot").read_text())
    assert (set(compared.missed), set(compared.extra), graph.hidden) == (set(), set(), ())


def _estate(name: str) -> tuple[Plan, Sources]:
    return read_plan(str(record.ESTATES / name / "created.json")), read_sources(str(record.ESTATES / name))


def test_an_edge_through_locals_names_them_and_what_is_read_at_their_end() -> None:
    plan, sources = _estate("locals")
    found = links(plan, build_graph(plan, sources))
    assert found["terraform_data.chain", "terraform_data.role"] == [
        Link(EdgeKind.REFERENCE, "input", "terraform_data.role.id", "id", Match.ONE, ("local.names", "local.role"))
    ]
    assert found["module.store.terraform_data.table", "terraform_data.bucket"][0].via == (
        "module.store.local.prefix",
        "module.store.var.owner",
        "local.names",
        "local.bucket",
    )


def test_what_triggers_a_replacement_is_read_and_what_a_condition_tests_is_only_waited_for() -> None:
    plan, sources = _estate("unseen")
    found = links(plan, build_graph(plan, sources))
    assert found["terraform_data.server", "terraform_data.image"] == [
        Link(EdgeKind.REFERENCE, "lifecycle.replace_triggered_by", "terraform_data.image.id", "id", Match.ONE)
    ]
    assert found["terraform_data.server", "terraform_data.quota"] == [
        Link(EdgeKind.DEPENDS_ON, "lifecycle.precondition.condition", "terraform_data.quota.output", "", Match.ONE)
    ]
    assert found["terraform_data.files", "terraform_data.bastion"][0].kind is EdgeKind.DEPENDS_ON


def test_what_a_dynamic_block_reads_is_a_dependency_though_plan_json_has_no_trace_of_it(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_security_group" "a" {
          dynamic "ingress" {
            for_each = toset(["x"])
            content {
              security_groups = [aws_security_group.b[each.key].id]
            }
          }
        }
        """
    )
    plan = plan_of(
        [
            'aws_security_group.a["x"]',
            'aws_security_group.a["y"]',
            'aws_security_group.b["x"]',
            'aws_security_group.b["y"]',
        ],
        {"resources": [block("aws_security_group.a"), block("aws_security_group.b")]},
    )
    assert edges(plan) == set()
    found = links(plan, build_graph(plan, read_sources(str(tmp_path))))
    link = Link(EdgeKind.REFERENCE, "ingress.security_groups", "aws_security_group.b.id", "id", Match.SAME_KEY)
    assert found == {(f'aws_security_group.a["{key}"]', f'aws_security_group.b["{key}"]'): [link] for key in ("x", "y")}


DYNAMIC = """
    resource "aws_security_group" "a" {
      dynamic "ingress" {
        for_each = %s
        content {
          security_groups = ingress.value
        }
      }
    }
"""


@pytest.mark.parametrize(
    ("read", "kinds"),
    [
        # what a data source found may be the identifier of an object of this plan, and is looked up
        ("data.aws_groups.g.ids", {EdgeKind.VALUE}),
        # what a managed resource says is its own
        ("aws_list.l.ids", set()),
    ],
)
def test_what_a_dynamic_block_computes_is_held_against_the_identifiers_of_the_plan(
    tmp_path: Path, read: str, kinds: set[EdgeKind]
) -> None:
    (tmp_path / "main.tf").write_text(DYNAMIC % read)
    group = "sg-0a1b2c3d4e5f60718"
    holder, owner = change("aws_security_group.a"), change("aws_security_group.b")
    holder["change"]["after"] = {"ingress": [{"security_groups": [group]}]}
    owner["change"]["after"] = {"id": group}
    root = {"resources": [block(f"aws_security_group.{name}") for name in "ab"]}
    plan = plan_of([holder, owner, "aws_list.l", "data.aws_groups.g"], root)
    found = links(plan, build_graph(plan, read_sources(str(tmp_path))))
    pair = "aws_security_group.a", "aws_security_group.b"
    assert {link.kind for link in found.get(pair, [])} == kinds
    assert ("aws_security_group.a", read.removesuffix(".ids")) in found


def test_a_local_of_a_module_stands_for_what_each_of_its_calls_hands_in(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "main.tf").write_text(
        """
        module "one" {
          source = "./net"
          vpc    = aws_vpc.one.id
        }
        module "two" {
          source = "./net"
          vpc    = aws_vpc.two.id
        }
        """
    )
    (tmp_path / "net" / "main.tf").write_text("locals {\n  vpc = var.vpc\n}\n")

    def call(vpc: str) -> dict[str, object]:
        module = {"resources": [block("aws_subnet.s", {"vpc": ["local.vpc"]})], "variables": {"vpc": {}}}
        return {"source": "./net", "expressions": {"vpc": {"references": [f"{vpc}.id", vpc]}}, "module": module}

    calls = {name: call(f"aws_vpc.{name}") for name in ("one", "two")}
    root = {"resources": [block("aws_vpc.one"), block("aws_vpc.two")], "module_calls": calls}
    plan = plan_of(["aws_vpc.one", "aws_vpc.two", "module.one.aws_subnet.s", "module.two.aws_subnet.s"], root)
    assert set(links(plan, build_graph(plan, read_sources(str(tmp_path))))) == {
        ("module.one.aws_subnet.s", "aws_vpc.one"),
        ("module.two.aws_subnet.s", "aws_vpc.two"),
    }


def test_a_local_that_only_the_sources_read_and_nobody_defines_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DYNAMIC % "local.gone")
    plan = plan_of(["aws_security_group.a"], {"resources": [block("aws_security_group.a", {"x": ["local.other"]})]})
    (hidden,) = build_graph(plan, read_sources(str(tmp_path))).hidden
    assert (hidden.block, hidden.locals) == ("aws_security_group.a", ("local.gone", "local.other"))


def test_a_local_that_the_sources_do_not_have_stays_hidden(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("locals {\n  other = 1\n}\n")
    plan = plan_of(["aws_a.a"], {"resources": [block("aws_a.a", {"x": ["local.gone"]})]})
    (hidden,) = build_graph(plan, read_sources(str(tmp_path))).hidden
    assert (hidden.block, hidden.locals) == ("aws_a.a", ("local.gone",))


def test_locals_that_refer_to_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("locals {\n  a = local.b\n  b = local.a\n}\n")
    plan = plan_of(["aws_a.a"], {"resources": [block("aws_a.a", {"x": ["local.a"]})]})
    with pytest.raises(PlanError, match="in a circle"):
        build_graph(plan, read_sources(str(tmp_path)))


def test_sources_are_a_plans_own_only_if_its_root_module_is_theirs() -> None:
    plan, sources = _estate("locals")
    assert is_source_of(sources, plan.configuration)
    other, _ = _estate("plain")
    assert not is_source_of(sources, other.configuration)


def test_sources_that_lack_a_block_or_a_call_of_the_plan_are_those_of_another(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_a" "a" {}\nmodule "m" {\n  source = "./m"\n}\n')
    sources = read_sources(str(tmp_path))
    blocks, call = [block("aws_a.a")], {"module": {"resources": [block("aws_b.b")]}}

    def is_own(root: dict[str, object]) -> bool:
        return is_source_of(sources, plan_of(["aws_a.a"], root).configuration)

    assert is_own({"resources": blocks, "module_calls": {"m": call}})
    assert is_own({"resources": blocks})
    assert not is_own({"resources": [*blocks, block("aws_b.b")]})
    assert not is_own({"resources": blocks, "module_calls": {"other": call}})
    assert not is_own({"resources": []})
