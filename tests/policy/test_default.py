"""The policy that holds where there is none."""

from importlib.resources import files

from msgspec.structs import replace

from scopegate.facts.load import load_facts
from scopegate.policy.default import default_policy
from scopegate.policy.load import parse_policy


def test_the_default_policy_says_the_same_in_both_languages() -> None:
    text = files("scopegate_rules").joinpath("policies", "default.yaml").read_text(encoding="utf-8")
    written = parse_policy(text, "default")
    assert replace(written, origins={}) == default_policy(load_facts())
