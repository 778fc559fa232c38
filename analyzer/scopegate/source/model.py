"""What a step can know of a configuration's source files."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

ModulePath = tuple[str, ...]
"""The call names that lead to a module, as in a plan's configuration; the root module is ``()``."""


class Location(Struct, frozen=True):
    """Where a block begins: a path from the repository's root (``infra/main.tf``) and a line, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return ``file:line``."""
        return f"{self.file}:{self.line}"


class Reading(Struct, frozen=True):
    """What one argument reads: where it stands in its block, and the references in it.

    References are written as Terraform writes them, with literal keys only: ``module.net[each.key].id`` is
    ``module.net.id``, and stands in ``by_own_key`` too.
    """

    path: tuple[str, ...]
    references: tuple[str, ...]
    by_own_key: tuple[str, ...] = ()


class SourceBlock(Struct, frozen=True):
    """A block or a local value of a module.

    ``name`` is its address within the module: ``aws_vpc.main``, ``data.aws_ami.this``, ``module.net``, ``var.region``,
    ``output.id``, ``local.tags``, ``provider.aws``, ``provider.aws.china``. ``readings`` are those that plan JSON does
    not have: the value of a local; of resources what stands in dynamic blocks, ``lifecycle`` and connections; the
    conditions of variables and outputs. ``written`` is the text of a provider, a call or an output in which plan JSON
    may leave out what is done to the names in it.
    """

    name: str
    location: Location
    readings: tuple[Reading, ...] = ()
    prevent_destroy: bool = False
    written: tuple[str, ...] = ()


class Backend(Struct, frozen=True):
    """Where the state of a root module is kept: its ``backend`` or ``cloud`` block, settings of blocks in it included.

    ``settings`` are those that stand there as literal strings; a partial configuration has the rest from elsewhere.
    """

    kind: str
    settings: Mapping[str, str]


LOCAL: Final = Backend("local", {})
"""What holds where no block names another."""


class Sources(Struct, frozen=True):
    """The modules of a configuration as far as their files were found and read.

    ``notes`` are sentences about what was not, one for each file or module; they are part of every report.
    """

    modules: Mapping[ModulePath, Mapping[str, SourceBlock]]
    notes: tuple[str, ...] = ()
    backend: Backend = LOCAL

    def block(self, module: ModulePath, name: str) -> SourceBlock | None:
        """Return a block by its module and its address there."""
        return self.modules.get(module, {}).get(name)

    def location(self, module: ModulePath, name: str) -> Location | None:
        """Return where a block begins."""
        block = self.block(module, name)
        return block.location if block else None
