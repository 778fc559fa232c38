"""``scopegate rules``: which signals there are, what one means, and whether one's own do what they say."""

import difflib
from typing import TYPE_CHECKING

import click

from scopegate.cli.context import knowledge_for, policy_option
from scopegate.cli.output import write_output
from scopegate.errors import UsageError

if TYPE_CHECKING:
    from scopegate.signals.rules import Rule, RuleSet


@click.group()
def rules() -> None:
    """Look into the rules that tell what a reviewer must not miss."""


@rules.command(name="list", short_help="Print every rule that holds here.")
@policy_option
def list_rules(policy: str | None) -> None:
    """Print every rule that holds here, those of the policy included: severity, category, id and title.

    \b
    Example:
      scopegate rules list --policy .scopegate/policy.yaml
    """
    listed = knowledge_for(policy).rules.rules
    width = max(len(rule.id) for rule in listed)
    lines = [f"{rule.severity.value:7}{rule.category.value:20}{rule.id:{width}}  {rule.title}\n" for rule in listed]
    write_output("".join(lines), None)


@rules.command(short_help="Print what a rule finds, and what to do.")
@click.argument("rule", metavar="ID")
@policy_option
def explain(rule: str, policy: str | None) -> None:
    """Print what the rule ID finds, why it matters, what to do, and on what it fires.

    \b
    Example:
      scopegate rules explain aws-trust-opened
    """
    from scopegate.signals.documentation import describe

    found = _with_examples(_named(rule, knowledge_for(policy).rules))
    write_output("\n".join([*describe(found), f"From {found.origin}."]) + "\n", None)


@rules.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(dir_okay=False))
def test(paths: tuple[str, ...]) -> None:
    """Run the examples of the rules in the files PATH.

    \b
    Example:
      scopegate rules test .scopegate/signals/*.yaml
    """
    from scopegate.facts.load import load_facts
    from scopegate.signals.examples import check_examples
    from scopegate.signals.rule_file import is_builtin, load_rules, read_rule_file

    load_rules(path for path in paths if not is_builtin(path))  # ids must clash neither here nor with those that ship
    own = [rule for path in paths for rule in read_rule_file(path).rules]
    check_examples(own, load_facts())
    rules_do_it = "1 rule does what its" if len(own) == 1 else f"{len(own)} rules do what their"
    write_output(f"{rules_do_it} examples say.\n", None)


def _named(name: str, known: "RuleSet") -> "Rule":
    by_id = {rule.id: rule for rule in known.rules}
    if name not in by_id:
        near = difflib.get_close_matches(name, by_id, n=1)
        hint = f" did you mean {near[0]!r}?" if near else " `scopegate rules list` prints all."
        raise UsageError(f"there is no rule {name!r}, so there is nothing to explain;{hint}")
    return by_id[name]


def _with_examples(rule: "Rule") -> "Rule":
    """Return a built-in rule with the examples that the index leaves out; another one as it is."""
    from scopegate.signals.rule_file import builtin_rules_with_examples

    if rule.examples.fires:
        return rule
    return next(written for written in builtin_rules_with_examples().rules if written.id == rule.id)
