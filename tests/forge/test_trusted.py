"""What is read from the trusted branch: the policy, what it names, and who owns which file."""

from collections.abc import Mapping
from posixpath import normpath
from typing import cast

import pytest

from scopegate.errors import PolicyError
from scopegate.forge.port import Forge
from scopegate.forge.trusted import asks_code_owners, code_owners_at, knowledge_at
from scopegate.policy.load import parse_policy
from scopegate.policy.model import CodeOwnersRule

POLICY = "version: 1\nlimits: {few: {direct_changes: {at_most: 1}, sign_off: 1, why: w}}\n"
RULES = """rules:
  - id: own
    title: t
    category: network
    severity: high
    types: ['aws_*']
    actions: [update]
    message: m
    why: w
    do: d
    when: [{became: {path: [x], to: [false]}}]
    examples:
      fires: [{says: s, type: aws_a, before: {x: true}, after: {x: false}}]
      quiet: [{says: s, type: aws_a, before: {x: false}, after: {x: true}}]
"""


class Branch:
    """A code host with the files of one branch, which follows `..` as a file system does."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def file_at(self, path: str, ref: str) -> bytes | None:
        """Return a file of the branch ``main``."""
        assert ref == "main"
        path = normpath(path)
        return self.files[path].encode() if path in self.files else None


def branch(**files: str) -> Forge:
    return cast(Forge, Branch({name.replace("__", "/").replace("_", "."): text for name, text in files.items()}))


def test_a_policy_that_must_be_there_and_is_not_is_an_error() -> None:
    with pytest.raises(PolicyError, match=r"p\.yaml is not on main, so nobody knows what was agreed"):
        knowledge_at(branch(), "p.yaml", "main", must_exist=True)


def test_the_policy_of_the_trusted_branch_is_taken_or_else_the_default() -> None:
    own = knowledge_at(branch(p_yaml=POLICY), "p.yaml", "main", must_exist=True).policy
    assert [limit.terms.name for limit in own.limits] == ["few"]
    default = knowledge_at(branch(), "p.yaml", "main", must_exist=False).policy
    assert "one-region" in [limit.terms.name for limit in default.limits]


@pytest.mark.parametrize("name", ["missing.yaml", "../elsewhere.yaml", "/etc/elsewhere.yaml"])
def test_rules_that_are_not_beside_the_policy_are_an_error(name: str) -> None:
    files = {"a__p_yaml": f"{POLICY}rules: [{name}]\n", "elsewhere_yaml": RULES, "__etc__elsewhere_yaml": RULES}
    with pytest.raises(PolicyError, match="is not on main beside the policy"):
        knowledge_at(branch(**files), "a/p.yaml", "main", must_exist=True)


def test_the_first_file_of_code_owners_counts() -> None:
    found = code_owners_at(branch(CODEOWNERS="* @ann\n", docs__CODEOWNERS="* @bob\n"), "main")
    assert found == (CodeOwnersRule("*", ("user:ann",)),)
    assert code_owners_at(branch(), "main") is None


LIMIT = "{regions: {allow: [a]}, why: w, sign_off: %s}"


@pytest.mark.parametrize(
    ("sign_off", "asks"),
    [
        ("1", False),
        ("{codeowners-of: changed-files}", True),
        ("{any_of: [team:a, {all_of: [team:b, {codeowners-of: resources}]}]}", True),
        ("{any_of: [team:a, team:b]}", False),
    ],
)
@pytest.mark.parametrize(
    "where",
    [
        "limits: {x: %s}",
        "defaults: {limits: {x: %s}}",
        "agents: {limits: {x: %s}}\nlimits: {y: {regions: {allow: [a]}, why: w, block: true}}",
        "stacks: {s: {match: {paths: [a]}, owner: team:s, limits: {x: %s}}}",
    ],
)
def test_a_policy_that_asks_code_owners_anywhere_is_known(where: str, sign_off: str, asks: bool) -> None:
    document = parse_policy(f"version: 1\n{where % (LIMIT % sign_off)}\n", "p.yaml")
    assert asks_code_owners(document) is asks


def test_the_rules_that_a_policy_names_hold_beside_those_that_come_along() -> None:
    forge = branch(a__p_yaml=f"{POLICY}rules: [own.yaml]\n", a__own_yaml=RULES)
    named = {rule.id for rule in knowledge_at(forge, "a/p.yaml", "main", must_exist=True).rules.rules}
    default = {rule.id for rule in knowledge_at(branch(), "p.yaml", "main", must_exist=False).rules.rules}
    assert named - default == {"own"}
    assert default <= named
