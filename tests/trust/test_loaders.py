"""Whatever stands in a policy, a rule file, a table of facts or a scope: it is read, or refused in a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scopegate.errors import FactsError, PolicyError, ScopegateError
from scopegate.facts.load import load_facts
from scopegate.policy.codeowners import parse_code_owners
from scopegate.policy.declared import declared_in_file, declared_in_options, declared_in_text
from scopegate.policy.load import parse_policy
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.signals.rule_file import parse_rule_file
from scopegate.signals.strict_yaml import load_yaml
from trust.test_failing_closed import HEADER, POLICY, WHOLE_RULE

FULL_POLICY = f"""{POLICY}agents: {{sign_off: 1}}
owners: {{regions: {{cn-*: ['team:cn']}}}}
teams: {{cn: [ann, bob]}}
waivers: [{{limit: few, addresses: [a.b], reason: r, by: b, expires: 2027-01-01}}]
"""
SCOPE = "scope: {regions: [eu-central-1]}\n"
GLASS = "break_glass: {by: [ann], reason: fire, ticket: T-1, expires: '2027-01-01T00:00:00Z'}\n"

LOADERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "policy": (FULL_POLICY, lambda text: parse_policy(text, "p.yaml")),
    "rules": (WHOLE_RULE, lambda text: parse_rule_file(text, "r.yaml")),
    "yaml": (FULL_POLICY, lambda text: load_yaml(text, "y.yaml", FactsError)),
    "scope": (SCOPE, lambda text: declared_in_file(text, "s.yaml")),
    "description": (f"words\n```scope\n{SCOPE}```\n", lambda text: declared_in_text(text, "d")),
    "option": ("regions=eu-*", lambda text: declared_in_options((text,))),
    "break-glass": (GLASS, lambda text: parse_break_glass(text, "g.yaml")),
    "code owners": ("*.tf @ann\n/a/ @org/team\n", lambda text: parse_code_owners(text, "CODEOWNERS")),
}
PIECES = [
    "",
    "\n",
    " ",
    "\t",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "#",
    "'",
    '"',
    "&a ",
    "*a",
    "!!str ",
    "|",
    ">",
    "---\n",
    "\0",
]
PIECES += [
    "\0",
    "\ud800",
    "\ufeff",
    "\u2028",
    "null",
    "~",
    "0",
    "-1",
    "9" * 5000,
    "1e999",
    "version",
    "? ",
    "%",
    "@",
    "`",
]
PIECES += ["[" * 500, "{a: " * 500, "a" * 10_000, "\\", "=", "*", "**/", "\x1b[31m"]
EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 12), st.one_of(st.sampled_from(PIECES), st.text(max_size=3))),
    min_size=1,
    max_size=4,
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for position, length, piece in edits:
        start = position % (len(text) + 1)
        text = text[:start] + piece + text[start + length :]
    return text


@pytest.mark.parametrize("name", LOADERS)
def test_the_text_is_good_before_it_is_edited(name: str) -> None:
    text, load = LOADERS[name]
    load(text)


@pytest.mark.parametrize("name", LOADERS)
@FUZZ
@given(edits=EDITS)
@example(edits=[(0, 0, "\ud800")])
def test_edited_text_is_read_or_refused(name: str, edits: list[tuple[int, int, str]]) -> None:
    text, load = LOADERS[name]
    outcome = loaded(lambda: load(edited(text, edits)))
    assert outcome is None or (str(outcome) and (isinstance(outcome, PolicyError | FactsError) or name == "option"))


def loaded(load: Callable[[], object]) -> ScopegateError | None:
    """Return the declared error that loading ends with; anything else comes out as it is."""
    try:
        load()
    except ScopegateError as error:
        return error
    return None


@settings(FUZZ, max_examples=30)
@given(edits=EDITS)
def test_an_edited_table_is_read_or_refused(tmp_path: Path, edits: list[tuple[int, int, str]]) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(edited(f"{HEADER}123456789012,a,prod,aws,aws\n", edits).encode(errors="surrogatepass"))
    outcome = loaded(lambda: load_facts([path]))
    assert outcome is None or (isinstance(outcome, FactsError) and str(outcome))
