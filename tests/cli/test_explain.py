"""``scopegate explain`` knows what a review knows."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from scopegate.cli.main import cli

PLATFORM = Path(__file__).parents[2] / "examples" / "platform"
PLAN = PLATFORM / "pull-requests" / "1-payments-waits-longer" / "payments.plan.json"


def explained(*options: str) -> str:
    words = ["explain", str(PLAN), "aws_sqs_queue.settlements", *options]
    return CliRunner().invoke(cli, words, catch_exceptions=False).output


def environment(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("  environment"))


def test_the_facts_of_the_policy_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "production  [accounts table: platform-production]" in environment(
        explained("--policy", str(PLATFORM / ".scopegate" / "policy.yaml"))
    )
    assert "unknown: no accounts table" in environment(explained())


def test_the_policy_of_this_repository_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PLATFORM)
    assert "production" in environment(explained())
