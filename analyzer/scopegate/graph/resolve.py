"""From an expression of the configuration to what it depends on, through variables, outputs and module calls.

Every variable and output is resolved once per module of the configuration, however many references and module instances
there are. The walk keeps its own stack, so the length of a chain is no limit.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple, assert_never

from scopegate.errors import PlanError
from scopegate.graph.edges import EdgeKind
from scopegate.graph.target import (
    ANY,
    RESOURCE,
    KeyRule,
    LiteralKey,
    OwnKey,
    Target,
    bind,
    seen_from_caller,
    seen_from_child,
    through,
    unread,
)
from scopegate.plan.address import ConfigAddress, Mode, ModulePath
from scopegate.plan.configuration import Block, Configuration, Expression, ModuleCall
from scopegate.plan.reference import (
    LocalReference,
    ModuleReference,
    OtherReference,
    Reference,
    ResourceReference,
    VariableReference,
    parse_reference,
)


class Scope(NamedTuple):
    """Where an expression stands: its module, what ``each`` and ``count`` are there, and the block's repetition."""

    module: ModulePath
    own: OwnKey | None = None
    repetition: Expression | None = None


class Resolved(NamedTuple):
    """What an expression depends on, and the locals that may hide more (``module.net.local.subnets``)."""

    targets: tuple[Target, ...] = ()
    locals: frozenset[str] = frozenset()


class _Variable(NamedTuple):
    module: ModulePath
    variable: str


class _Output(NamedTuple):
    module: ModulePath
    output: str


class _Absent(NamedTuple):
    """A block that has no instance somewhere: what it depends on is passed on to its dependents."""

    block: ConfigAddress


_Node = _Variable | _Output | _Absent

_DEPENDS_ON = ("depends_on",)

_parse = cache(parse_reference)


