"""The one plan object of an input, its top-level sections still undecoded.

Usually the text is that object and nothing else. In CI logs it is not: the setup-terraform wrapper prints the command
before it and its own ``::debug::`` and ``::set-output`` copies of it behind it. A line of log text is left aside and
noted; what looks like a piece of JSON is not, and two plans are never read as one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from scopegate.errors import PlanError
from scopegate.pattern import Pattern
from scopegate.plan.decode_state import ModuleResources, take_resources
from scopegate.plan.encoding import Text, damaged_utf16
from scopegate.plan.not_a_plan import is_plan, refuse_other_documents
from scopegate.plan.unambiguous import account_for, nested_too_deeply, refuse_repeated_keys, written_length
from scopegate.plan.wire import ResourceChange, Whole


class Held(Struct, frozen=True):
    """Anonymous memory that a large plan was read into, and where its sections begin and end there."""

    memory: Any
    places: Mapping[str, tuple[int, int]]

    def give_up(self, name: str) -> None:
        """Give the whole pages of a section back to the system: a third of a plan is used no more once it is read."""
        import mmap

        start, end = self.places[name]
        first, last = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE, end // mmap.PAGESIZE * mmap.PAGESIZE
        if first < last and hasattr(mmap, "MADV_DONTNEED"):
            self.memory.madvise(mmap.MADV_DONTNEED, first, last - first)


class Listed(Struct, frozen=True):
    """The sections that list resource instances, read with proof that no key in what they are made of stands twice."""

    changes: list[ResourceChange]
    state: list[ModuleResources]


class Document(Struct, frozen=True):
    """The top-level sections of one plan, and notes about how it was found.

    ``listed`` is what two of the sections say, where the plan is spelled as Terraform spells it.
    """

    path: str
    sections: dict[str, Raw]
    notes: tuple[str, ...] = ()
    held: Held | None = None
    listed: Listed | None = None

    def give_up(self, name: str) -> None:
        """Forget a section, and give back the memory it takes where it was read into memory of its own.

        Nothing may look at a part of it any more: it reads as zeros then.
        """
        if self.sections.pop(name, None) is not None and self.held is not None:
            self.held.give_up(name)


_SECTIONS = msgspec.json.Decoder(dict[str, Raw])
_WHOLE = msgspec.json.Decoder(Whole)


def open_document(text: Text, path: str) -> Document:
    """Return the plan object in ``text``.

    Raises:
        PlanError: there is none, more than one, or one that could be read in two ways.
    """
    content: bytes | memoryview = text.utf8
    notes: tuple[str, ...] = ()
    if at_once := _read_at_once(content, path):
        return at_once
    try:
        sections = _SECTIONS.decode(content)
    except RecursionError:
        raise nested_too_deeply(f"{path} has") from None
    except msgspec.DecodeError:
        content, notes = _cut_out(text, path)
        sections = _SECTIONS.decode(content)
    refuse_other_documents(sections, path)
    if places := _places(content, {name: len(raw) for name, raw in sections.items()}):
        return Document(path, sections, notes, _held(content, places))
    return _compact(bytes(content), path, notes)


def _read_at_once(content: bytes | memoryview, path: str, notes: tuple[str, ...] = ()) -> Document | None:
    """Return a plan that is spelled as Terraform spells it, looked at once; None leaves it to those who say why not.

    That no key stands twice is proved by the length, as in ``unambiguous``, here for the document and all that is
    read of it together.
    """
    try:
        whole = _WHOLE.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None
    state, length_of_state = take_resources(whole.prior_state) if whole.prior_state else ([], 0)
    lengths = {name: len(raw) for name in Whole.__struct_fields__ if isinstance(raw := getattr(whole, name), Raw)}
    lengths["resource_changes"] = written_length(whole.resource_changes)
    if whole.prior_state:
        lengths["prior_state"] = length_of_state
    places = _places(content, lengths)
    if places is None:
        return None
    view = memoryview(content)
    sections = {name: Raw(view[start:end]) for name, (start, end) in places.items()}
    if not is_plan(sections):
        return None
    return Document(path, sections, notes, _held(content, places), Listed(whole.resource_changes, state))


def _held(content: bytes | memoryview, places: Mapping[str, tuple[int, int]]) -> Held | None:
    return Held(content.obj, places) if isinstance(content, memoryview) else None


def _places(content: bytes | memoryview, lengths: Mapping[str, int]) -> dict[str, tuple[int, int]] | None:
    """Return where sections of these lengths begin and end in a compact document, in its order.

    None where they and their keys do not account for every byte of it: then one was dropped, or it is not compact.
    """
    places: dict[str, tuple[int, int]] = {}
    end = 0
    while (key := _key_at(content, end + 1)) in lengths and key not in places:
        start = end + len(key.encode()) + len('{"":')
        end = start + lengths[key]
        places[key] = start, end
    return places if len(places) == len(lengths) and end + 1 == _length_before_white_space(content) else None


def _key_at(content: bytes | memoryview, start: int) -> str:
    """Return the key that stands in quotes at ``start``, unless it is longer than any of Terraform's."""
    beginning = bytes(content[start : start + 64]).decode(errors="replace")
    return beginning[1:].partition('":')[0] if beginning.startswith('"') else ""


def _length_before_white_space(content: bytes | memoryview) -> int:
    tail = bytes(content[-16:])
    return len(content) - len(tail) + len(tail.rstrip())


def _compact(content: bytes, path: str, notes: tuple[str, ...]) -> Document:
    """Return a document as compact JSON, on which the cheap proof of unique keys works, after that proof."""
    content = msgspec.json.format(content, indent=-1)
    if at_once := _read_at_once(content, path, notes):
        return at_once
    sections = _SECTIONS.decode(content)
    if not account_for(sections, len(content)):
        refuse_repeated_keys(content, f"{path} has")
    return Document(path, sections, notes)


def _cut_out(text: Text, path: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the text of the only plan among log lines, and the note about them."""
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
        for item in objects:
            refuse_other_documents(_sections(item, path), path)
        raise _no_json(whole, path)
    return plans.pop().encode(), (f"{path} holds log text around the plan; it was left aside.",)


def _refuse_other_values(content: bytes, path: str) -> None:
    try:
        msgspec.json.decode(content)
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


_HUMAN_OUTPUT = Pattern(
    r"(?:Terraform|OpenTofu) (?:will perform|used the selected|has compared)|Plan: \d+ to |\bNo changes\. "
)


def _no_json(whole: str, path: str) -> PlanError:
    if _HUMAN_OUTPUT.search(whole):
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
