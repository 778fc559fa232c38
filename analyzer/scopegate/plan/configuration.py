"""The configuration section of a plan: modules, blocks, expressions, provider configurations.

``configuration.root_module`` nests through ``module_calls`` (never ``child_modules``, which only the value sections
have). A module is repeated once per *call*, not per instance, so a block is found by the call names of its module.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from scopegate.plan.address import ConfigAddress, ModulePath


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""The constant of an expression that is none."""


class Expression(Struct, frozen=True):
    """One argument of a block: where it stands, its constant value or the references it is computed from.

    ``path`` leaves list indexes out: ``("replica", "region_name")``. ``references`` are the longest ones only.
    ``by_own_key`` are those that the block's own key indexes: ``aws_subnet.a`` of ``aws_subnet.a[each.key].id``.
    """

    path: tuple[str, ...]
    constant: object = ABSENT
    references: tuple[str, ...] = ()
    by_own_key: tuple[str, ...] = ()


class Block(Struct, frozen=True):
    """A resource block of the configuration."""

    address: ConfigAddress
    provider_config_key: str
    expressions: tuple[Expression, ...]
    repetition: Expression | None
    """The ``count`` or ``for_each`` expression; its path is ``("count",)`` or ``("for_each",)``."""
    depends_on: tuple[str, ...]
    provisioners: tuple[str, ...] = ()
    """The types of its provisioners."""
    provisioner_expressions: tuple[Expression, ...] = ()
    """Their arguments, connections left out as plan JSON does: ``("provisioner", "local-exec", "command")``."""

    def at(self, *path: str) -> Expression | None:
        """Return the expression at ``path``; of repeated nested blocks the first one."""
        return next((expression for expression in self.expressions if expression.path == path), None)


class ModuleCall(Struct, frozen=True):
    """A ``module`` block: how the child is reached from this module and what is passed in."""

    source: str
    arguments: Mapping[str, tuple[Expression, ...]]
    """Maps an input variable of the child to the expressions passed in (several when the argument is nested)."""
    repetition: Expression | None
    depends_on: tuple[str, ...]
    version: str | None = None


class Module(Struct, frozen=True):
    """One module of the configuration, by the call names that lead to it."""

    path: ModulePath
    blocks: tuple[Block, ...] = ()
    calls: Mapping[str, ModuleCall] = field(default_factory=dict)
    outputs: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Maps an input variable to its default; a variable without one maps to ``ABSENT``."""
    sensitive: frozenset[str] = frozenset()
    """The input variables that are marked sensitive."""
    sensitive_outputs: frozenset[str] = frozenset()
    output_depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ProviderConfig(Struct, frozen=True):
    """A ``provider`` block, or the bare mention of a provider (then without expressions)."""

    key: str
    name: str
    """The local name: ``aws``."""
    full_name: str
    """``registry.terraform.io/hashicorp/aws``; empty before Terraform 1.1."""
    alias: str | None
    module: ModulePath
    """The module whose block this is; references in it are resolved there."""
    expressions: tuple[Expression, ...]
    version_constraint: str | None = None

    def at(self, *path: str) -> Expression | None:
        """Return the expression at ``path``; of repeated nested blocks the first one."""
        return next((expression for expression in self.expressions if expression.path == path), None)


class Configuration(Struct, frozen=True):
    """All modules by path, all blocks by address, all provider configurations by key."""

    modules: Mapping[ModulePath, Module]
    blocks: Mapping[ConfigAddress, Block]
    providers: Mapping[str, ProviderConfig]
    present: bool = True
    """False when the plan came without a configuration (trimmed or redacted): then absence proves nothing."""

    def block_of(self, address: ConfigAddress) -> Block | None:
        """Return the block that instances of ``address`` are made from, or None when it is gone."""
        return self.blocks.get(address)

    def call_of(self, module: ModulePath) -> ModuleCall | None:
        """Return the call that makes ``module``; None for the root and for modules no longer called."""
        if not module:
            return None
        parent = self.modules.get(module[:-1])
        return parent.calls.get(module[-1]) if parent else None