class Resolver:
    """Answers what the expressions of one configuration depend on.

    ``absent`` are the blocks without an instance in at least one instance of their module. They cannot be vertices
    there, so what decides that they are not there, and all that an ephemeral or data block reads, is read through them.
    """

    def __init__(self, configuration: Configuration, absent: frozenset[ConfigAddress]) -> None:
        self._configuration = configuration
        self._absent = absent
        self._known: dict[_Node, Resolved] = {}

    def argument(self, scope: Scope, expression: Expression) -> Resolved:
        """Return what one argument, or a list from ``waits_for``, depends on.

        Raises:
            PlanError: the configuration refers to itself in a circle.
        """
        self._complete(self._nodes(scope, expression))
        return self._read(scope, expression)

    def repetition(self, scope: Scope, repetition: Expression) -> Resolved:
        """Return what the ``count`` or ``for_each`` of a block depends on.

        Raises:
            PlanError: the configuration refers to itself in a circle.
        """
        self._complete(self._nodes(scope, repetition))
        return self._read_repetition(scope, repetition)

    def call(self, module: ModulePath) -> Resolved:
        """Return what all of ``module`` depends on because its call repeats over it or waits for it.

        Raises:
            PlanError: the configuration refers to itself in a circle.
        """
        call = self._configuration.call_of(module)
        if call is None:
            return Resolved()
        self._complete(self._call_nodes(module, call))
        return self._read_call(module, call)

    def block_without_instance(self, address: ConfigAddress) -> Resolved:
        """Return what a block passes on where it has no instance.

        Raises:
            PlanError: the configuration refers to itself in a circle.
        """
        node = _Absent(address)
        self._complete([node])
        return self._known[node]

    def _complete(self, nodes: Iterable[_Node]) -> None:
        stack = [node for node in nodes if node not in self._known]
        opened: set[_Node] = set()
        while stack:
            node = stack[-1]
            missing = [] if node in self._known else [need for need in self._needs(node) if need not in self._known]
            if not missing:
                if node not in self._known:
                    self._known[node] = self._resolve(node)
                stack.pop()
                continue
            opened.add(node)
            if not opened.isdisjoint(missing):
                raise _circle(node)
            stack.extend(missing)

    def _needs(self, node: _Node) -> Iterator[_Node]:
        for scope, expression in self._expressions(node):
            yield from self._nodes(scope, expression)
        if isinstance(node, _Output) and (call := self._configuration.call_of(node.module)):
            yield from self._call_nodes(node.module, call)

    def _expressions(self, node: _Node) -> Iterator[tuple[Scope, Expression]]:
        match node:
            case _Variable(module, name):
                if call := self._configuration.call_of(module):
                    yield from ((_call_scope(module, call), argument) for argument in call.arguments.get(name, ()))
            case _Output(module, name):
                called = self._configuration.modules[module]
                waits = waits_for(called.output_depends_on.get(name, ()))
                yield from ((Scope(module), expression) for expression in (*called.outputs.get(name, ()), waits))
            case _Absent(address):
                block = self._configuration.blocks[address]
                yield from ((block_scope(block), expression) for expression in _passed_on(block))
            case _:
                assert_never(node)

    def _resolve(self, node: _Node) -> Resolved:
        resolved = _join(self._read(scope, expression) for scope, expression in self._expressions(node))
        match node:
            case _Variable(module, name):
                return _map(resolved, lambda target: through(seen_from_child(target), f"{_prefix(module)}var.{name}"))
            case _Output(module, name):
                # An instance in the module carries what the call waits for; without one the output itself has to.
                call = self._configuration.call_of(module)
                if call and all(target.up for target in resolved.targets):
                    resolved = _join([resolved, self._read_call(module, call)])
                return _map(resolved, lambda target: through(target, f"{_prefix(module)}{name}"))
            case _Absent(block):
                return _map(resolved, lambda target: through(target, str(block)))
            case _:
                assert_never(node)

    def _nodes(self, scope: Scope, expression: Expression) -> Iterator[_Node]:
        for text in expression.references:
            yield from self._nodes_of(scope.module, _parse(text))
            if scope.repetition and _is_each_value(text):
                yield from self._nodes(Scope(scope.module), scope.repetition)

    def _nodes_of(self, module: ModulePath, reference: Reference) -> Iterator[_Node]:
        match reference:
            case ResourceReference(mode, resource_type, name):
                address = ConfigAddress(module, mode, resource_type, name)
                if address in self._absent:
                    yield _Absent(address)
            case ModuleReference(name):
                child = (*module, name)
                yield from (_Output(child, output) for output in self._outputs(child, reference))
            case VariableReference(name):
                if module:
                    yield _Variable(module, name)
            case LocalReference() | OtherReference():
                pass
            case _:
                assert_never(reference)

    def _outputs(self, child: ModulePath, reference: ModuleReference) -> Iterable[str]:
        module = self._configuration.modules.get(child)
        if module is None:
            return ()
        return module.outputs if not reference.output else [reference.output]

    def _call_nodes(self, module: ModulePath, call: ModuleCall) -> Iterator[_Node]:
        scope = _call_scope(module, call)
        for expression in _call_expressions(call):
            yield from self._nodes(scope, expression)

    def _read_call(self, module: ModulePath, call: ModuleCall) -> Resolved:
        scope = _call_scope(module, call)
        repetition, waits = _call_expressions(call)
        resolved = _join([self._read_repetition(scope, repetition), self._read(scope, waits)])
        return _map(resolved, lambda target: through(seen_from_child(target), _prefix(module)[:-1]))

    def _read(self, scope: Scope, expression: Expression) -> Resolved:
        parts = [self._refer(scope.module, text, _own_rule(scope, expression, text)) for text in expression.references]
        if expression.path == _DEPENDS_ON:
            return _map(_join(parts), unread)
        if scope.repetition and any(_is_each_value(text) for text in expression.references):
            chained = self._read_repetition(scope, scope.repetition)
            parts.append(_map(chained, lambda target: target._replace(reads="") if target.kind is None else target))
        return _join(parts)

    def _read_repetition(self, scope: Scope, repetition: Expression) -> Resolved:
        """Return what a repetition reads, key by key where it repeats over one block or module and nothing else."""
        references = repetition.references
        if scope.own is None or len(references) != 1 or repetition.path != ("for_each",):
            return self._read(Scope(scope.module), repetition)
        resolved = self._refer(scope.module, references[0], scope.own)
        if len(resolved.targets) == 1:
            (target,) = resolved.targets
            if target.key == ANY and not target.reads and isinstance(target.what, ConfigAddress):
                return Resolved((target._replace(key=scope.own),), resolved.locals)
        return resolved

    def _refer(self, module: ModulePath, text: str, own: KeyRule) -> Resolved:
        reference = _parse(text)
        match reference:
            case ResourceReference(_, _, _, key, attribute):
                rule = own if key is None else LiteralKey(key)
                return self._refer_to_block(module, reference, Target(0, (), (), rule, text, attribute))
            case ModuleReference(_, key, _, _):
                return self._refer_to_module(module, reference, text, own if key is None else LiteralKey(key))
            case VariableReference(name):
                return self._known[_Variable(module, name)] if module else Resolved()
            case LocalReference(name):
                return Resolved((), frozenset({f"{_prefix(module)}local.{name}"}))
            case OtherReference():
                return Resolved()
            case _:
                assert_never(reference)

    def _refer_to_block(self, module: ModulePath, reference: ResourceReference, target: Target) -> Resolved:
        address = ConfigAddress(module, reference.mode, reference.type, reference.name)
        found = Resolved((target._replace(what=address),))
        if address not in self._absent:
            return found
        passed_on = _map(self._known[_Absent(address)], lambda behind: bind(behind, RESOURCE, target.key))
        return _join([found, passed_on])

    def _refer_to_module(self, module: ModulePath, reference: ModuleReference, text: str, rule: KeyRule) -> Resolved:
        child = (*module, reference.name)
        outputs = _join(self._known[_Output(child, output)] for output in self._outputs(child, reference))
        resolved = _map(outputs, lambda target: seen_from_caller(target, child, rule))
        if reference.output:
            return resolved
        # Terraform too waits for all of a module whose output is chosen by a computed key: its close node.
        everything = Target(0, ((reference.name, rule),), child, ANY, text, "", EdgeKind.DEPENDS_ON)
        return _join([resolved, Resolved((everything,))])


