"""Policy tests: what a policy must say to a plan or a report, so that a policy is code with tests."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from msgspec import Struct, field

from scopegate.errors import PolicyError
from scopegate.policy.codeowners import parse_code_owners
from scopegate.policy.declared import read_scope
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.load import read_moment
from scopegate.policy.model import Context, DeclaredScope
from scopegate.policy.people import Approval
from scopegate.policy.read_break_glass import read_break_glass
from scopegate.policy.read_sign_off import read_groups
from scopegate.policy.reading import Node, gathered
from scopegate.signals.strict_yaml import load_yaml
from scopegate.verdict.decide import Verdict
from scopegate.verdict.decision import Decision
from scopegate.verdict.requirements import SignOffs

_CONTEXT_KEYS = (
    "author_kind",
    "author",
    "operator",
    "now",
    "source",
    "workspace",
    "backend",
    "changed_files",
    "codeowners",
    "declare",
    "break_glass",
)
_KEYS = ("plan", "report", "default_regions", *_CONTEXT_KEYS, "sign_offs", "expect")


class Expected(Struct, frozen=True):
    """What must come out. What is None is not held against the outcome; ``error`` is a part of a policy error."""

    verdict: Verdict | None = None
    beyond: tuple[str, ...] | None = None
    waived: tuple[str, ...] | None = None
    requirements: tuple[tuple[tuple[str, ...], int], ...] | None = None
    error: str | None = None


class Case(Struct, frozen=True):
    """One policy test: ``path`` is of a plan, or of a report of one, from the folder of the test's file."""

    name: str
    origin: str
    path: str
    is_report: bool
    expected: Expected
    context: Context
    sign_offs: SignOffs
    default_regions: dict[str, str] = field(default_factory=dict)


class CaseFile(Struct, frozen=True):
    """The tests of one file and the policy they are of, both from the file's folder."""

    path: str
    policy: str
    cases: tuple[Case, ...]


def parse_cases(text: str, path: str) -> CaseFile:
    """Return the policy tests that ``text`` holds; ``path`` names it in messages.

    Raises:
        PolicyError: it holds no tests; one line for each problem, beginning with ``file:line``.
    """
    document = load_yaml(text, path, PolicyError)
    top = Node(document, document.value)
    keys = top.keyed(("policy", "cases"), ("policy", "cases"))
    cases = gathered(lambda item: _case(item[0], item[1]), list(keys["cases"].mapping().items()))
    return CaseFile(path, keys["policy"].text(), cases)


def beside(file: str, path: str) -> str:
    """Return ``path``, which is written from the folder of ``file``, as a path from here."""
    return str(PurePosixPath(file).parent / path)


def _case(name: str, node: Node) -> Case:
    keys = node.keyed(_KEYS, ("expect",))
    if ("plan" in keys) == ("report" in keys):
        raise node.refusal("a policy test has either a `plan` or a `report`")
    return Case(
        name=name,
        origin=node.where,
        path=keys["plan" if "plan" in keys else "report"].text(),
        is_report="report" in keys,
        expected=_expected(keys["expect"]),
        context=_context(keys),
        sign_offs=SignOffs(tuple(Approval(who) for who in keys["sign_offs"].texts()) if "sign_offs" in keys else ()),
        default_regions={
            provider: region.text()
            for provider, region in (keys["default_regions"].mapping() if "default_regions" in keys else {}).items()
        },
    )


def _context(keys: dict[str, Node]) -> Context:
    return Context(
        author=keys["author_kind"].member(AuthorKind) if "author_kind" in keys else AuthorKind.UNKNOWN,
        now=read_moment(keys["now"]) if "now" in keys else None,
        source=keys["source"].text() if "source" in keys else None,
        workspace=keys["workspace"].text() if "workspace" in keys else None,
        backend=keys["backend"].text() if "backend" in keys else None,
        changed_files=keys["changed_files"].texts(empty=True) if "changed_files" in keys else None,
        declared=(DeclaredScope("declare", read_scope(keys["declare"])),) if "declare" in keys else (),
        code_owners=parse_code_owners(keys["codeowners"].text(), keys["codeowners"].where)
        if "codeowners" in keys
        else None,
        barred={
            **_barred(keys, "author", "the author of the change"),
            **_barred(keys, "operator", "the AI agent worked for them"),
        },
        break_glass=read_break_glass(keys["break_glass"]) if "break_glass" in keys else None,
    )


def _barred(keys: dict[str, Node], key: str, why: str) -> dict[str, str]:
    return {login.lower(): why for login in keys[key].texts()} if key in keys else {}


def _expected(node: Node) -> Expected:
    keys = node.keyed(("verdict", "beyond", "waived", "requirements", "error"))
    if "error" in keys and len(keys) > 1:
        raise node.refusal("where an `error` is expected, there is nothing else to expect")
    if "verdict" not in keys and "error" not in keys:
        raise node.refusal("a policy test expects a `verdict` or an `error`")
    return Expected(
        verdict=keys["verdict"].member(Verdict) if "verdict" in keys else None,
        beyond=keys["beyond"].texts(empty=True) if "beyond" in keys else None,
        waived=keys["waived"].texts(empty=True) if "waived" in keys else None,
        requirements=tuple(map(_requirement, keys["requirements"].sequence(empty=True)))
        if "requirements" in keys
        else None,
        error=keys["error"].text() if "error" in keys else None,
    )


def _requirement(node: Node) -> tuple[tuple[str, ...], int]:
    keys = node.keyed(("from", "count"), ("from", "count"))
    return read_groups(keys["from"]), keys["count"].integer(1)


def differences(expected: Expected, outcome: Decision | PolicyError) -> tuple[str, ...]:
    """Return how ``outcome`` differs from what was expected, a sentence for each difference; none where it does not."""
    if isinstance(outcome, PolicyError):
        told = expected.error is not None and expected.error in str(outcome)
        return () if told else (f"expected {_wanted(expected)}, got the error: {outcome}",)
    if expected.error is not None:
        return (f"expected an error with {expected.error!r}, got the verdict {outcome.verdict.value}",)
    return tuple(_differences(expected, outcome))


def _differences(expected: Expected, outcome: Decision) -> Iterator[str]:
    if expected.verdict is not outcome.verdict:
        yield f"expected the verdict {_wanted(expected)}, got {outcome.verdict.value}{_because(outcome)}"
    beyond = sorted(excess.limit.name for excess in outcome.excesses)
    if expected.beyond is not None and sorted(expected.beyond) != beyond:
        yield f"expected beyond: {_or_nothing(sorted(expected.beyond))}; got {_or_nothing(beyond)}"
    waived = sorted({use.waiver.limit or use.waiver.rule for use in outcome.waived})
    if expected.waived is not None and sorted(expected.waived) != waived:
        yield f"expected waived: {_or_nothing(sorted(expected.waived))}; got {_or_nothing(waived)}"
    asked = tuple((requirement.groups, requirement.count) for requirement in outcome.requirements)
    if expected.requirements is not None and set(expected.requirements) != set(asked):
        yield f"expected requirements: {_in_words(expected.requirements)}; got {_in_words(asked)}"


def _wanted(expected: Expected) -> str:
    return expected.verdict.value if expected.verdict else f"an error with {expected.error!r}"


def _because(outcome: Decision) -> str:
    return f" ({'; '.join(excess.message for excess in outcome.excesses)})" if outcome.excesses else ""


def _or_nothing(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _in_words(requirements: Iterable[tuple[tuple[str, ...], int]]) -> str:
    return "; ".join(f"{count} of {' or '.join(groups)}" for groups, count in requirements) or "nobody"
