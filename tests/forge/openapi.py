"""Holds requests and responses to GitHub's own description of its API."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

Json = dict[str, Any]

DATA = Path(__file__).parent / "data"


@cache
def description() -> Json:
    """Return the description, with OpenAPI's ``nullable`` in the words of JSON Schema."""
    read: Json = _with_null(json.loads((DATA / "github-openapi.json").read_text()))
    return read


def example(name: str) -> Any:
    """Return a fresh copy of one of GitHub's own examples."""
    return json.loads(json.dumps(description()["components"]["examples"][name]["value"]))


def operation(method: str, path: str) -> tuple[Json, dict[str, str]]:
    """Return the operation that a request is of, and the values of the parameters in its path."""
    for pattern, name, item in _patterns():
        if (found := pattern.fullmatch(path)) and method.lower() in item:
            return item[method.lower()], {key: unquote(value) for key, value in found.groupdict().items()} | {"": name}
    raise AssertionError(f"GitHub has no {method} {path}")


def problems_of_request(method: str, path: str, query: dict[str, str], body: object) -> list[str]:
    """Return what is wrong with a request."""
    found, values = operation(method, path)
    problems = []
    parameters = {
        (parameter["in"], parameter["name"]): parameter for parameter in map(_resolved, found.get("parameters", ()))
    }
    for place, given in (("path", {key: value for key, value in values.items() if key}), ("query", query)):
        for name, value in given.items():
            if (place, name) not in parameters:
                problems.append(f"{method} {path} has no parameter {name} in its {place}")
            else:
                problems += problems_of(
                    _typed(value, parameters[place, name]["schema"]), parameters[place, name]["schema"]
                )
    if "requestBody" in found:
        schema = _resolved(found["requestBody"])["content"]["application/json"]["schema"]
        problems += problems_of(body, schema)
    elif body is not None:
        problems.append(f"{method} {path} takes no body")
    return problems


def problems_of_response(method: str, path: str, status: int, body: object) -> list[str]:
    """Return what is wrong with a response of the fake."""
    found, _ = operation(method, path)
    if str(status) not in found["responses"]:
        return [] if status in (403, 404, 422, 429, 500, 502) else [f"{method} {path} never answers {status}"]
    content = _resolved(found["responses"][str(status)]).get("content", {})
    if "application/json" not in content or status >= 400:
        return []
    return problems_of(body, content["application/json"]["schema"])


def problems_of(value: object, schema: Json) -> list[str]:
    """Return in which ways a value does not fit a schema."""
    validator = Draft202012Validator({**schema, "components": description()["components"]})
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(value)
    ]


@cache
def _patterns() -> list[tuple[re.Pattern[str], str, Json]]:
    found = []
    for path, item in description()["paths"].items():
        # A path of a file has slashes in it.
        names = re.sub(r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] == 'path' else '[^/]+'})", re.escape(path))
        found.append((re.compile(names), path, item))
    return found


def _resolved(value: Json) -> Json:
    while "$ref" in value:
        target: Any = description()
        for key in value["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        value = target
    return value


def _typed(text: str, schema: Json) -> object:
    return int(text) if _resolved(schema).get("type") == "integer" and text.isdecimal() else text


def _with_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_null(item) for item in value]
    if not isinstance(value, dict):
        return value
    read = {key: _with_null(item) for key, item in value.items()}
    if read.get("nullable") is True:
        del read["nullable"]
        return {"anyOf": [read, {"type": "null"}]}
    return read
