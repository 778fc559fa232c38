"""Files in Terraform's own syntax: the blocks in them, and what plan JSON does not say about these.

Only what plan JSON leaves out is parsed: locals, and the blocks that hold one of a few nested blocks.
"""

import re
from collections.abc import Iterator

from scopegate.source.contents import CHECKED, HIDING, RESOURCES, Contents, name_of, reading
from scopegate.source.model import Backend, Location, Reading, SourceBlock
from scopegate.source.parse import Block, Body, UnparsedError, parse_block, text_of
from scopegate.source.references import references_in
from scopegate.source.scan import RawBlock, ScanError, split_blocks

_HIDING = re.compile(rf"\b(?:{'|'.join(HIDING)})\b")
_BACKEND = re.compile(r"\b(?:backend|cloud)\b")
_FOLLOWED = frozenset({"provider", "module", "output"})
"""The blocks through which the region of a provider is followed."""
_COMPUTES = re.compile(r"[(?\[]|\$\{")
_STRING = re.compile(r'"([^"$%\\]*)"')
_LITERAL = r'(?:^|{{)[ \t]*{}[ \t]*=[ \t]*"([^"$%\\]*)"'


def read_native(text: str, file: str) -> Contents:
    """Return the contents of ``text``, the file named ``file``."""
    blocks: list[SourceBlock] = []
    calls: dict[str, str] = {}
    unread: list[int] = []
    backend: Backend | None = None
    try:
        for raw in split_blocks(text):
            location = Location(file, raw.line)
            try:
                found, call, stored = _blocks(raw, location), _call(raw), _backend(raw)
                blocks += found
                calls |= call
                backend = stored or backend
            except (UnparsedError, ScanError):
                unread.append(raw.line)
                blocks += [SourceBlock(name, location) for name in [name_of(raw.kind, raw.labels)] if name]
    except ScanError as error:
        unread.append(error.line)
    return Contents(blocks, calls, unread, backend)


def _blocks(raw: RawBlock, location: Location) -> list[SourceBlock]:
    if raw.kind == "locals":
        return list(_locals(raw, location))
    name = name_of(raw.kind, raw.labels)
    if name is None:
        return []
    written = (raw.text,) if raw.kind in _FOLLOWED and _COMPUTES.search(raw.text) else ()
    if raw.kind == "provider" and (alias := _literal(raw.text, "alias")):
        return [SourceBlock(f"{name}.{alias}", location, written=written)]
    if raw.kind in RESOURCES and _HIDING.search(raw.text):
        body = parse_block(raw.text).body
        return [SourceBlock(name, location, tuple(_hidden(body)), _prevents_destroy(body))]
    if raw.kind in CHECKED and CHECKED[raw.kind] in raw.text:
        return [SourceBlock(name, location, tuple(_conditions(raw)), written=written)]
    return [SourceBlock(name, location, written=written)]


def _backend(raw: RawBlock) -> Backend | None:
    """Return the backend that a ``terraform`` block names."""
    if raw.kind != "terraform" or not _BACKEND.search(raw.text):
        return None
    for block in parse_block(raw.text).body.blocks:
        if block.kind in ("backend", "cloud"):
            return Backend(block.labels[0] if block.labels else "cloud", dict(_literals(block.body)))
    return None


def _literals(body: Body) -> Iterator[tuple[str, str]]:
    for attribute in body.attributes:
        if literal := _STRING.fullmatch(text_of(attribute.expression)):
            yield attribute.name, literal[1]
    for block in body.blocks:
        yield from _literals(block.body)


def _locals(raw: RawBlock, location: Location) -> Iterator[SourceBlock]:
    for attribute in parse_block(raw.text).body.attributes:
        line = location.line + attribute.line - 1
        value = reading((attribute.name,), references_in(attribute.expression))
        yield SourceBlock(f"local.{attribute.name}", Location(location.file, line), (value,))


def _conditions(raw: RawBlock) -> Iterator[Reading]:
    for block in parse_block(raw.text).body.blocks:
        if block.kind == CHECKED[raw.kind]:
            yield from _all(block, (block.kind,))


def _call(raw: RawBlock) -> dict[str, str]:
    """Return the source that a call of a module names, by the label of the call; empty for other blocks."""
    source = _literal(raw.text, "source") if raw.kind == "module" and raw.labels else None
    return {} if source is None else {raw.labels[0]: source}


def _literal(text: str, name: str) -> str | None:
    """Return the value of an argument of a block where it is a literal string."""
    found = re.findall(_LITERAL.format(name), text, re.MULTILINE)
    if len(found) <= 1:
        return found[0] if found else None
    # One of them is in a nested object.
    for attribute in parse_block(text).body.attributes:
        if attribute.name == name:
            return text_of(attribute.expression).strip('"')
    return None


def _hidden(body: Body, path: tuple[str, ...] = (), bound: frozenset[str] = frozenset()) -> Iterator[Reading]:
    """Yield the readings of what stands in the nested blocks that plan JSON leaves out, however deep they stand."""
    for block in body.blocks:
        inner = (*path, block.kind, *block.labels)
        if block.kind == "dynamic":
            yield from _dynamic(block, path, bound)
        elif block.kind in HIDING:
            yield from _all(block, inner, bound)
        else:
            yield from _hidden(block.body, inner, bound)


def _dynamic(block: Block, path: tuple[str, ...], bound: frozenset[str]) -> Iterator[Reading]:
    iterator = next((a.expression for a in block.body.attributes if a.name == "iterator"), None)
    own = block.labels[0] if iterator is None else text_of(iterator)
    inner = (*path, block.labels[0])
    for attribute in block.body.attributes:
        if attribute.name in ("for_each", "labels"):
            yield reading(inner, references_in(attribute.expression, bound))
    for content in block.body.blocks:
        yield from _all(content, inner, bound | {own})


def _all(block: Block, path: tuple[str, ...], bound: frozenset[str] = frozenset()) -> Iterator[Reading]:
    for attribute in block.body.attributes:
        if attribute.name == "ignore_changes":  # names arguments of its own block
            continue
        found = reading((*path, attribute.name), references_in(attribute.expression, bound))
        if found.references:
            yield found
    for inner in block.body.blocks:
        if inner.kind == "dynamic":
            yield from _dynamic(inner, path, bound)
        else:
            yield from _all(inner, (*path, inner.kind), bound)


def _prevents_destroy(body: Body) -> bool:
    lifecycles = (block.body.attributes for block in body.blocks if block.kind == "lifecycle")
    return any(
        attribute.name == "prevent_destroy" and text_of(attribute.expression) == "true"
        for attributes in lifecycles
        for attribute in attributes
    )
