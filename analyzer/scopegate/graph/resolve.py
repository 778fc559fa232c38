"""From an expression of the configuration to what it depends on, through variables, outputs and module calls.

Every reference is resolved once per module of the configuration, however many expressions and module instances there
are. The walk keeps its own stack, so the length of a chain is no limit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from enum import Enum
from functools import cache, lru_cache
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PlanError
from scopegate.graph.edges import EdgeKind
from scopegate.graph.target import (
    ANY,
    RESOURCE,
    BlockName,
    KeyRule,
    LiteralKey,
    OwnKey,
    Target,
    all_but_via,
    around,
    bind,
    passed_in,
    prefix,
    seen_from_caller,
    through,
    unread,
)
from scopegate.graph.written import conditions, local_value
from scopegate.plan.address import Mode, ModulePath, format_resource
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
from scopegate.source.model import Sources


class Scope(Struct, frozen=True):
    """Where an expression stands: its module, what ``each`` and ``count`` are there, and the block's repetition."""

    module: ModulePath
    own: OwnKey | None = None
    repetition: Expression | None = None


class Resolved(Struct, frozen=True):
    """What an expression depends on, and the locals that may hide more (``module.net.local.subnets``)."""

    targets: tuple[Target, ...] = ()
    locals: frozenset[str] = frozenset()

    @property
    def is_long(self) -> bool:
        """Whether it leads to so much that who refers to it is better drawn together with others who do."""
        return len(self.targets) >= _LONG


_LONG: Final = 20
"""Few modules put out more: what each block of them reads is told by edges of its own, as long as it is short."""

NOTHING = Resolved()
_NO_LOCALS = frozenset[str]()


class _Kind(Enum):
    """What stands between an expression and what it depends on in the end."""

    VARIABLE = "variable"
    OUTPUT = "output"
    ABSENT = "absent"
    """A block that has no instance somewhere: what it depends on is passed on to its dependents."""
    CALL = "call"
    """A module call: all that is in the module depends on what it repeats over and waits for."""
    LOCAL = "local"
    CHECKED = "checked"
    """A variable or output with conditions (``var.size``, ``output.id``): who reads it waits for what they read."""

    __hash__ = object.__hash__


class _Node(Struct, frozen=True):
    kind: _Kind
    module: ModulePath
    name: str
    """What it is called in its module; empty for a call."""

    def __str__(self) -> str:
        match self.kind:
            case _Kind.CALL:
                return prefix(self.module)[:-1]
            case _Kind.VARIABLE:
                return f"{prefix(self.module)}var.{self.name}"
            case _Kind.LOCAL:
                return f"{prefix(self.module)}local.{self.name}"
            case _Kind.OUTPUT | _Kind.ABSENT | _Kind.CHECKED:
                return f"{prefix(self.module)}{self.name}"
            case _:
                assert_never(self.kind)


_DEPENDS_ON = ("depends_on",)

_parse = cache(parse_reference)
_format_resource = cache(format_resource)


