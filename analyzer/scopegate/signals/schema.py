"""The JSON Schema of rule files, made from the types that read them."""

from inspect import cleandoc
from typing import Any, get_args

import msgspec

from scopegate.signals.predicates import PlanPredicate, Predicate
from scopegate.signals.recipes import Recipe
from scopegate.signals.rules import Rule

SCHEMA = "signals.schema.json"
"""Name of the schema's file in the data package."""

_REFERENCE = "#/$defs/{name}"


def rule_file_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a rule file, as an author writes it."""
    on_change, on_plan = get_args(Predicate), get_args(PlanPredicate)
    _, definitions = msgspec.json.schema_components([Rule, Recipe, *on_change, *on_plan], ref_template=_REFERENCE)
    for definition in definitions.values():
        definition["description"] = cleandoc(definition.get("description", ""))
    for predicate in (*on_change, *on_plan):
        _without_tag(definitions[predicate.__name__])
    _as_written(definitions["Rule"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Signal rules of scopegate",
        "description": "Rules that recognise what a reviewer must not miss, and recipes for undoing changes.",
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "rules": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Rule"}},
            "recipes": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Recipe"}},
        },
        "$defs": definitions | {"OnChange": _one_of(on_change), "OnPlan": _one_of(on_plan)},
    }


def _without_tag(definition: dict[str, Any]) -> None:
    del definition["properties"]["predicate"]
    definition["required"] = [name for name in definition["required"] if name != "predicate"]


def _as_written(rule: dict[str, Any]) -> None:
    """Make the schema of a rule what an author writes: each predicate under its name, and no origin."""
    del rule["properties"]["origin"]
    for name in ("when", "any", "unless"):
        rule["properties"][name] = {"type": "array", "items": {"$ref": "#/$defs/OnChange"}}
    rule["properties"]["plan"] = {"$ref": "#/$defs/OnPlan"}


def _one_of(predicates: tuple[Any, ...]) -> dict[str, Any]:
    names = {tag_of(predicate): {"$ref": f"#/$defs/{predicate.__name__}"} for predicate in predicates}
    return {
        "type": "object",
        "properties": names,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def tag_of(predicate: type[msgspec.Struct]) -> str:
    """Return the name of a predicate in rule files."""
    return str(predicate.__struct_config__.tag)
