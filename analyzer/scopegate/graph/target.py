"""What a reference of the configuration leads to, said relative to the module it stands in.

A module of the configuration may have many instances, and a reference is resolved once for all of them. So a target
does not name instances; it says how to find them from any instance of the module: leave ``up`` modules, enter the calls
of ``down``, take ``what`` there, and choose keys by rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from scopegate.graph.edges import EdgeKind
from scopegate.plan.address import InstanceKey, ModulePath


class BlockName(NamedTuple):
    """A resource block: the path of its module, and its name there (``aws_vpc.main``, ``data.aws_ami.this``).

    The same as a ``ConfigAddress``, but a plain tuple, which is hashed several times faster: the graph looks blocks up
    for every reference.
    """

    module: ModulePath
    name: str

    @property
    def is_managed(self) -> bool:
        """Whether it is neither a data source nor an ephemeral resource."""
        return not self.name.startswith(("data.", "ephemeral."))

    def __str__(self) -> str:
        """Return the configuration address as Terraform writes it."""
        return f"{prefix(self.module)}{self.name}"


@cache
def prefix(module: ModulePath) -> str:
    """Return what stands before the name of anything in a module: ``module.a.module.b.``."""
    return "".join(f"module.{name}." for name in module)


@dataclass(frozen=True, slots=True)
class AnyKey:
    """All instances, whatever their key."""


@dataclass(frozen=True, slots=True)
class LiteralKey:
    """The instance whose key the reference names."""

    key: InstanceKey


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The instance whose key is the dependent's own.

    ``depth`` says which of the dependent's keys: that of its module step at ``depth``, or, as ``RESOURCE``, its last.
    """

    depth: int


KeyRule = AnyKey | LiteralKey | OwnKey

ANY: Final = AnyKey()
RESOURCE: Final = -1


class Target(NamedTuple):
    """One thing that an expression depends on; ``kind`` is None where the argument that reads it decides.

    ``what`` is a resource block, or the path of a module when everything in it is meant. ``reference``, ``reads`` and
    ``via`` are those of ``Link``. Both kinds of address are absolute, only the way to their instances is relative.
    """

    up: int
    down: tuple[tuple[str, KeyRule], ...]
    what: BlockName | ModulePath
    key: KeyRule
    reference: str
    reads: str
    kind: EdgeKind | None = None
    via: tuple[str, ...] = ()


def unread(target: Target) -> Target:
    """Return the target as one that is waited for and not read, as ``depends_on`` does."""
    return target._replace(kind=EdgeKind.DEPENDS_ON, reads="")


def through(target: Target, *steps: str) -> Target:
    """Return the target as seen from behind a variable, an output or a block without instances."""
    return target._replace(via=(*steps, *target.via))


def bind(target: Target, depth: int, rule: KeyRule) -> Target:
    """Return the target with the dependent's key at ``depth`` chosen by ``rule``."""
    own = OwnKey(depth)
    if target.key != own and all(step_rule != own for _, step_rule in target.down):
        return target
    down = tuple((name, rule if step_rule == own else step_rule) for name, step_rule in target.down)
    return target._replace(down=down, key=rule if target.key == own else target.key)


def seen_from_child(target: Target) -> Target:
    """Return a target of the calling module as the called one sees it."""
    return target._replace(up=target.up + 1)


def seen_from_caller(target: Target, child: ModulePath, rule: KeyRule) -> Target:
    """Return a target of the module ``child`` as its caller sees it; ``rule`` chooses the instance of the call."""
    step = (child[-1], rule)
    outside = target._replace(up=target.up - 1) if target.up else target._replace(down=(step, *target.down))
    return bind(outside, len(child) - 1, rule)


def around(module: ModulePath) -> Iterator[ModulePath]:
    """Yield the module and those around it, outermost first, the root left out."""
    return (module[:length] for length in range(1, len(module) + 1))
