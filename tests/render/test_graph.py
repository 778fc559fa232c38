"""The graph as DOT, Mermaid and JSON: the same nodes and edges in each, whatever stands in the names."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from handmade import FACTS, graph, instance, link, placement, plan
from scopegate import Options, Planned, analyze_together, default_knowledge, read_plan
from scopegate.errors import UsageError
from scopegate.graph import as_networkx
from scopegate.graph.as_networkx import to_networkx
from scopegate.graph.edges import EdgeKind
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.address import format_key
from scopegate.policy.model import Change
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.render.graph import as_document, as_dot, as_mermaid, drawing_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
KEYS = (
    'a"]; 9 -> 8; x["',
    "\\N \\G \\",
    "line\nbreak",
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>",
    "`]|-->|{{}}",
    "%%{init}%%",
    "}\ndigraph {",
    "#quot; ##[error]",
    "é",
)


class Read(NamedTuple):
    """What a reader of DOT or Mermaid finds: the labels of nodes by name, and edges with their labels."""

    nodes: dict[str, str]
    edges: list[tuple[str, str, str]]


_TOKEN = re.compile(r'\s*(?:(->|[{}\[\]=,;])|("(?:\\.|[^"\\])*")|([A-Za-z_][A-Za-z_0-9]*|-?\d+))', re.DOTALL)


def tokens(text: str) -> Iterator[str]:
    """Yield the tokens of DOT (graphviz.org/doc/info/lang.html); whatever is none fails."""
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        assert match, text[position : position + 40]
        position = match.end()
        yield match.group().strip()


def read_dot(text: str) -> Read:
    """Return what stands in a graph of DOT, by its grammar: statements of nodes, edges and defaults."""
    words = list(tokens(text))
    assert words[:3] == ["digraph", "scopegate", "{"]
    assert words[-1] == "}"
    found = Read({}, [])
    statement: list[str] = []
    for word in words[3:-1]:
        if word != ";":
            statement.append(word)
            continue
        head, said = _statement(statement)
        statement = []
        if len(head) == 1 and head[0].isdigit():
            found.nodes[head[0]] = said["label"]
        elif head[1:2] == ["->"]:
            assert len(head) == 3
            found.edges.append((head[0], head[2], said["label"]))
        else:
            assert head in (["rankdir", "=", "LR"], ["node"]), head
    assert not statement
    return found


def _statement(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    if "[" not in words:
        return list(words), {}
    start = words.index("[")
    assert words[-1] == "]"
    listed = words[start + 1 : -1]
    assert all(word == "," for word in listed[3::4])
    assert all(word == "=" for word in listed[1::4])
    return list(words[:start]), {name: _unquoted(text) for name, text in zip(listed[::4], listed[2::4], strict=True)}


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text[1:-1])


_NODE = re.compile(r'  n(\d+)\["([\w .,:/#;-]*)"\](?::::\w+)?')
_EDGE = re.compile(r'  n(\d+) (?:-->|-\.->|==>)\|"([\w .,:/#;-]*)"\| n(\d+)')


def read_mermaid(text: str) -> Read:
    """Return what stands in a flowchart of Mermaid: each line is a node, an edge or a class, and nothing else."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    found = Read({}, [])
    for line in lines:
        if match := _NODE.fullmatch(line):
            found.nodes[match[1]] = _spelled_out(match[2])
        elif match := _EDGE.fullmatch(line):
            found.edges.append((match[1], match[3], _spelled_out(match[2])))
        else:
            assert re.fullmatch(r"  classDef \w+ [\w:#,.\- ]+", line), line
    return found


def _spelled_out(text: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)


def change(depends: DependencyGraph, *names: str) -> Change:
    """Return a change of the first of these; what depends on it, reads its name."""
    made = [instance(names[0], Action.UPDATE, {"id": "a"}, {"id": "b"}), *(instance(name) for name in names[1:])]
    judged = plan(*made)
    places = (placement("eu-central-1"),) * len(names)
    reach = compute_reach(judged, depends, FACTS)
    return Change(judged, places, reach, footprint(reach, places), ())


