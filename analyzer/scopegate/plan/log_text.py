"""A plan in the middle of log text.

The setup-terraform wrapper prints the command before it and its own ``::debug::`` and ``::set-output`` copies of it
behind it. A line of log text is left aside and noted; what looks like a piece of JSON is not, and two plans are never
read as one.
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.pattern import Pattern
from scopegate.plan.encoding import Text, damaged_utf16
from scopegate.plan.not_a_plan import no_plan
from scopegate.plan.sections import is_plan
from scopegate.plan.unambiguous import nested_too_deeply

_SECTIONS = msgspec.json.Decoder(dict[str, Raw])


def cut_out(text: Text, path: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the text of the only plan among log lines, and the note about them.

    Raises:
        PlanError: there is none, more than one, or something that looks like a piece of JSON outside it.
    """
    content = bytes(text.utf8)
    _refuse_other_values(content, path)
    whole = content.decode()
    objects = [whole[start:end] for start, end in _objects(whole, text, path)]
    plans = {item for item in objects if is_plan(_sections(item, path))}
    if len(plans) > 1:
        raise PlanError(
            f"{path} holds {len(plans)} plans, and a verdict over one of them would hide the others; "
            "write each into a file of its own."
        )
    if not plans:
        raise no_plan(_sections(objects[0], path), path) if objects else _no_json(whole, path)
    return plans.pop().encode(), (f"{path} holds log text around the plan; it was left aside.",)


def _refuse_other_values(content: bytes, path: str) -> None:
    try:
        msgspec.json.decode(content, type=Raw)  # a list of 50 million numbers takes six times its size otherwise
    except RecursionError:
        raise nested_too_deeply(f"{path} has") from None
    except msgspec.DecodeError:
        return
    raise PlanError(
        f"{path} is a JSON value but no object, and a plan is one JSON object; "
        "hand over what `terraform show -json PLANFILE` prints, without a list or another tool's wrapping around it."
    )


_LINE_BEGINS_OBJECT = Pattern(r"^\{", re.MULTILINE)
_BEGINS_WITH_OBJECT = Pattern(r"\s*\{")
# The wrapper escapes the line feed behind the object: ``}%0A``.
_REST_OF_LINE = Pattern(r"(?:%0A|[ \t\r])*$", re.MULTILINE)
_PIECE_OF_JSON = Pattern(r'^(?:[]},"]|//|\#)', re.MULTILINE)


def _objects(whole: str, text: Text, path: str) -> Iterator[tuple[int, int]]:
    """Yield where each object that begins a line starts and ends; only log lines may stand between them."""
    position = 0
    while True:
        start = _next_object(whole, position)
        remains = _PIECE_OF_JSON.search(whole, position, len(whole) if start is None else start)
        if remains:
            raise _invalid(text, path, whole, remains.start(), "a piece of JSON, or a comment, outside the plan")
        if start is None:
            return
        position = _end_of_object(whole, start, text, path)
        if not _REST_OF_LINE.match(whole, position):
            raise _invalid(text, path, whole, position, "more text behind the end of the object")
        yield start, position


def _next_object(whole: str, position: int) -> int | None:
    if position == 0 and (first := _BEGINS_WITH_OBJECT.match(whole)):
        return first.end() - 1
    found = _LINE_BEGINS_OBJECT.search(whole, position)
    return found.start() if found else None


def _end_of_object(whole: str, start: int, text: Text, path: str) -> int:
    import json

    # Only the end is wanted here: Python makes no number of more than 4,300 digits, and says so with another error.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    try:
        return decoder.raw_decode(whole, start)[1]
    except RecursionError:
        raise nested_too_deeply(f"{path} has") from None
    except json.JSONDecodeError as error:
        raise _invalid(text, path, whole, error.pos, error.msg[:1].lower() + error.msg[1:]) from None
    except _NoNumberError as error:
        raise PlanError(
            f"{path} holds {error}, which is no number in JSON and which Terraform never writes, so it is not read; "
            "make the plan JSON again with `terraform show -json`."
        ) from None


class _NoNumberError(Exception):
    pass


def _refuse_constant(name: str) -> None:
    raise _NoNumberError(name)


def _sections(item: str, path: str) -> dict[str, Raw]:
    try:
        return _SECTIONS.decode(item)
    except msgspec.DecodeError as error:
        raise PlanError(
            f"{path} is not valid JSON ({error}), so it is not read; "
            "make the plan JSON again with `terraform show -json`."
        ) from None


def _invalid(text: Text, path: str, whole: str, position: int, what: str) -> PlanError:
    if text.was_utf16:
        return damaged_utf16(path)
    if position >= len(whole.rstrip()) or what.startswith("unterminated string"):
        return PlanError(
            f"{path} breaks off in the middle of a value, so part of the plan is missing; "
            "make the plan JSON again with `terraform show -json`, and check that nothing cuts it on the way."
        )
    line = whole.count("\n", 0, position) + 1
    column = position - whole.rfind("\n", 0, position)
    return PlanError(
        f"{path} is not valid JSON: {what} at line {line}, column {column}; it was probably edited: "
        "make the plan JSON again with `terraform show -json`."
    )


# One by one: alternatives in one pattern are tried at each letter, which takes seconds for 100 MB.
_HUMAN_OUTPUT = (
    "Terraform will perform",
    "Terraform used the selected",
    "Terraform has compared",
    "OpenTofu will perform",
    "OpenTofu used the selected",
    "OpenTofu has compared",
    "No changes. ",
)
_HUMAN_SUMMARY = Pattern(r"Plan: \d+ to ")


def _no_json(whole: str, path: str) -> PlanError:
    if any(words in whole for words in _HUMAN_OUTPUT) or _HUMAN_SUMMARY.search(whole):
        return PlanError(
            f"{path} is the plan as text for people, which leaves out what a verdict needs; "
            "save the plan with `terraform plan -out tfplan` and convert it with `terraform show -json tfplan`."
        )
    if '"format_version"' in whole:
        return PlanError(
            f"{path} holds plan JSON only behind other text on the same line, where it is not looked for; write it "
            "without a wrapper (`terraform_wrapper: false` for setup-terraform, no log prefixes for terragrunt)."
        )
    return PlanError(
        f"{path} is text but holds no JSON object, so there is no plan to judge; "
        "make plan JSON with `terraform show -json PLANFILE > plan.json`."
    )
