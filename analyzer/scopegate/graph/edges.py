"""What an edge of the dependency graph says."""

from enum import Enum

from msgspec import Struct


class EdgeKind(Enum):
    """Where an edge comes from; the value is the word in reports."""

    REFERENCE = "reference"
    """An argument of the dependent reads an attribute of the dependency."""
    REPETITION = "repetition"
    """The dependent's ``count`` or ``for_each`` reads it."""
    DEPENDS_ON = "depends_on"
    """The configuration says so without reading anything."""
    PROVIDER = "provider"
    """The dependent's provider configuration reads it (a Kubernetes provider and its cluster)."""
    VALUE = "value"
    """Both hold the same identifier as a value, with no reference between them; less certain than a reference."""
    SATELLITE = "part of"
    """The cause is a part of the affected: a rule of a group, an attachment of a role. Never a link of the graph."""
    STATE = "state"
    """Recorded in the prior state at the last apply; transitively closed, so perhaps not a direct edge."""

    __hash__ = object.__hash__


class Match(Enum):
    """How instances of the two blocks were paired; the value is the word in reports."""

    ONE = "one"
    """The dependency has a single instance there, or the reference names its key."""
    SAME_KEY = "same key"
    """Both sides repeat over the same keys and the expression uses its own key."""
    ALL = "all instances"
    """The key is computed: any instance may be meant, so all are."""

    __hash__ = object.__hash__


class Link(Struct, frozen=True):
    """One edge between blocks, shared by all the instance edges it expands to.

    ``attribute`` is the argument of the dependent (``network.subnet_id``; ``""`` for ``depends_on`` and state edges);
    ``reference`` the text it was found as (``aws_subnet.a.id``); ``reads`` the attribute path of the dependency it
    reads (``id``; ``""`` for the whole object); ``via`` the module inputs and outputs passed through, dependent first
    (``("module.app.var.subnet_id", "module.net.subnet_id")``).
    """

    kind: EdgeKind
    attribute: str
    reference: str
    reads: str
    match: Match
    via: tuple[str, ...] = ()


class Edge(Struct, frozen=True):
    """One instance depends on another; both are positions in ``Plan.instances``."""

    dependent: int
    dependency: int
    link: Link


class HiddenEdges(Struct, frozen=True):
    """A block whose edges may be incomplete, and the locals that hide them.

    ``block`` is a configuration address; ``locals`` are written as Terraform writes them, with the module whose local
    it is (``module.net.local.subnets``). ``stack`` names the plan it is of where several are judged as one change.
    """

    block: str
    locals: tuple[str, ...]
    stack: str = ""
