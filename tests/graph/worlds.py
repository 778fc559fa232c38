"""Random configurations, written as plan JSON, and what they mean, found by brute force.

The meaning is computed from the definition and nothing else: for every instance, every reference is followed by plain
recursion to the set of instances it may read. No hubs, no memory, no sharing: slow, short and independent.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

Key = int | str | None
Step = tuple[str, Key]
InstanceId = tuple[tuple[Step, ...], str, Key]
"""The module instance, the block's name, the key."""


@dataclass(frozen=True)
class Ref:
    """A reference: ``kind`` is block, output, module or var; ``how`` is whole, own or a literal key."""

    kind: str
    name: str
    how: Key | bool = None
    """None for a computed or absent key, True for the own key, else the literal key."""
    output: str = ""


@dataclass
class Block:
    name: str
    keys: tuple[Key, ...]
    refs: tuple[Ref, ...] = ()
    waits: tuple[Ref, ...] = ()


@dataclass
class Call:
    name: str
    keys: tuple[Key, ...]
    module: "Module"
    arguments: dict[str, tuple[Ref, ...]] = field(default_factory=dict)
    waits: tuple[Ref, ...] = ()


@dataclass
class Module:
    blocks: list[Block] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    outputs: dict[str, tuple[Ref, ...]] = field(default_factory=dict)


KEYS: tuple[tuple[Key, ...], ...] = ((None,), (0, 1), ("a", "b"), ("a", "b", "c.d"), (0,))


@st.composite
def worlds(draw: st.DrawFn) -> Module:
    """Return a root module with up to two levels of modules below it; everything refers to what stands before it."""
    return draw_module(draw, depth=0, variables=())


def draw_module(draw: st.DrawFn, depth: int, variables: tuple[str, ...]) -> Module:
    module = Module()
    before: list[Ref] = [Ref("var", name) for name in variables]
    items = draw(st.lists(st.sampled_from(["block", "block", "call"]), min_size=1, max_size=4))
    for index, item in enumerate(items):
        keys = draw(st.sampled_from(KEYS))
        if item == "block" or depth == 2:
            block = Block(f"b{index}", keys, _some(draw, before, keys), _some(draw, before, (None,), size=1))
            module.blocks.append(block)
            before += _ways("block", block.name, keys)
        else:
            arguments = {f"v{n}": _some(draw, before, keys) for n in range(draw(st.integers(0, 2)))}
            child = draw_module(draw, depth + 1, tuple(arguments))
            call = Call(f"m{index}", keys, child, arguments, _some(draw, before, (None,), size=1))
            module.calls.append(call)
            for output in child.outputs:
                before += [Ref("output", call.name, key, output) for key in _literals(keys)]
            before += [Ref("module", call.name), Ref("module", call.name, how=True)]
    module.outputs = {f"o{n}": _some(draw, before, (None,)) for n in range(draw(st.integers(0, 2)))}
    return module


def _literals(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    return (None,) if keys == (None,) else keys


def _ways(kind: str, name: str, keys: tuple[Key, ...]) -> list[Ref]:
    literal = [Ref(kind, name, key) for key in _literals(keys)]
    return [Ref(kind, name), Ref(kind, name, how=True), *literal]


def _some(draw: st.DrawFn, before: list[Ref], keys: tuple[Key, ...], size: int = 2) -> tuple[Ref, ...]:
    usable = [ref for ref in before if keys != (None,) or ref.how is not True]
    return tuple(draw(st.lists(st.sampled_from(usable), max_size=size, unique=True))) if usable else ()


class Names:
    """How things are called: by default as in the world, or all differently."""

    def __init__(self, suffix: str = "", resource_type: str = "thing") -> None:
        self.suffix = suffix
        self.resource_type = resource_type

    def __call__(self, name: str) -> str:
        return f"{name}{self.suffix}"


def write_plan(world: Module, names: Names | None = None) -> bytes:
    """Return the plan JSON of a world in which every instance is created."""
    called = names or Names()
    changes: list[dict[str, object]] = [
        {
            "address": address(instance, called),
            "module_address": ".".join(_step(name, key, called) for name, key in instance[0]),
            "mode": "managed",
            "type": called.resource_type,
            "name": called(instance[1]),
            **({} if instance[2] is None else {"index": instance[2]}),
            "provider_name": "example.com/example/thing",
            "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}},
        }
        for instance in instances(world)
    ]
    for change in changes:
        if not change["module_address"]:
            del change["module_address"]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": changes,
        "configuration": {"root_module": _module(world, called)},
    }
    return json.dumps(document).encode()


def address(instance: InstanceId, names: Names | None = None) -> str:
    """Return the address of an instance."""
    called = names or Names()
    steps, name, key = instance
    block = f"{called.resource_type}.{called(name)}{_key(key)}"
    return ".".join([*(_step(step, step_key, called) for step, step_key in steps), block])


def _step(name: str, key: Key, names: Names) -> str:
    return f"module.{names(name)}{_key(key)}"


def _key(key: Key) -> str:
    return "" if key is None else f"[{json.dumps(key)}]"


