"""A merge group is as green as the pull requests in it."""

import pytest

from forge.fake_github import HEAD
from forge.openapi import example
from gate.running import Gate

GROUP, GROUP_BASE = "9" * 40, "8" * 40
BRANCH = f"refs/heads/gh-readonly-queue/main/pr-7-{GROUP_BASE}"
SIGNED = "everything beyond was signed off - " + "1" * 64


def judged(gate: Gate, branch: str = BRANCH) -> tuple[int, str, str]:
    words = ["scopegate", "gate", "--merge-group", GROUP, GROUP_BASE, branch, "--identity", gate.world.viewer]
    done = gate.run(words, gate.folder)
    written = gate.world.statuses.get(GROUP, [{"state": "", "description": done.said}])[-1]
    return done.code, written["state"], written["description"]


def another(gate: Gate, number: int) -> str:
    sha = f"{number:040d}"
    pull = example("pull-request") | {"number": number, "state": "open", "requested_teams": []}
    pull["head"] |= {"sha": sha}
    gate.world.other_pulls[number] = pull
    return sha


def test_a_group_of_one_signed_pull_request_is_green(gate: Gate) -> None:
    gate.world.status("success", SIGNED)
    assert judged(gate) == (0, "success", "signed off: #7")


def test_a_group_of_two_is_red_while_one_of_them_is(gate: Gate) -> None:
    gate.world.status("success", SIGNED)
    sha = another(gate, 8)
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["More regions (#8)", "Mine (#7)"]
    assert judged(gate) == (10, "failure", "not signed off: #8")
    gate.world.status("success", SIGNED, sha=sha)
    assert judged(gate) == (0, "success", "signed off: #7, #8")


def test_a_pull_request_is_found_by_its_commits_as_well(gate: Gate) -> None:
    gate.world.status("success", SIGNED)
    another(gate, 9)
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["no number here"]
    gate.world.pulls_of_commit[f"{0:040x}"] = [9]
    assert judged(gate) == (10, "failure", "not signed off: #9")


@pytest.mark.parametrize("state", ["pending", "failure", "error"])
def test_only_success_is_green(gate: Gate, state: str) -> None:
    gate.world.status(state, SIGNED)
    assert judged(gate)[:2] == (10, "failure")


def test_a_pull_request_that_nobody_judged_is_red(gate: Gate) -> None:
    gate.world.status("success", SIGNED, who="ada", sha=HEAD)
    assert judged(gate)[:2] == (10, "failure")


def test_a_group_without_a_known_pull_request_is_refused(gate: Gate) -> None:
    code, _, said = judged(gate, "refs/heads/main")
    assert (code, "It cannot be told which pull requests are in" in said) == (3, True)
