"""What the arguments of resource blocks lead to.

The text of a module is the same wherever it is called, and what its blocks read of each other is too. So each different
block is resolved once for all calls of its module, and again only where a call passes something in that it reads.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import chain
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.graph.edges import EdgeKind
from scopegate.graph.resolve import Resolved, Resolver, Scope, block_scope, is_each_value, leading_out, waits_for
from scopegate.graph.strings import Written
from scopegate.graph.target import BlockName, Target, is_managed, through, unread
from scopegate.graph.wiring import Label
from scopegate.graph.written import unplanned_arguments
from scopegate.plan.address import ModulePath
from scopegate.plan.configuration import ABSENT, Block, Configuration, Expression, ProviderConfig
from scopegate.source.model import Sources

Reads = tuple[tuple[Target, Label], ...]


class Arguments(Struct, frozen=True):
    """What the arguments of one block lead to, and which of them may hold what no reference tells.

    ``lists`` are long ones: each is the same tuple for all blocks of a module that read it by an argument of one name.
    """

    reads: Reads
    written: Written
    lists: tuple[Reads, ...] = ()


class _Argument(Struct, frozen=True):
    """One argument of a block that refers to something."""

    kind: EdgeKind
    expression: Expression
    leading_out: tuple[str, ...]
    """The references that may lead out of its module."""


class _Text(Struct, frozen=True):
    """What a block says, whatever module it stands in."""

    arguments: tuple[_Argument, ...]
    leading_out: tuple[str, ...]
    hiding: tuple[str, ...]
    """The references behind which a local may hide something, where every block of the module has an instance."""
    unreferenced: frozenset[str]
    constants: tuple[tuple[str, object], ...]


class _Answer(Struct, frozen=True):
    """What one argument leads to, and whether it may hold what no reference tells."""

    reads: Reads
    is_computed: bool
    lists: tuple[Reads, ...] = ()


class _Long(Struct, frozen=True):
    """A long list of what arguments of one name and kind read, and whether all of it is of managed resources."""

    resolved: Resolved
    reads: Reads
    is_of_managed: bool


class _FromProvider(Struct, frozen=True):
    reads: Reads = ()
    locals: frozenset[str] = frozenset()


_NO_PROVIDER: Final = _FromProvider()
_NONE: Final = frozenset[str]()

_Identity = tuple[int, int, int, int]


class ArgumentReader:
    """Answers what the arguments of the resource blocks of one configuration lead to.

    Every question raises ``PlanError`` where the configuration refers to itself in a circle.
    """

    def __init__(self, configuration: Configuration, resolver: Resolver, sources: Sources | None) -> None:
        self._configuration = configuration
        self._resolver = resolver
        self._sources = sources
        self._texts: dict[_Identity, _Text] = {}
        # What is the same at every call of a module, by the id of the text and of its argument: both are kept above.
        self._shared: dict[int, Arguments] = {}
        self._shared_answers: dict[int, _Answer] = {}
        self._lists: dict[tuple[int, EdgeKind, str], _Long] = {}
        self._providers: dict[str, ProviderConfig | None] = {}
        self._from_providers: dict[tuple[str, ModulePath], _FromProvider] = {}

    def arguments(self, name: BlockName, block: Block) -> Arguments:
        """Return what the arguments of a block lead to, in the order of the configuration."""
        arguments = self._planned(name.module, block)
        provider = self._provider(block.provider_config_key, name.module)
        if provider.reads:
            arguments = replace(arguments, reads=arguments.reads + provider.reads)
        return self._with_unplanned(arguments, name, block) if self._sources else arguments

    def locals(self, name: BlockName, block: Block) -> frozenset[str]:
        """Return the locals that may hide more of what a block depends on."""
        module = name.module
        references = _references(block) if self._resolver.has_absent(module) else self._text(block).hiding
        if self._sources:
            unplanned = (expression.references for _, expression in unplanned_arguments(self._sources, name))
            references = chain(references, chain.from_iterable(unplanned))
        hidden = self._resolver.locals(module, references)
        provider = self._provider(block.provider_config_key, module)
        return hidden | provider.locals if provider.locals else hidden

    def _planned(self, module: ModulePath, block: Block) -> Arguments:
        text = self._text(block)
        if self._resolver.has_absent(module):
            return _joined(text, [self._resolved(argument, block) for argument in text.arguments])
        if by_call := self._resolver.by_call(module, text.leading_out):
            return _joined(text, [self._answer(argument, block, by_call) for argument in text.arguments])
        shared = self._shared.get(id(text))
        if shared is None:
            answers = [self._answer(argument, block, _NONE) for argument in text.arguments]
            shared = self._shared[id(text)] = _joined(text, answers)
        return shared

    def _text(self, block: Block) -> _Text:
        identity = _identity(block)
        text = self._texts.get(identity)
        if text is None:
            text = self._texts[identity] = _text(block, through_locals=self._sources is not None)
        return text

    def _answer(self, argument: _Argument, block: Block, by_call: Set[str]) -> _Answer:
        """Return what an argument leads to; ``by_call`` are the references of its block that the call decides."""
        if not by_call.isdisjoint(argument.leading_out):
            return self._resolved(argument, block)
        shared = self._shared_answers.get(id(argument))
        if shared is None:
            shared = self._shared_answers[id(argument)] = self._resolved(argument, block)
        return shared

    def _resolved(self, argument: _Argument, block: Block) -> _Answer:
        kind, expression = argument.kind, argument.expression
        scope = block_scope(block)
        if kind is EdgeKind.REPETITION:
            parts: Sequence[Resolved] = [self._resolver.repetition(scope, expression)]
        else:
            parts = self._resolver.parts(scope, expression)
        attribute = "" if kind is EdgeKind.DEPENDS_ON else ".".join(expression.path)
        long = [self._long(part, kind, attribute) for part in parts if part.is_long]
        short = [part for part in parts if not part.is_long]
        is_plain = _is_plain_read(expression, short) and all(part.is_of_managed for part in long)
        reads = tuple(chain.from_iterable([_labelled(part.targets, kind, attribute) for part in short]))
        is_computed = kind is EdgeKind.REFERENCE and not is_plain
        return _Answer(reads, is_computed, tuple(part.reads for part in long))

    def _long(self, resolved: Resolved, kind: EdgeKind, attribute: str) -> _Long:
        """Return a long list as arguments of a name read it: the same for all of them."""
        asked = id(resolved), kind, attribute
        found = self._lists.get(asked)
        if found is None:
            reads = tuple(_labelled(resolved.targets, kind, attribute))
            found = self._lists[asked] = _Long(resolved, reads, _is_of_managed(resolved))
        return found

    def _with_unplanned(self, arguments: Arguments, name: BlockName, block: Block) -> Arguments:
        """Return the arguments with those that only the source files show."""
        reads, computed = list(arguments.reads), set(arguments.written.names)
        for kind, expression in unplanned_arguments(self._sources, name):
            resolved = self._resolver.argument(block_scope(block), expression)
            is_read = kind is EdgeKind.REFERENCE
            targets = resolved.targets if is_read else tuple(map(unread, resolved.targets))
            reads += _labelled(targets, kind, ".".join(expression.path))
            if is_read and not _is_plain_read(expression, [resolved]):
                computed.add(expression.path[0])
        written = replace(arguments.written, names=frozenset(computed))
        return replace(arguments, reads=tuple(reads), written=written)

    def _provider(self, key: str, user: ModulePath) -> _FromProvider:
        """Return what all that uses a provider configuration in the module ``user`` depends on by it."""
        if key not in self._providers:
            self._providers[key] = _referring_provider(self._configuration, key)
        provider = self._providers[key]
        if provider is None or user[: len(provider.module)] != provider.module:
            return _NO_PROVIDER
        found = self._from_providers.get((key, user))
        if found is None:
            found = self._from_providers[key, user] = self._from_provider(provider, user)
        return found

    def _from_provider(self, provider: ProviderConfig, user: ModulePath) -> _FromProvider:
        reads: list[tuple[Target, Label]] = []
        hidden: set[str] = set()
        for expression in provider.expressions:
            resolved = self._resolver.argument(Scope(provider.module), expression)
            targets = [_from_outside(target, provider, user) for target in resolved.targets]
            reads += _labelled(targets, EdgeKind.PROVIDER, ".".join(expression.path))
            hidden |= resolved.locals
        return _FromProvider(tuple(reads), frozenset(hidden))


def label(kind: EdgeKind, attribute: str, target: Target) -> Label:
    """Return what the link says by which an argument leads to a target."""
    return Label(target.kind or kind, attribute, target.reference, target.reads, target.via)


def _labelled(targets: Sequence[Target], kind: EdgeKind, attribute: str) -> Iterator[tuple[Target, Label]]:
    return ((target, label(kind, attribute, target)) for target in targets)


def _identity(block: Block) -> _Identity:
    """Return what blocks of the same text share: the configuration has each text once, and keeps it alive."""
    return id(block.expressions), id(block.provisioner_expressions), id(block.repetition), id(block.depends_on)


def _joined(text: _Text, answers: Sequence[_Answer]) -> Arguments:
    reads = tuple(chain.from_iterable([answer.reads for answer in answers]))
    asked = zip(text.arguments, answers, strict=True)
    computed = [argument.expression.path[0] for argument, answer in asked if answer.is_computed]
    lists = tuple(chain.from_iterable([answer.lists for answer in answers]))
    return Arguments(reads, Written(text.unreferenced.union(computed), text.constants), lists)


def _text(block: Block, *, through_locals: bool) -> _Text:
    plain = [expression for expression in block.expressions if not expression.references]
    repeated = block.repetition.references if block.repetition else ()
    all_references = tuple(_references(block))

    def argument(kind: EdgeKind, expression: Expression) -> _Argument:
        references = expression.references
        if any(map(is_each_value, references)):
            references += repeated
        return _Argument(kind, expression, leading_out(references, through_locals=through_locals))

    return _Text(
        arguments=tuple(argument(kind, expression) for kind, expression in _expressions(block)),
        leading_out=leading_out(all_references, through_locals=through_locals),
        hiding=leading_out(all_references, through_locals=True),
        # A function of constants, such as jsonencode, has none itself.
        unreferenced=frozenset(expression.path[0] for expression in plain if expression.constant is ABSENT),
        constants=tuple(
            (expression.path[0], expression.constant) for expression in plain if expression.constant is not ABSENT
        ),
    )


def _expressions(block: Block) -> Iterator[tuple[EdgeKind, Expression]]:
    for expression in (*block.expressions, *block.provisioner_expressions):
        if expression.references:
            yield EdgeKind.REFERENCE, expression
    if block.repetition:
        yield EdgeKind.REPETITION, block.repetition
    if block.depends_on:
        yield EdgeKind.DEPENDS_ON, waits_for(block.depends_on)


def _references(block: Block) -> Iterator[str]:
    return chain.from_iterable(expression.references for _, expression in _expressions(block))


def _is_plain_read(expression: Expression, parts: Sequence[Resolved]) -> bool:
    """Whether the value of an argument is that of a managed resource and nothing else."""
    return len(expression.references) == 1 and all(map(_is_of_managed, parts))


def _is_of_managed(resolved: Resolved) -> bool:
    is_known = bool(resolved.targets) and not resolved.locals
    return is_known and all(is_managed(target.name) for target in resolved.targets)


def _referring_provider(configuration: Configuration, key: str) -> ProviderConfig | None:
    """Return the provider configuration of a key if it refers to something.

    Before Terraform 1.2 the key of a child's names no entry: then the root's holds.
    """
    provider = configuration.providers.get(key) or configuration.providers.get(key.rpartition(":")[2])
    return provider if provider and any(expression.references for expression in provider.expressions) else None


def _from_outside(target: Target, provider: ProviderConfig, user: ModulePath) -> Target:
    outside = replace(target, up=target.up + len(user) - len(provider.module))
    return through(outside, f"provider {provider.key}")
