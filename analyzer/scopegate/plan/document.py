"""The one plan object of an input, its top-level sections still undecoded.

Usually the text is that object and nothing else; where log text stands around it, ``log_text`` cuts it out.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from scopegate.plan.decode_state import ModuleResources, take_resources
from scopegate.plan.encoding import Text
from scopegate.plan.sections import is_plan
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
_LARGE: Final = 2**20


def open_document(text: Text, path: str) -> Document:
    """Return the plan object in ``text``.

    Raises:
        PlanError: there is none, more than one, or one that could be read in two ways.
    """
    content: bytes | memoryview = text.utf8
    _refuse_without_room(len(content))
    notes: tuple[str, ...] = ()
    if at_once := _read_at_once(content, path):
        return at_once
    try:
        sections = _SECTIONS.decode(content)
    except RecursionError:
        raise nested_too_deeply(f"{path} has") from None
    except msgspec.DecodeError:
        from scopegate.plan.log_text import cut_out

        content, notes = cut_out(text, path)
        sections = _SECTIONS.decode(content)
    if not is_plan(sections):
        from scopegate.plan.not_a_plan import no_plan

        raise no_plan(sections, path)
    if places := _places(content, {name: len(raw) for name, raw in sections.items()}):
        return Document(path, sections, notes, _held(content, places))
    return _compact(bytes(content), path, notes)


def _refuse_without_room(size: int) -> None:
    """Raise MemoryError where there is no room for a large plan once more, which is what it takes to read one.

    Where msgspec 0.22.0 gets no memory, it ends the process with a segmentation fault (53 MB, `ulimit -v 110000`).
    """
    if size < _LARGE:
        return
    import mmap

    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE).close()
    except OSError:
        raise MemoryError from None


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
