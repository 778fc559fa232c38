"""Declared scope: what the author says the change is meant to reach. It can only narrow what was agreed.

It is the author's word, from the change itself, and that is safe because each declaration is one limit more.
"""

from collections.abc import Iterable
from typing import Final

from scopegate.errors import PolicyError, UsageError
from scopegate.policy.kinds import PLACES, LimitKind
from scopegate.policy.model import DeclaredScope
from scopegate.policy.reading import Node, as_sentence, suggestion
from scopegate.signals.strict_yaml import load_yaml

MOST_BLOCKS: Final = 10
"""Of one text. A pull request that consisted of them, as no person writes one, kept the gate at reading for minutes."""
_WORDS = {word: kind for kind in PLACES for word in (kind.value, kind.singular)}


def declared_in_options(pairs: Iterable[str]) -> tuple[DeclaredScope, ...]:
    """Return the scope that ``--declare DIM=VALUE`` options state, all of them together; none for no option.

    Raises:
        UsageError: one is not of the form DIM=VALUE, or its dimension is none.
    """
    allow: dict[LimitKind, list[str]] = {}
    for pair in pairs:
        word, _, value = pair.partition("=")
        if word not in _WORDS or not value:
            hint = suggestion(word, [kind.value for kind in PLACES]) if word not in _WORDS else "; the value is missing"
            raise UsageError(
                as_sentence(f"--declare {pair!r} does not say what the change is meant to reach{hint}")
                + " Write for example --declare regions=cn-north-1."
            )
        allow.setdefault(_WORDS[word], []).append(value)
    return (_scope("--declare", allow),) if allow else ()


def declared_in_file(text: str, path: str) -> DeclaredScope:
    """Return the scope in a file such as ``.scopegate/scope.yaml``.

    Raises:
        PolicyError: it holds no scope; the message begins with ``file:line``.
    """
    document = load_yaml(text, path, PolicyError)
    top = Node(document, document.value)
    return DeclaredScope(path, read_scope(top.keyed(("scope",), ("scope",))["scope"]))


def read_scope(node: Node) -> dict[LimitKind, tuple[str, ...]]:
    """Return the values that a scope names, by dimension."""
    keys = node.keyed([kind.value for kind in PLACES])
    return {kind: keys[kind.value].texts(empty=True) for kind in PLACES if kind.value in keys}


def declared_in_text(text: str, source: str) -> tuple[DeclaredScope, ...]:
    """Return the scope of each ``scope:`` block in a pull request's text, or in a commit message.

    A block begins at a line that is ``scope:`` and goes on while lines are indented or blank; fences around it end it.

    Raises:
        PolicyError: a block cannot be read; what the author meant to narrow would stay wide.
    """
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.rstrip() == "scope:"]
    if len(starts) > MOST_BLOCKS:
        raise PolicyError(
            f"{source}: {len(starts)} blocks `scope:` stand in it, and at most {MOST_BLOCKS} are read, so what is "
            "meant to narrow would stay wide; say it in one."
        )
    return tuple(declared_in_file(_block(lines, start), source) for start in starts)


def _block(lines: list[str], start: int) -> str:
    """Return the block at line ``start``, with blank lines before it so that its lines keep their numbers."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" ")):
        end += 1
    return "\n" * start + "\n".join(lines[start:end]) + "\n"


def _scope(source: str, allow: dict[LimitKind, list[str]]) -> DeclaredScope:
    return DeclaredScope(source, {kind: tuple(dict.fromkeys(values)) for kind, values in allow.items()})