def test_a_small_graph_is_drawn_as_a_human_would() -> None:
    depends = graph(3, [(1, 0)])
    drawn = drawing_of(change(depends, "aws_vpc.a", "aws_subnet.b", "aws_sns_topic.c"), depends, reach_only=False)
    assert as_dot(drawn) == (
        "digraph scopegate {\n"
        "  rankdir = LR;\n"
        '  node [shape = box, fontname = "sans-serif"];\n'
        '  0 [label = "aws_vpc.a\\nupdate", type = "aws_vpc", how = "direct", change = "update", '
        'style = "filled,bold", fillcolor = "#fff8c5"];\n'
        '  1 [label = "aws_subnet.b\\naffected", type = "aws_subnet", how = "affected", '
        'style = "filled", fillcolor = "#ddf4ff"];\n'
        '  2 [label = "aws_sns_topic.c", type = "aws_sns_topic"];\n'
        '  1 -> 0 [label = "subnet_id", kind = "reference", reads = "id", match = "one", style = "solid"];\n'
        "}\n"
    )
    assert as_mermaid(drawn).splitlines()[:5] == [
        "flowchart LR",
        '  n0["aws_vpc.a - update"]:::direct',
        '  n1["aws_subnet.b - affected"]:::affected',
        '  n2["aws_sns_topic.c"]',
        '  n1 -->|"subnet_id"| n0',
    ]
    assert json.loads(as_document(drawn)) == {
        "schema_version": "1",
        "nodes": [
            node(0, "aws_vpc.a", "direct", "update"),
            node(1, "aws_subnet.b", "affected"),
            node(2, "aws_sns_topic.c"),
        ],
        "edges": [
            {
                "dependent": 1,
                "dependency": 0,
                "kind": "reference",
                "attribute": "subnet_id",
                "reference": "x.id",
                "reads": "id",
                "match": "one",
                "via": [],
            }
        ],
    }


def node(number: int, address: str, how: str | None = None, planned: str | None = None) -> dict[str, object]:
    said = {"id": number, "address": address, "deposed": None, "type": address.partition(".")[0], "mode": "managed"}
    return {**said, "stack": None, "how": how, "change": planned, "region": "eu-central-1"}


def test_only_what_is_reached_is_drawn_where_that_is_asked() -> None:
    depends = graph(3, [(1, 0)])
    drawn = drawing_of(change(depends, "aws_vpc.a", "aws_subnet.b", "aws_sns_topic.c"), depends, reach_only=True)
    assert drawn.instances == (0, 1)
    assert [(edge.dependent, edge.dependency) for edge in drawn.edges] == [(1, 0)]


@pytest.mark.parametrize("key", KEYS)
def test_no_name_makes_or_hides_a_node_or_an_edge(key: str) -> None:
    names = ("aws_vpc.a", f"aws_subnet.b{format_key(key)}")
    hostile = link(attribute=f"tags.{key}", reads=key)
    depends = DependencyGraph(2, [hostile], [[1, 0], []], [[], [0, 0]])
    drawn = drawing_of(change(depends, *names), depends, reach_only=False)
    dot, mermaid = read_dot(as_dot(drawn)), read_mermaid(as_mermaid(drawn))
    assert list(dot.nodes) == list(mermaid.nodes) == ["0", "1"]
    assert [edge[:2] for edge in dot.edges] == [edge[:2] for edge in mermaid.edges] == [("1", "0")]
    assert dot.nodes["0"] == "aws_vpc.a\nupdate"
    assert json.loads(as_document(drawn))["nodes"][1]["address"] == names[1]
    for text in (as_dot(drawn), as_mermaid(drawn)):
        assert text.isascii()
        assert "##[" not in text


