"""Claims: what is to be agreed, as files of the repository, one for each group that must agree.

The code host asks the owners of a claim's path for review, and shows them exactly what they agree to as a diff. A claim
says for which branch it is, so that no two changes can share one without a new diff to review. It holds no attribute
value and no time: the same change makes the same bytes.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from scopegate.errors import PolicyError
from scopegate.verdict.fingerprint import Cell, SignedScope

CLAIMS: Final = ".scopegate/claims"
KIND: Final = "scopegate-claim"
SCHEMA_VERSION: Final = "1"


class Claim(Struct, frozen=True):
    """``count`` people out of ``groups`` are to agree that the change on ``branch`` has this scope in this stack."""

    stack: str
    branch: str
    groups: tuple[str, ...]
    count: int
    scope: SignedScope

    @property
    def path(self) -> str:
        """Where the claim lies from the top of the repository."""
        return f"{CLAIMS}/{_name(self.stack)}/{group_name(self.groups)}.json"


def group_name(groups: Iterable[str]) -> str:
    """Return a file name for groups, teams without the word for what they are: ``cn-owners+acme--dns+@ada``."""
    return "+".join(map(_group, groups))


def _group(group: str) -> str:
    kind, _, name = group.partition(":")
    return f"@{_name(name)}" if kind == "user" else _name(name or kind)


def as_json(claim: Claim) -> str:
    """Return a claim as JSON, one fact a line, in an order that depends on its meaning only."""
    scope = claim.scope
    document: dict[str, Any] = {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "stack": claim.stack,
        "branch": claim.branch,
        "from": list(claim.groups),
        "count": claim.count,
        "fingerprint": scope.fingerprint,
        "scope": scope_document(scope),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def scope_document(scope: SignedScope) -> dict[str, Any]:
    """Return a scope in plain JSON values, sets in order."""
    return {
        "policy": scope.policy,
        "beyond": sorted(scope.beyond),
        "counts": dict(sorted(scope.counts.items())),
        "destructive": sorted(scope.destructive),
        "signals": sorted(scope.signals),
        "cells": [msgspec.to_builtins(cell) for cell in sorted(scope.cells)],
    }


class ScopeForm(msgspec.Struct, forbid_unknown_fields=True):
    """A scope as ``scope_document`` writes it."""

    policy: str
    beyond: list[str]
    counts: dict[str, int]
    destructive: list[str]
    signals: list[str]
    cells: list[Cell]


def scope_in(form: ScopeForm) -> SignedScope:
    """Return the scope that a document holds."""
    return SignedScope(
        cells=frozenset(form.cells),
        destructive=frozenset(form.destructive),
        signals=frozenset(form.signals),
        beyond=frozenset(form.beyond),
        counts=form.counts,
        policy=form.policy,
    )


class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    schema_version: str
    stack: str
    branch: str
    groups: list[str] = msgspec.field(name="from")
    count: int
    fingerprint: str
    scope: ScopeForm


def read_claim(data: bytes, path: str) -> Claim:
    """Return the claim in a file; ``path`` names it in messages.

    Raises:
        PolicyError: it is none, or its fingerprint is not that of what it says.
    """
    try:
        read = msgspec.json.decode(data, type=_Claim)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyError(
            f"{path}: this is no claim ({error}), so nobody agreed to anything in it; write it with `scopegate claim`."
        ) from error
    if (read.kind, read.schema_version) != (KIND, SCHEMA_VERSION):
        raise PolicyError(f"{path}: only claims of schema_version {SCHEMA_VERSION} are known; write it again.")
    signed = scope_in(read.scope)
    if signed.fingerprint != read.fingerprint:
        raise PolicyError(
            f"{path}: the fingerprint is not that of the scope, so somebody edited it by hand; write it again with "
            "`scopegate claim`."
        )
    return Claim(read.stack, read.branch, tuple(read.groups), read.count, signed)


def differences(delta: SignedScope) -> tuple[tuple[str, str], ...]:
    """Return what one scope has beyond another, the widest first: each a word of ours and a name."""
    return (
        *(("destroys", address) for address in sorted(delta.destructive)),
        *(("goes beyond", value) for value in sorted(delta.beyond)),
        *(("counts", f"{count} for {name}") for name, count in sorted(delta.counts.items())),
        *dict.fromkeys(map(_cell_in_words, sorted(delta.cells))),
        *(("raises", signal) for signal in sorted(delta.signals)),
        *((("is judged by", "a changed policy"),) if delta.policy else ()),
    )


def in_words(delta: SignedScope) -> tuple[str, ...]:
    """Return what a scope has that was not signed, a phrase for each fact, without a full stop."""
    return tuple(" ".join(difference) for difference in differences(delta))


def _cell_in_words(cell: Cell) -> tuple[str, str]:
    where = " ".join(filter(None, (cell.partition, cell.region or "region unknown", cell.account, cell.service)))
    return f"{cell.how}{f' {cell.change}' if cell.change else ''} in", where


def _name(text: str) -> str:
    """Return ``text`` as one part of a path; no two texts become one, or a claim would lie where another belongs.

    The parts of a path are joined by two dashes; what is no plain sign, and a dash beside these, is spelled out.
    """
    spelled = "--".join(map(_part, text.split("/")))
    return spelled if spelled.strip(".") else spelled.replace(".", "%2E")


def _part(text: str) -> str:
    from urllib.parse import quote

    spelled = quote(text, safe="", errors="surrogatepass")
    is_plain = "--" not in spelled and spelled.strip("-") == spelled
    return spelled if is_plain else spelled.replace("-", "%2D")