def waits_for(references: Iterable[str]) -> Expression:
    """Return a ``depends_on`` list in the form of an argument."""
    return Expression(_DEPENDS_ON, references=tuple(references))


def block_scope(block: Block) -> Scope:
    """Return where the arguments of a resource block stand."""
    return Scope(block.address.module, OwnKey(RESOURCE), block.repetition)


def _passed_on(block: Block) -> Iterator[Expression]:
    if block.repetition:
        yield block.repetition
    if block.address.mode is not Mode.MANAGED:
        yield from block.expressions
        yield waits_for(block.depends_on)


def _call_scope(module: ModulePath, call: ModuleCall) -> Scope:
    caller = module[:-1]
    return Scope(caller, OwnKey(len(caller)), call.repetition)


def _call_expressions(call: ModuleCall) -> tuple[Expression, Expression]:
    return call.repetition or Expression(("count",)), waits_for(call.depends_on)


def _own_rule(scope: Scope, expression: Expression, text: str) -> KeyRule:
    if scope.own is None or text not in expression.by_own_key:
        return ANY
    if "each.value" in expression.references and not _is_set(scope.repetition):
        return ANY
    return scope.own


def _is_set(repetition: Expression | None) -> bool:
    """Whether ``each.value`` may be the key itself: not where the map is a constant with other values."""
    constant = repetition.constant if repetition else None
    return not isinstance(constant, dict) or all(key == value for key, value in constant.items())


def _is_each_value(text: str) -> bool:
    return text == "each.value" or text.startswith(("each.value.", "each.value["))


def _map(resolved: Resolved, change: Callable[[Target], Target]) -> Resolved:
    return Resolved(tuple(map(change, resolved.targets)), resolved.locals)


def _join(parts: Iterable[Resolved]) -> Resolved:
    listed = list(parts)
    if len(listed) == 1:
        return listed[0]
    targets = dict.fromkeys(target for part in listed for target in part.targets)
    return Resolved(tuple(targets), frozenset[str]().union(*(part.locals for part in listed)))


def _prefix(module: ModulePath) -> str:
    return "".join(f"module.{name}." for name in module)


def _circle(node: _Node) -> PlanError:
    match node:
        case _Variable(module, name):
            text = f"{_prefix(module)}var.{name}"
        case _Output(module, name):
            text = f"{_prefix(module)}output.{name}"
        case _Absent(block):
            text = str(block)
        case _:
            assert_never(node)
    return PlanError(
        f"The configuration section refers to itself in a circle through {text!r}, which Terraform does not allow, so "
        "the plan was edited or damaged; make it again with `terraform show -json` and hand it over unedited."
    )
