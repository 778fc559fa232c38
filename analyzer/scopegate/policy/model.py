"""A policy: what may be reached without asking, and who must agree to more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from scopegate.graph.edges import HiddenEdges
from scopegate.place.placement import Placement
from scopegate.plan.model import Plan
from scopegate.policy.kinds import AuthorKind, LimitKind
from scopegate.policy.limits import Limit, Terms
from scopegate.policy.people import Approval
from scopegate.policy.sign_off import ONE_HUMAN, Block, Combined, Outcome, Rule, SignOff
from scopegate.reach.footprint import Footprint
from scopegate.reach.model import Reach
from scopegate.signals.model import Signal
from scopegate.source.model import Sources

Owners = Mapping[LimitKind, tuple[tuple[str, tuple[str, ...]], ...]]
"""Who owns what: for a dimension, globs of its values, each with its owners; the first that matches holds."""


class Waiver(Struct, frozen=True):
    """What need not be asked, for a while: the touches of ``addresses`` (globs) by one limit or one signal rule.

    Exactly one of ``limit`` and ``rule`` is filled. ``expires`` is the first moment at which it holds no more;
    ``origin`` is ``file:line``.
    """

    addresses: tuple[str, ...]
    reason: str
    by: str
    expires: datetime
    origin: str
    limit: str = ""
    rule: str = ""


class WaiverUse(Struct, frozen=True):
    """A waiver and the addresses that, but for it, would be beyond a limit."""

    waiver: Waiver
    addresses: tuple[str, ...]


Covered = tuple[str, str, str]
"""A limit or a signal rule, and the stack and address of something that would be beyond it but for a waiver."""


class BreakGlassTerms(Struct, frozen=True):
    """Who may open the gate in an emergency: ``count`` people out of ``groups``, for at most ``longest_hours``."""

    groups: tuple[str, ...]
    count: int
    longest_hours: int


class Agents(Struct, frozen=True):
    """What holds besides for changes that an AI agent wrote: it only ever adds.

    ``sign_off`` is asked for on top of what the excess asks for. ``include_unknown``: an author of whom nobody knows
    what it is counts as an agent.
    """

    sign_off: Rule = ONE_HUMAN
    limits: tuple[Limit, ...] = ()
    include_unknown: bool = False


class StackMatch(Struct, frozen=True):
    """Which plans belong to a stack: each list that is filled must have a pattern that matches."""

    paths: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()


class Stack(Struct, frozen=True):
    """A unit of planning, whose it is, where it belongs, and its own limits."""

    name: str
    match: StackMatch
    owner: tuple[str, ...]
    environment: str | None = None
    accounts: tuple[str, ...] | None = None
    limits: tuple[Limit, ...] = ()
    inherits_defaults: bool = False


class PolicyDocument(Struct, frozen=True):
    """Everything a policy file says.

    ``limits`` hold for every plan. ``defaults`` hold for plans that belong to no stack and for stacks that inherit
    them, where the stack has no limit of the same name. ``origins`` maps the part of the policy a limit is in, and its
    name, to ``file:line``. ``machines`` are logins, in small letters, of programs with a person's account: they cannot
    sign. ``facts`` and ``rules`` are the files of own facts and own signal rules that it names. ``states`` maps a stack
    to where its state is kept.
    """

    name: str
    limits: tuple[Limit, ...] = ()
    defaults: tuple[Limit, ...] = ()
    stacks: tuple[Stack, ...] = ()
    agents: Agents = Agents()
    owners: Owners = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    machines: frozenset[str] = frozenset()
    declared: Outcome = ONE_HUMAN
    waivers: tuple[Waiver, ...] = ()
    break_glass: BreakGlassTerms | None = None
    distinct_people: bool = True
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)


class Policy(Struct, frozen=True):
    """What was agreed for one plan: the document's limits that hold for it, and how people sign.

    ``further`` is the rule that is asked for on top of every excess, because an agent wrote the change.
    """

    name: str
    limits: tuple[Limit, ...]
    stack: Stack | None = None
    further: Rule | None = None
    owners: Owners = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    break_glass: BreakGlassTerms | None = None
    distinct_people: bool = True


class DeclaredScope(Struct, frozen=True):
    """What the author says the change is meant to reach: it can only narrow. ``source`` is where they said it."""

    source: str
    allow: Mapping[LimitKind, tuple[str, ...]]


class BreakGlass(Struct, frozen=True):
    """An emergency: people of the policy's group open the gate, until ``expires``, and say why.

    That these people did so is for the caller to have proved.
    """

    by: tuple[Approval, ...]
    reason: str
    ticket: str
    expires: datetime


class CodeOwnersRule(Struct, frozen=True):
    """A line of a CODEOWNERS file: the owners of what matches ``pattern``; no owners means nobody owns it."""

    pattern: str
    owners: tuple[str, ...]


class Context(Struct, frozen=True):
    """What the caller knows of the change beside the plan; what they do not know stays empty or None.

    ``source`` is the folder of the ``.tf`` files, ``changed_files`` the files of the repository that the change
    touches. ``code_owners`` are the rules of CODEOWNERS, in its order. ``barred`` maps the logins, in small letters, of
    people who can never sign to the reason.
    """

    author: AuthorKind = AuthorKind.UNKNOWN
    now: datetime | None = None
    source: str | None = None
    workspace: str | None = None
    backend: str | None = None
    changed_files: tuple[str, ...] | None = None
    declared: tuple[DeclaredScope, ...] = ()
    code_owners: tuple[CodeOwnersRule, ...] | None = None
    barred: Mapping[str, str] = field(default_factory=dict)
    break_glass: BreakGlass | None = None


NOTHING_KNOWN: Final = Context()


class Part(Struct, frozen=True):
    """One plan of a change, and what the caller says of it alone: of ``context`` only what tells its stack.

    ``stack`` is the name that reports on several plans call it by, empty for the only one; ``start`` the position of
    its first instance among those of all.
    """

    plan: Plan
    context: Context = NOTHING_KNOWN
    sources: Sources | None = None
    stack: str = ""
    start: int = 0


class Change(Struct, frozen=True):
    """Everything a limit may look at; ``placements`` are aligned with ``plan.instances``.

    ``plan`` is that of ``parts`` joined, where there are several; without any it is the only one.

    ``files`` maps the address of a block to the file it stands in, as far as the sources were read. ``linked`` are the
    data sources that read the state of another of the plans.

    ``stacks`` are the names of the stacks that the change touches at once. ``standing`` is how many managed resources
    stand today, None where the plan's instances tell it.
    """

    plan: Plan
    placements: tuple[Placement, ...]
    reach: Reach
    footprint: Footprint
    signals: tuple[Signal, ...]
    hidden: tuple[HiddenEdges, ...] = ()
    context: Context = NOTHING_KNOWN
    stacks: tuple[str, ...] = ()
    standing: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    linked: frozenset[int] = frozenset()


class Excess(Struct, frozen=True):
    """What is reached beyond one limit.

    ``beyond`` maps each dimension concerned to its values beyond the limit (``unknown`` for an unknown one), ``values``
    names them once; ``instances`` are the touches that reach them. ``agreed`` says in words what the limit allows,
    ``message`` what exceeds it and ``advice`` what to do, each without a full stop. ``outcome`` is the limit's, with
    owners looked up.
    """

    limit: Terms
    kind: LimitKind
    beyond: Mapping[LimitKind, tuple[str, ...]]
    values: tuple[str, ...]
    instances: tuple[int, ...]
    agreed: str
    message: str
    advice: str
    outcome: SignOff | Combined | Block