KINDS = {
    EdgeKind.REFERENCE: "subnet_id",
    EdgeKind.REPETITION: "for_each (repetition)",
    EdgeKind.DEPENDS_ON: "depends_on",
    EdgeKind.PROVIDER: "host (provider)",
    EdgeKind.VALUE: "queue (value)",
    EdgeKind.SATELLITE: "part of",
    EdgeKind.STATE: "state",
}
ATTRIBUTES = {EdgeKind.REPETITION: "for_each", EdgeKind.PROVIDER: "host", EdgeKind.VALUE: "queue"}


@pytest.mark.parametrize("kind", EdgeKind)
def test_an_edge_says_how_it_is_known(kind: EdgeKind) -> None:
    depends = DependencyGraph(2, [link(ATTRIBUTES.get(kind, "subnet_id"), kind=kind)], [[1, 0], []], [[], [0, 0]])
    drawn = drawing_of(change(depends, "aws_vpc.a", "aws_subnet.b"), depends, reach_only=False)
    assert read_dot(as_dot(drawn)).edges == read_mermaid(as_mermaid(drawn)).edges == [("1", "0", KINDS[kind])]
    assert json.loads(as_document(drawn))["edges"][0]["kind"] == kind.value


@pytest.mark.parametrize("case", ["kiro/setting-for-one-region-changed-everywhere", "multicloud/database-replaced"])
@pytest.mark.parametrize("reach_only", [False, True])
def test_all_forms_and_networkx_have_the_same_edges(case: str, reach_only: bool) -> None:
    judged = read_plan(str(FIXTURES / case / "plan.json"))
    analysis = analyze_together([Planned(judged)], default_knowledge(), Options())
    drawn = drawing_of(analysis.shown.change, analysis.graph, reach_only=reach_only)
    document = json.loads(as_document(drawn))
    pairs = sorted((str(edge["dependent"]), str(edge["dependency"])) for edge in document["edges"])
    assert pairs
    assert sorted(edge[:2] for edge in read_dot(as_dot(drawn)).edges) == pairs
    assert sorted(edge[:2] for edge in read_mermaid(as_mermaid(drawn)).edges) == pairs
    made = analysis.to_networkx()
    names = {str(found["id"]): found["address"] for found in document["nodes"]}
    assert all(made.has_edge(names[dependent], names[dependency]) for dependent, dependency in pairs)
    if not reach_only:
        assert set(made.nodes) == set(names.values())
        assert made.number_of_edges() == sum(len(list(analysis.graph.dependencies_of(p))) for p in range(len(names)))


def test_networkx_gets_all_that_is_known_of_an_edge() -> None:
    depends = graph(2, [(1, 0)])
    made = to_networkx(plan(instance("aws_vpc.a"), instance("aws_subnet.b")).instances, depends)
    ((dependent, dependency, said),) = made.edges(data=True)
    assert (dependent, dependency) == ("aws_subnet.b", "aws_vpc.a")
    assert said == {
        "kind": "reference",
        "match": "one",
        "via": (),
        "attribute": "subnet_id",
        "reference": "x.id",
        "reads": "id",
    }


def test_a_graph_of_too_many_edges_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two blocks with a thousand instances each the one may read the other: a million edges."""
    monkeypatch.setattr(as_networkx, "_MOST_EDGES", 1)
    monkeypatch.setattr(as_networkx, "_MOST_EDGES_EACH", 0.3)
    names = ("aws_vpc.a", "aws_subnet.b", "aws_subnet.c")
    few, many = graph(3, [(1, 0)]), graph(3, [(1, 0), (2, 0)])
    assert len(drawing_of(change(few, *names), few, reach_only=False).edges) == 1
    for reach_only in (True, False):
        with pytest.raises(UsageError, match="more than 1 edges"):
            drawing_of(change(many, *names), many, reach_only=reach_only)
    instances = change(few, *names).plan.instances
    assert to_networkx(instances, few).number_of_edges() == 1
    with pytest.raises(UsageError, match="more than 1 edges"):
        to_networkx(instances, many)
