"""What a reference of the configuration leads to, said relative to the module it stands in.

A module may be called from many places and have many instances at each, and what it reads of itself is the same in all
of them. So a target names neither a place nor instances; it says how to find them from any instance of the module:
leave ``up`` modules, enter the calls of ``down``, take the block ``name`` there, and choose keys by rules.
"""

from collections.abc import Iterator
from functools import cache
from operator import attrgetter
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from scopegate.graph.edges import EdgeKind
from scopegate.plan.address import InstanceKey, ModulePath


class BlockName(Struct, frozen=True):
    """A resource block: the path of its module, and its name there (``aws_vpc.main``, ``data.aws_ami.this``).

    The same as a ``ConfigAddress``, of two fields, so that it is hashed several times faster: the graph looks blocks up
    for every reference.
    """

    module: ModulePath
    name: str

    @property
    def is_managed(self) -> bool:
        """Whether it is neither a data source nor an ephemeral resource."""
        return is_managed(self.name)

    def __str__(self) -> str:
        """Return the configuration address as Terraform writes it."""
        return f"{prefix(self.module)}{self.name}"


def is_managed(name: str) -> bool:
    """Whether a name in a module is that of a resource block that is neither data nor ephemeral."""
    return bool(name) and not name.startswith(("data.", "ephemeral."))


@cache
def prefix(module: ModulePath) -> str:
    """Return what stands before the name of anything in a module: ``module.a.module.b.``."""
    return "".join(f"module.{name}." for name in module)


class AnyKey(Struct, frozen=True):
    """All instances, whatever their key."""


class LiteralKey(Struct, frozen=True):
    """The instance whose key a reference names.

    ``among`` is empty where it is this reference that names the key. Where the key was chosen further up, for calls or
    blocks whose own key this reference uses, it holds those: it is the key if all of them repeat over the same keys.
    """

    key: InstanceKey
    among: tuple[BlockName | ModulePath, ...] = ()


class OwnKey(Struct, frozen=True):
    """The instance whose key is the dependent's own, if both, and all ``among`` them, repeat over the same keys.

    ``depth`` says which of the dependent's keys: that of its module step at ``depth``, or, as ``RESOURCE``, its last.
    """

    depth: int
    among: tuple[BlockName | ModulePath, ...] = ()


KeyRule = AnyKey | LiteralKey | OwnKey

ANY: Final = AnyKey()
RESOURCE: Final = -1


class Target(Struct, frozen=True):
    """One thing that an expression depends on; ``kind`` is None where the argument that reads it decides.

    ``name`` is that of a resource block in its module, or empty when everything in the module is meant. ``reference``,
    ``reads`` and ``via`` are those of ``Link``.
    """

    up: int
    down: tuple[tuple[str, KeyRule], ...]
    name: str
    key: KeyRule
    reference: str
    reads: str
    kind: EdgeKind | None = None
    via: tuple[str, ...] = ()

    def module(self, start: ModulePath) -> ModulePath:
        """Return the module that a target of a reference in the module ``start`` lies in."""
        return (*start[: len(start) - self.up], *(step for step, _ in self.down))

    def what(self, start: ModulePath) -> BlockName | ModulePath:
        """Return the block, or the module of which everything is meant, seen from the module ``start``."""
        module = self.module(start) if self.up or self.down else start
        return BlockName(module, self.name) if self.name else module


all_but_via: Final = attrgetter("up", "down", "name", "key", "reference", "reads", "kind")
"""Returns what two targets have in common that are reached on different ways."""


def unread(target: Target) -> Target:
    """Return the target as one that is waited for and not read, as ``depends_on`` does."""
    return replace(target, kind=EdgeKind.DEPENDS_ON, reads="")


def passed_in(target: Target, step: str) -> Target:
    """Return a target of the calling module as the called one sees it, through the call or the variable ``step``."""
    return replace(target, up=target.up + 1, via=(step, *target.via))


def through(target: Target, *steps: str) -> Target:
    """Return the target as seen from behind a variable, an output or a block without instances."""
    return replace(target, via=(*steps, *target.via))


def bind(target: Target, depth: int, owner: BlockName | ModulePath, rule: KeyRule) -> Target:
    """Return the target with the own key at ``depth``, which is that of ``owner``, chosen by ``rule``."""
    down = tuple((name, _bound(step_rule, depth, owner, rule)) for name, step_rule in target.down)
    return replace(target, down=down, key=_bound(target.key, depth, owner, rule))


def _bound(own: KeyRule, depth: int, owner: BlockName | ModulePath, rule: KeyRule) -> KeyRule:
    if not isinstance(own, OwnKey) or own.depth != depth:
        return own
    match rule:
        case AnyKey():
            return ANY
        case LiteralKey(key, among):
            return LiteralKey(key, (*own.among, owner, *among))
        case OwnKey(outer, among):
            return OwnKey(outer, (*own.among, owner, *among))
        case _:
            assert_never(rule)


def seen_from_caller(target: Target, child: ModulePath, rule: KeyRule) -> Target:
    """Return a target of the module ``child`` as its caller sees it; ``rule`` chooses the instance of the call."""
    step = (child[-1], rule)
    outside = replace(target, up=target.up - 1) if target.up else replace(target, down=(step, *target.down))
    return bind(outside, len(child) - 1, child, rule)


def around(module: ModulePath) -> Iterator[ModulePath]:
    """Yield the module and those around it, outermost first, the root left out."""
    return (module[:length] for length in range(1, len(module) + 1))
