"""Rego runs on the JSON report: the worked example of the documentation, with a real engine where one is installed."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.plan.read import read_plan
from scopegate.render.json import render

ROOT = Path(__file__).parents[2]
REGO = ROOT / "fixtures" / "policies" / "rego" / "night_shift.rego"
KIRO = ROOT / "fixtures" / "kiro"


def report(case: str) -> dict[str, Any]:
    analysis = analyze(read_plan(str(KIRO / case / "plan.json")), default_knowledge(), Options())
    found = json.loads(render(analysis.report))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("case", "denied"),
    [
        ("environment-recreated", ["14 resources in China go at once; the night shift can restore three"]),
        ("kept-in-china", []),
        ("kept-in-its-region", []),
    ],
)
def test_a_rego_engine_reads_the_report(case: str, denied: list[str]) -> None:
    regopy = pytest.importorskip("regopy", reason="no Rego engine is installed (pip install regopy)")
    engine = regopy.Interpreter()
    engine.add_module("night_shift", REGO.read_text(encoding="utf-8"))
    engine.set_input(report(case))
    assert json.loads(str(engine.query("data.main.deny")))["expressions"] == [denied]


def test_the_example_reads_only_what_the_published_schema_has() -> None:
    schema = json.loads(files("scopegate_rules").joinpath("schemas", "report.schema.json").read_text(encoding="utf-8"))
    rego = re.sub(r"#.*", "", REGO.read_text(encoding="utf-8"))
    paths = set(re.findall(r"\binput\.([\w.]+)", rego))
    assert paths == {"resources", "verdict", "circumstances.author", "coverage.region_unknown"}
    for path in paths:
        has(schema, schema, path.split("."))
    of_resource = set(re.findall(r"\bresource\.([\w.]+)", rego))
    assert of_resource == {"address", "how", "change", "placement.jurisdictions.value"}
    for path in of_resource:
        has(schema, schema["properties"]["resources"]["items"], path.split("."))


def has(schema: dict[str, Any], node: dict[str, Any], path: list[str]) -> None:
    """Check that the value at ``path`` is one that ``node`` of the schema describes."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    if path:
        assert path[0] in node["properties"], path
        has(schema, node["properties"][path[0]], path[1:])