class Resolver:
    """Answers what the expressions of one configuration depend on.

    ``absent`` are the blocks without an instance in at least one instance of their module, and ``uncalled`` the modules
    without an instance in at least one instance of their caller. They cannot be vertices there, so what decides that
    they are not there, and all that an ephemeral or data block reads, is read through them. ``keyed`` are the modules
    with instances that have keys.

    Every question raises ``PlanError`` where the configuration refers to itself in a circle.
    """

    def __init__(
        self,
        configuration: Configuration,
        absent: Mapping[BlockName, Block],
        uncalled: Set[ModulePath],
        keyed: Set[ModulePath],
        sources: Sources | None,
    ) -> None:
        self._configuration = configuration
        self._absent = absent
        self._uncalled = uncalled
        self._keyed = keyed
        self._sources = sources
        self._has_absent = {name.module for name in absent}
        self._calls: dict[ModulePath, tuple[Scope, ModuleCall | None]] = {}
        self._passed: dict[int, frozenset[str]] = {}
        self._known: dict[_Node, Resolved] = {}
        self._references: defaultdict[ModulePath, dict[str, Resolved]] = defaultdict(dict)
        self._waited: dict[tuple[ModulePath, tuple[str, ...]], Resolved] = {}

    def argument(self, scope: Scope, expression: Expression) -> Resolved:
        """Return what one argument, or a list from ``waits_for``, depends on."""
        return _join(self._parts(scope, expression))

    def parts(self, scope: Scope, expression: Expression) -> Sequence[Resolved]:
        """Return what one argument depends on: each long list, the same for all who refer to it, and then the rest."""
        parts = self._parts(scope, expression)
        long = {id(part): part for part in parts if part.is_long}
        if not long:
            return [_join(parts)]
        short = [part for part in parts if not part.is_long and part is not NOTHING]
        return [*long.values(), *([_join(short)] if short else [])]

    def _parts(self, scope: Scope, expression: Expression) -> Sequence[Resolved]:
        if expression.path == _DEPENDS_ON:
            return [self._waits(scope.module, expression.references)]
        if not expression.by_own_key:
            known = self._references[scope.module]
            parts = [known.get(text) or self._refer(scope.module, text, ANY) for text in expression.references]
        else:
            rules = ((text, _own_rule(scope, expression, text)) for text in expression.references)
            parts = [self._refer(scope.module, text, rule) for text, rule in rules]
        if scope.repetition and _reads_each_value(expression.references):
            parts.append(self.repetition(scope, scope.repetition))
        return parts

    def _waits(self, module: ModulePath, references: tuple[str, ...]) -> Resolved:
        """Return what a ``depends_on`` leads to: hundreds may wait for one module, and it for all of its outputs."""
        found = self._waited.get((module, references))
        if found is None:
            parts = [self._refer(module, text, ANY) for text in references]
            found = self._waited[module, references] = _waited_for(_join(parts), module)
        return found

    def repetition(self, scope: Scope, repetition: Expression) -> Resolved:
        """Return what a ``count`` or ``for_each`` depends on.

        Where it repeats over one block or module and nothing else, each instance depends on that of its own key.
        """
        if scope.own is None or len(repetition.references) != 1 or repetition.path != ("for_each",):
            return self.argument(Scope(scope.module), repetition)
        resolved = self._refer(scope.module, repetition.references[0], scope.own)
        if len(resolved.targets) == 1:
            (target,) = resolved.targets
            if target.key == ANY and not target.reads and target.name:
                return Resolved((replace(target, key=scope.own),), resolved.locals)
        return resolved

    def call(self, module: ModulePath) -> Resolved:
        """Return what all of ``module`` depends on because its call repeats over it or waits for it."""
        return self._node(_Node(_Kind.CALL, module, ""))

    def absent(self, block: BlockName) -> Resolved:
        """Return what a block passes on where it has no instance."""
        return self._node(_Node(_Kind.ABSENT, block.module, block.name))

    def locals(self, module: ModulePath, references: Iterable[str]) -> frozenset[str]:
        """Return the locals that hide what may stand behind references in a module."""
        known = self._references[module]
        hidden = _NO_LOCALS
        for text in references:
            found = known.get(text)
            some = (self._refer(module, text, ANY) if found is None else found).locals
            if some:
                hidden = hidden | some if hidden else some
        return hidden

    def has_absent(self, module: ModulePath) -> bool:
        """Whether a block of the module is absent: then each of its references may lead further."""
        return module in self._has_absent

    def by_call(self, module: ModulePath, references: Iterable[str]) -> set[str]:
        """Return those of the references, from ``leading_out``, that lead to something by how the module is called.

        Where none is absent, all others lead to what is in the module itself: the same for each of its calls.
        """
        known = self._references[module]
        return {text for text in references if (known.get(text) or self._refer(module, text, ANY)).targets}

    def _refer(self, module: ModulePath, text: str, own: KeyRule) -> Resolved:
        if own is not ANY and not self._is_single_module(module, text):
            return self._follow(module, text, own)
        known = self._references[module]
        found = known.get(text)
        if found is None:
            found = known[text] = self._follow(module, text, ANY)
        return found

    def _is_single_module(self, module: ModulePath, text: str) -> bool:
        """Whether a reference is to a module that has no keys, so that none chooses one of its instances."""
        reference = _parse(text)
        return isinstance(reference, ModuleReference) and (*module, reference.name) not in self._keyed

    def _follow(self, module: ModulePath, text: str, own: KeyRule) -> Resolved:
        reference = _parse(text)
        match reference:
            case VariableReference(name):
                nodes = self._variables(module, name)
                return _join([self._node(node) for node in nodes])
            case ResourceReference(mode, resource_type, name, key, attribute):
                block = BlockName(module, _format_resource(mode, resource_type, name))
                rule = own if key is None else LiteralKey(key)
                return self._follow_block(Target(0, (), block.name, rule, text, attribute), block)
            case ModuleReference(_, key, _, _):
                return self._follow_module(module, reference, text, own if key is None else LiteralKey(key))
            case LocalReference(name):
                local = _Node(_Kind.LOCAL, module, name)
                is_hidden = local_value(self._sources, module, name) is None
                return Resolved((), frozenset({str(local)})) if is_hidden else self._node(local)
            case OtherReference():
                return NOTHING
            case _:
                assert_never(reference)

    def _follow_block(self, target: Target, block: BlockName) -> Resolved:
        found = Resolved((target,))
        if block not in self._absent:
            return found
        return _join([found, _map(self.absent(block), lambda behind: bind(behind, RESOURCE, block, target.key))])

    def _follow_module(self, module: ModulePath, reference: ModuleReference, text: str, rule: KeyRule) -> Resolved:
        child = (*module, reference.name)
        outputs = _join([self._node(output) for output in self._outputs(child, reference)])
        resolved = _map(outputs, lambda target: seen_from_caller(target, child, rule))
        if reference.output:
            return resolved
        # Terraform too waits for all of a module whose output is chosen by a computed key: its close node.
        everything = Resolved((Target(0, ((reference.name, rule),), "", ANY, text, "", EdgeKind.DEPENDS_ON),))
        called = self.call(child) if child in self._uncalled else NOTHING
        return _join([resolved, everything, _map(called, lambda target: seen_from_caller(target, child, rule))])

    def _checked(self, module: ModulePath, name: str) -> list[_Node]:
        block = self._sources.block(module, name) if self._sources else None
        return [_Node(_Kind.CHECKED, module, name)] if block and block.readings else []

    def _outputs(self, child: ModulePath, reference: ModuleReference) -> list[_Node]:
        module = self._configuration.modules.get(child)
        names = () if module is None else [reference.output] if reference.output else module.outputs
        return [_Node(_Kind.OUTPUT, child, name) for name in names]

    def _node(self, wanted: _Node) -> Resolved:
        """Return what a node depends on."""
        found = self._known.get(wanted)
        if found is None:
            scope, expressions = self._written(wanted)
            if self._missing(wanted, scope, expressions):
                return self._after_all_it_needs(wanted)
            found = self._known[wanted] = self._resolve(wanted, scope, expressions)
        return found

    def _after_all_it_needs(self, wanted: _Node) -> Resolved:
        """Return what a node depends on; with a stack of its own, so that no chain is walked by recursion."""
        known = self._known
        stack = [(wanted, *self._written(wanted))]
        opened: set[_Node] = set()
        while stack:
            node, scope, expressions = stack[-1]
            missing = self._missing(node, scope, expressions)
            if not missing:
                if node not in known:
                    known[node] = self._resolve(node, scope, expressions)
                stack.pop()
                continue
            opened.add(node)
            if not opened.isdisjoint(missing):
                raise _circle(node)
            stack.extend((need, *self._written(need)) for need in missing)
        return known[wanted]

    def _missing(self, node: _Node, scope: Scope, expressions: Iterable[Expression]) -> list[_Node]:
        """Return what a node needs and nobody asked for yet."""
        needs: list[_Node] = []
        if node.kind is _Kind.OUTPUT:
            needs += (_Node(_Kind.CALL, node.module, ""), *self._checked(node.module, f"output.{node.name}"))
        known = self._references[scope.module]  # all that these need is known too
        for expression in expressions:
            for text in expression.references:
                if text not in known:
                    needs += self._nodes_of(scope.module, _parse(text))
            if scope.repetition and _reads_each_value(expression.references):
                for text in scope.repetition.references:
                    needs += self._nodes_of(scope.module, _parse(text))
        return [need for need in needs if need not in self._known] if needs else needs

    def _nodes_of(self, module: ModulePath, reference: Reference) -> Sequence[_Node]:
        match reference:
            case ResourceReference(mode, resource_type, name):
                block = BlockName(module, _format_resource(mode, resource_type, name))
                return [_Node(_Kind.ABSENT, block.module, block.name)] if block in self._absent else []
            case ModuleReference(name):
                child = (*module, name)
                return [
                    *self._outputs(child, reference),
                    *([_Node(_Kind.CALL, child, "")] if child in self._uncalled else []),
                ]
            case VariableReference(name):
                return self._variables(module, name)
            case LocalReference(name):
                return [] if local_value(self._sources, module, name) is None else [_Node(_Kind.LOCAL, module, name)]
            case OtherReference():
                return []
            case _:
                assert_never(reference)

    def _variables(self, module: ModulePath, name: str) -> list[_Node]:
        """Return what stands behind a variable: what the call computes its value from, and its conditions."""
        _, call = self._call(module)
        passed_in = [_Node(_Kind.VARIABLE, module, name)] if call and name in self._passed_by(call) else []
        return [*passed_in, *self._checked(module, f"var.{name}")] if self._sources else passed_in

    def _passed_by(self, call: ModuleCall) -> frozenset[str]:
        """Return the variables whose values a call computes from something."""
        found = self._passed.get(id(call))  # the configuration keeps it alive, and has it once for all alike
        if found is None:
            found = self._passed[id(call)] = frozenset(
                [
                    name
                    for name, expressions in call.arguments.items()
                    for expression in expressions
                    if _may_lead(expression.references)
                ]
            )
        return found

    def _written(self, node: _Node) -> tuple[Scope, Sequence[Expression]]:
        """Return where a node stands and the expressions that are written there."""
        kind, module, name = node.kind, node.module, node.name
        match kind:
            case _Kind.VARIABLE:
                scope, call = self._call(module)
                return scope, call.arguments.get(name, ()) if call else ()
            case _Kind.CALL:
                scope, call = self._call(module)
                return scope, _call_expressions(call) if call else ()
            case _Kind.OUTPUT:
                called = self._configuration.modules[module]
                waits = waits_for(called.output_depends_on.get(name, ()))
                return Scope(module), (*called.outputs.get(name, ()), waits)
            case _Kind.ABSENT:
                block = self._absent[BlockName(module, name)]
                return block_scope(block), _passed_on(block)
            case _Kind.LOCAL:
                value = local_value(self._sources, module, name)
                return Scope(module), [value] if value else ()
            case _Kind.CHECKED:
                return Scope(module), list(conditions(self._sources, module, name))
            case _:
                assert_never(kind)

    def _call(self, module: ModulePath) -> tuple[Scope, ModuleCall | None]:
        """Return a module call and where its arguments stand; nothing calls the root module."""
        found = self._calls.get(module)
        if found is None:
            caller, call = module[:-1], self._configuration.call_of(module)
            found = self._calls[module] = Scope(caller, OwnKey(len(caller)), call.repetition if call else None), call
        return found

    def _resolve(self, node: _Node, scope: Scope, expressions: Iterable[Expression]) -> Resolved:
        parts = [
            self.repetition(scope, expression)
            if expression is scope.repetition and node.kind is _Kind.CALL
            else self.argument(scope, expression)
            for expression in expressions
        ]
        resolved = _join(parts)
        if not resolved.targets and node.kind is not _Kind.OUTPUT:
            return resolved
        step = str(node)
        match node.kind:
            case _Kind.VARIABLE | _Kind.CALL:
                return Resolved(tuple([passed_in(target, step) for target in resolved.targets]), resolved.locals)
            case _Kind.OUTPUT:
                resolved = _join([resolved, *map(self._node, self._checked(node.module, f"output.{node.name}"))])
                # An instance in the module carries what the call waits for; without one the output itself has to.
                if node.module in self._uncalled or all(target.up for target in resolved.targets):
                    resolved = _join([resolved, self.call(node.module)])
            case _Kind.CHECKED:
                resolved = _map(resolved, unread)
            case _Kind.ABSENT | _Kind.LOCAL:
                pass
            case _:
                assert_never(node.kind)
        return _map(resolved, lambda target: through(target, step))