def _module(module: Module, names: Names) -> dict[str, object]:
    return {
        "resources": [
            {
                "address": f"{names.resource_type}.{names(block.name)}",
                "mode": "managed",
                "type": names.resource_type,
                "name": names(block.name),
                "expressions": {f"a{n}": _expression((ref,), block.keys, names) for n, ref in enumerate(block.refs)},
                "depends_on": [_waited(ref, names) for ref in block.waits if _waited(ref, names)],
            }
            for block in module.blocks
        ],
        "module_calls": {
            names(call.name): {
                "source": f"./{call.name}",
                "expressions": {
                    names(name): _expression(refs, call.keys, names) for name, refs in call.arguments.items()
                },
                "depends_on": [_waited(ref, names) for ref in call.waits if _waited(ref, names)],
                "module": _module(call.module, names),
                # a call with literal keys shows its repetition; one of these without a constant shows nothing
                **({} if call.keys == (None,) else {"for_each_expression": {"references": ["each.key"]}}),
            }
            for call in module.calls
        },
        "outputs": {
            names(name): {"expression": _expression(refs, (None,), names)} for name, refs in module.outputs.items()
        },
    }


def _expression(refs: tuple[Ref, ...], keys: tuple[Key, ...], names: Names) -> dict[str, object]:
    own = "count.index" if isinstance(keys[0], int) else "each.key"
    listed = itertools.chain.from_iterable(_listed(ref, own, names) for ref in refs)
    return {"references": list(listed)} if refs else {}


def _listed(ref: Ref, own: str, names: Names) -> Iterator[str]:
    literal = "" if ref.how is True else _key(ref.how)
    match ref.kind:
        case "block":
            base = f"{names.resource_type}.{names(ref.name)}"
            yield from [f"{base}{literal}.id", f"{base}{literal}"] if literal else []
            yield base
        case "var":
            yield f"var.{names(ref.name)}"
        case "output":
            yield from (f"module.{names(ref.name)}{literal}.{names(ref.output)}", f"module.{names(ref.name)}{literal}")
        case _:
            yield f"module.{names(ref.name)}"
    if ref.how is True:
        yield own


def _waited(ref: Ref, names: Names) -> str:
    """Return an entry of ``depends_on``; what cannot stand there is the empty string."""
    match ref.kind:
        case "block":
            return f"{names.resource_type}.{names(ref.name)}"
        case "module" | "output":
            return f"module.{names(ref.name)}"
        case _:
            return ""


def instances(world: Module) -> list[InstanceId]:
    """Return every resource instance of a world."""
    return list(_instances(world, ()))


def _instances(module: Module, at: tuple[Step, ...]) -> Iterator[InstanceId]:
    for block in module.blocks:
        for key in block.keys:
            yield at, block.name, key
    for call in module.calls:
        for key in call.keys:
            yield from _instances(call.module, (*at, (call.name, key)))


def meaning(world: Module) -> set[tuple[InstanceId, InstanceId]]:
    """Return every direct dependency between instances, as (dependent, dependency)."""
    return set(_Meaning(world).pairs())


class _Meaning:
    def __init__(self, world: Module) -> None:
        self.world = world

    def pairs(self) -> Iterator[tuple[InstanceId, InstanceId]]:
        for at, name, key in instances(self.world):
            module = self.module(at)
            block = next(block for block in module.blocks if block.name == name)
            for ref in block.refs:
                yield from (((at, name, key), found) for found in self.follow(at, ref, key, block.keys))
            for ref in block.waits:
                yield from (((at, name, key), found) for found in self.wait(at, ref))
            for depth in range(len(at)):
                call = self.call(at[: depth + 1])
                for ref in call.waits:
                    yield from (((at, name, key), found) for found in self.wait(at[:depth], ref))

    def module(self, at: tuple[Step, ...]) -> Module:
        return self.call(at).module if at else self.world

    def call(self, at: tuple[Step, ...]) -> Call:
        return next(call for call in self.module(at[:-1]).calls if call.name == at[-1][0])

    def follow(self, at: tuple[Step, ...], ref: Ref, own: Key, own_keys: tuple[Key, ...]) -> Iterator[InstanceId]:
        module = self.module(at)
        if ref.kind == "block":
            block = next(block for block in module.blocks if block.name == ref.name)
            yield from ((at, block.name, key) for key in _chosen(ref, block.keys, own, own_keys))
        elif ref.kind == "var":
            call = self.call(at)
            for passed in call.arguments[ref.name]:
                yield from self.follow(at[:-1], passed, at[-1][1], call.keys)
        else:
            call = next(call for call in module.calls if call.name == ref.name)
            chosen = _chosen(ref, call.keys, own, own_keys)
            for key, output in itertools.product(chosen, [ref.output] if ref.output else call.module.outputs):
                yield from self.read_output((*at, (call.name, key)), output)
            if ref.kind == "module":
                yield from self.wait(at, ref, chosen)

    def read_output(self, at: tuple[Step, ...], output: str) -> Iterator[InstanceId]:
        found = [f for ref in self.module(at).outputs[output] for f in self.follow(at, ref, None, (None,))]
        yield from found
        if all(instance[0][: len(at)] != at for instance in found):
            for ref in self.call(at).waits:
                yield from self.wait(at[:-1], ref)

    def wait(self, at: tuple[Step, ...], ref: Ref, keys: tuple[Key, ...] | None = None) -> Iterator[InstanceId]:
        if ref.kind == "block":
            yield from self.follow(at, Ref("block", ref.name), None, (None,))
        elif ref.kind in ("module", "output"):
            call = next(call for call in self.module(at).calls if call.name == ref.name)
            for key in keys if keys is not None else call.keys:
                inside = (*at, (call.name, key))
                yield from _instances(call.module, inside)
                for output in call.module.outputs:
                    yield from self.read_output(inside, output)


def _chosen(ref: Ref, keys: tuple[Key, ...], own: Key, own_keys: tuple[Key, ...]) -> tuple[Key, ...]:
    if ref.how is True:
        return (own,) if set(keys) == set(own_keys) else keys
    return keys if ref.how is None else (ref.how,)