def block_scope(block: Block) -> Scope:
    """Return where the arguments of a resource block stand."""
    return Scope(block.address.module, OwnKey(RESOURCE), block.repetition)


def waits_for(references: Iterable[str]) -> Expression:
    """Return a ``depends_on`` list in the form of an argument."""
    return Expression(_DEPENDS_ON, references=tuple(references))


@lru_cache(maxsize=4096)  # the plans of one configuration all ask for the same
def leading_out(references: tuple[str, ...], *, through_locals: bool) -> tuple[str, ...]:
    """Return the references that may lead out of the module they stand in; a local is one where sources tell of it."""
    kinds = (VariableReference, ModuleReference, *((LocalReference,) if through_locals else ()))
    return tuple(text for text in dict.fromkeys(references) if isinstance(_parse(text), kinds))


def _call_expressions(call: ModuleCall) -> Sequence[Expression]:
    waits = [waits_for(call.depends_on)] if call.depends_on else []
    return [call.repetition, *waits] if call.repetition else waits


def _passed_on(block: Block) -> Sequence[Expression]:
    repetition = [block.repetition] if block.repetition else []
    if block.address.mode is Mode.MANAGED:
        return repetition
    return [*repetition, *block.expressions, waits_for(block.depends_on)]


def _own_rule(scope: Scope, expression: Expression, text: str) -> KeyRule:
    if text not in expression.by_own_key or scope.own is None:
        return ANY
    if "each.value" in expression.references and not _may_be_set(scope.repetition):
        return ANY
    return scope.own


def _may_be_set(repetition: Expression | None) -> bool:
    """Whether ``each.value`` may be the key itself: not where the map is a constant with other values."""
    constant = repetition.constant if repetition else None
    return not isinstance(constant, dict) or all(key == value for key, value in constant.items())


@cache
def _may_lead(references: tuple[str, ...]) -> bool:
    """Whether some of the references may lead to something, be it through what a block repeats over."""
    return any(is_each_value(text) or not isinstance(_parse(text), OtherReference) for text in references)


@cache
def _reads_each_value(references: tuple[str, ...]) -> bool:
    return any(map(is_each_value, references))


def is_each_value(text: str) -> bool:
    """Whether a reference is to the value of the block's ``for_each``, or to a part of it."""
    return text.startswith("each.value") and text[10:11] in ("", ".", "[")


def _waited_for(resolved: Resolved, scope: ModulePath) -> Resolved:
    """Return the targets as unread ones, without what is in a module that is waited for as a whole."""
    modules = {target.module(scope) for target in resolved.targets if not target.name}
    targets = [
        unread(target)
        for target in resolved.targets
        if not target.name or modules.isdisjoint(around(target.module(scope)))
    ]
    return Resolved(tuple(dict.fromkeys(targets)), resolved.locals)


def _map(resolved: Resolved, change: Callable[[Target], Target]) -> Resolved:
    if not resolved.targets:
        return resolved
    return Resolved(tuple(map(change, resolved.targets)), resolved.locals)


def _join(parts: Sequence[Resolved]) -> Resolved:
    """Return all that the parts lead to; of the ways to one target the shortest.

    There are too many to keep all: 20 modules in a row, each with two ways from one to the next, have a million.
    """
    if len(parts) == 1:  # nearly always
        return parts[0]
    leading = [part for part in parts if part is not NOTHING]
    if len(leading) <= 1:
        return leading[0] if leading else NOTHING
    targets: dict[tuple[object, ...], Target] = {}
    for part in leading:
        for target in part.targets:
            thing = all_but_via(target)
            known = targets.setdefault(thing, target)
            if len(target.via) < len(known.via):
                targets[thing] = target
    return Resolved(tuple(targets.values()), frozenset[str]().union(*(part.locals for part in leading)))


def _circle(node: _Node) -> PlanError:
    return PlanError(
        f"The configuration refers to itself in a circle through {str(node)!r}, which Terraform does not allow, so the "
        "plan or the source files were edited, or are of different commits; make the plan JSON again with `terraform "
        "show -json` and hand it over with the sources it was made from."
    )
