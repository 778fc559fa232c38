"""A merge group is as green as the pull requests in it."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from forge.fake_github import HEAD, NOON, Answer, World
from forge.openapi import Json, example
from gate.running import AT_HOME, EVERYWHERE, FIXTURES, POLICY, Gate, archive, kept
from gate.test_scenarios import WORKFLOW
from scopegate.analyze import Analysis, Options, Planned, analyze_together, knowledge_of
from scopegate.forge.github import GitHub, connect
from scopegate.forge.merge_queue import Member, files_of, unsigned_in, verdict_on
from scopegate.forge.model import State, Status
from scopegate.forge.published import document_of, published_of
from scopegate.policy.model import Context
from together import stacks

GROUP, GROUP_BASE = "9" * 40, "8" * 40
BRANCH = f"refs/heads/gh-readonly-queue/main/pr-7-{GROUP_BASE}"
SIGNED = "everything beyond was signed off - " + "1" * 64


def judged(gate: Gate, branch: str = BRANCH, *more: str, base: str = GROUP_BASE) -> tuple[int, str, str]:
    words = ["scopegate", "gate", "--merge-group", GROUP, base, branch, "--identity", gate.world.viewer, *more]
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


def test_a_group_without_a_verdict_says_so_on_its_commit(gate: Gate) -> None:
    assert judged(gate, "refs/heads/main")[1] == "error"


def test_a_crash_is_said_on_the_commit_of_the_group(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyError("hunter2-secret")

    monkeypatch.setattr("scopegate.forge.merge_queue.members_of", crash)
    code, state, description = judged(gate)
    assert (code, state) == (1, "error")
    assert description.startswith("no verdict: crashed with KeyError at test_merge_queue.py:")


def test_without_a_base_the_branch_it_is_merged_into_is_taken(gate: Gate) -> None:
    gate.world.status("success", SIGNED)
    sha = another(gate, 8)
    gate.world.compared[f"main...{GROUP}"] = ["More regions (#8)"]
    assert judged(gate, base="") == (10, "failure", "not signed off: #8")
    gate.world.status("success", SIGNED, sha=sha)
    assert judged(gate, base="")[0] == 0


def test_what_is_wider_is_said_once_and_how_much_more_there_is() -> None:
    member = Member(7, Status(State.SUCCESS, SIGNED, NOON))
    assert verdict_on([member], ["a"]) == (State.FAILURE, "wider than #7 together: a")
    assert verdict_on([member], ["a", "b", "c"]) == (State.FAILURE, "wider than #7 together: a and 2 more")


@pytest.mark.parametrize(("whole", "code"), [(1, 0), (2, 3)])
def test_a_group_whose_commits_are_not_all_listed_is_refused(gate: Gate, whole: int, code: int) -> None:
    gate.world.status("success", SIGNED)
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["Mine (#7)"]
    list_commits = World._get_repos_compare_commits_with_basehead

    def cut(world: World, values: Json, query: Json, body: Any) -> Answer:
        said = list_commits(world, values, query, body)
        return Answer(200, said.body | {"total_commits": whole})

    gate.patch.setattr(World, "_get_repos_compare_commits_with_basehead", cut)
    found, _, said = judged(gate)
    assert (found, "The merge group has 2 commits, more than are listed" in said) == (code, code == 3)


def test_the_files_of_a_group_are_those_of_all_its_pull_requests_or_are_not_known(gate: Gate) -> None:
    identity = gate.world.viewer
    host = connect(gate.world.url, "test-token", "acme/infra", 7, identity=identity, context="scopegate", run_url="")
    members = [Member(number, None) for number in (7, 8)]
    sha, pull = another(gate, 8), gate.world.other_pulls[8]
    compared = f"{pull['base']['ref']}...{sha}"
    gate.world.files_of[compared] = [gate.world.files[0] | {"filename": "dns.tf"}]
    assert files_of(host, members) == ("main.tf", "dns.tf")
    gate.world.files_of[compared] = []
    pull["changed_files"] = 2
    assert files_of(host, members) is None


# ---- the group's own plan, held against what was signed --------------------------------------------------------------

CN = FIXTURES / "kiro/kept-in-china/plan.json"


def signed(gate: Gate, plan: Path = EVERYWHERE) -> None:
    """Let pull request 7 be signed off as its workflow does it, with the scopes kept."""
    gate.plans = {"plan.json": plan}
    kept(gate)
    gate.world.reviewed("bob")
    assert kept(gate).code == 0


def planned(gate: Gate, plan: Path, **run: object) -> tuple[str, str]:
    """Let the plan workflow leave a plan of the group behind."""
    return planned_all(gate, {"plan.json": plan}, **run)


def planned_all(gate: Gate, plans: dict[str, Path], **run: object) -> tuple[str, str]:
    data = archive({name: plan.read_bytes() for name, plan in plans.items()})
    made = {"id": 900, "head_sha": GROUP, "path": WORKFLOW, "event": "merge_group", "conclusion": "success"} | run
    gate.world.runs[900] = made
    gate.world.artifacts[900] = [{"id": 9, "name": "scopegate-plan", "size_in_bytes": len(data), "expired": False}]
    gate.world.archives[9] = data
    return "--plan-workflow", WORKFLOW


def test_a_group_whose_plan_is_what_was_signed_is_green(gate: Gate) -> None:
    signed(gate)
    assert judged(gate, BRANCH, *planned(gate, EVERYWHERE)) == (0, "success", "signed off: #7")
    assert judged(gate, BRANCH, *planned(gate, CN))[0] == 0


def test_a_group_whose_plan_is_wider_than_what_was_signed_is_red(gate: Gate) -> None:
    signed(gate, CN)
    code, state, description = judged(gate, BRANCH, *planned(gate, EVERYWHERE))
    assert (code, state) == (10, "failure")
    assert description.startswith("wider than #7 together: plan.json: affected in aws eu-central-1 123456789012 AWS")


@pytest.fixture
def both(gate: Gate) -> Path:
    """The plan of two changes at once: that of China, and that of Frankfurt."""
    plan = json.loads(CN.read_text())
    at_home = {c["address"]: c for c in json.loads(AT_HOME.read_text())["resource_changes"]}
    changes = plan["resource_changes"]
    plan["resource_changes"] = [c if c["change"]["actions"] != ["no-op"] else at_home[c["address"]] for c in changes]
    assert sum(c["change"]["actions"] == ["update"] for c in plan["resource_changes"]) == 2
    path = gate.folder / "both.json"
    path.write_text(json.dumps(plan))
    return path


def two(gate: Gate) -> None:
    """Pull request 7 changes China and is signed off, pull request 8 changes Frankfurt and needs nobody."""
    signed(gate, CN)
    first, gate.world.statuses = gate.world.statuses, {}
    gate.plans = {"plan.json": AT_HOME}
    kept(gate)
    gate.world.statuses = first | {another(gate, 8): gate.world.statuses[HEAD]}
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["More regions (#8)"]


def test_a_group_is_held_against_what_all_its_pull_requests_signed(gate: Gate, both: Path) -> None:
    two(gate)
    assert judged(gate, BRANCH, *planned(gate, both)) == (0, "success", "signed off: #7, #8")
    gate.world.compared.clear()
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = []
    assert "wider than #7 together: plan.json: " in judged(gate, BRANCH, *planned(gate, both))[2]


def test_two_changes_that_are_each_within_the_scope_need_not_be_together(gate: Gate, both: Path) -> None:
    one = "version: 1\nlimits: {one: {spread: {of: regions, at_most: 1}, sign_off: 2, why: one after the other}}\n"
    gate.world.file(".scopegate/policy.yaml", one)
    gate.plans = {"plan.json": CN}
    assert kept(gate).code == 0
    first, gate.world.statuses = gate.world.statuses, {}
    gate.plans = {"plan.json": AT_HOME}
    assert kept(gate).code == 0
    gate.world.statuses = first | {another(gate, 8): gate.world.statuses[HEAD]}
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["More regions (#8)"]
    code, state, description = judged(gate, BRANCH, *planned(gate, both))
    assert (code, state, description) == (
        10,
        "failure",
        "wider than #7, #8 together: plan.json: goes beyond one: cn-north-1 and 1 more",
    )


def test_a_policy_that_changed_since_is_signed_by_nobody(gate: Gate) -> None:
    signed(gate)
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("from: team:cn-owners", "from: team:lawyers"))
    code, state, said = judged(gate, BRANCH, *planned(gate, EVERYWHERE))
    assert (code, state, "The policy has changed since #7 was judged" in said) == (3, "error", True)


def test_what_nobody_kept_was_signed_by_nobody(gate: Gate) -> None:
    gate.world.status("success", SIGNED)
    code, state, said = judged(gate, BRANCH, *planned(gate, EVERYWHERE))
    assert (code, state, "What #7 published is not kept any more" in said) == (3, "error", True)


@pytest.mark.parametrize("run", [{"event": "pull_request"}, {"head_sha": HEAD}, {"path": ".github/workflows/evil.yml"}])
def test_a_plan_of_something_else_is_none_of_the_group(gate: Gate, run: dict[str, object]) -> None:
    signed(gate)
    code, state, said = judged(gate, BRANCH, *planned(gate, AT_HOME, **run))
    assert (code, state, "There is no run of" in said) == (3, "error", True)


def test_a_group_under_a_policy_that_asks_code_owners(gate: Gate) -> None:
    gate.world.file(
        ".scopegate/policy.yaml", POLICY.replace("{from: team:cn-owners}", "{codeowners-of: changed-files}")
    )
    gate.world.file(".github/CODEOWNERS", "*.tf @acme/cn-owners\n")
    signed(gate)
    assert judged(gate, BRANCH, *planned(gate, EVERYWHERE)) == (0, "success", "signed off: #7")


STACKS = """
version: 1
limits:
  all: {spread: {of: regions, at_most: 1}, sign_off: 2, why: one after the other}
stacks:
  prod:
    match: {paths: [envs/prod]}
    owner: team:cn-owners
    limits: {few: {direct_changes: {at_most: 0}, sign_off: 1, why: w}}
  dev:
    match: {paths: [envs/dev]}
    owner: team:cn-owners
    limits: {few: {direct_changes: {at_most: 0}, sign_off: 1, why: w}}
"""


def of_one_stack(gate: Gate, stack: str, plan: Path) -> None:
    gate.world.files.clear()
    gate.world.changed(f"envs/{stack}/main.tf")
    gate.plans = {f"envs/{stack}/plan.json": plan}
    kept(gate)
    gate.world.reviewed("bob")
    assert kept(gate).code == 0


def test_changes_of_two_stacks_are_held_against_each_stacks_own_and_both_against_what_holds_for_all(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS.replace("at_most: 1", "at_most: 2"))
    of_one_stack(gate, "prod", CN)
    first, gate.world.statuses, gate.world.reviews = gate.world.statuses, {}, []
    of_one_stack(gate, "dev", AT_HOME)
    gate.world.statuses = first | {another(gate, 8): gate.world.statuses[HEAD]}
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["More regions (#8)"]
    gate.world.changed("envs/prod/main.tf")
    whole = {"envs/prod/plan.json": CN, "envs/dev/plan.json": AT_HOME}
    assert judged(gate, BRANCH, *planned_all(gate, whole)) == (0, "success", "signed off: #7, #8")
    swapped = {"envs/prod/plan.json": AT_HOME, "envs/dev/plan.json": CN}
    _, _, description = judged(gate, BRANCH, *planned_all(gate, swapped))
    assert "together: envs/prod/plan.json: affected in aws eu-central-1" in description


def test_two_stacks_that_are_each_within_the_scope_need_not_be_together(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS)
    of_one_stack(gate, "prod", CN)
    first, gate.world.statuses, gate.world.reviews = gate.world.statuses, {}, []
    of_one_stack(gate, "dev", AT_HOME)
    gate.world.statuses = first | {another(gate, 8): gate.world.statuses[HEAD]}
    gate.world.compared[f"{GROUP_BASE}...{GROUP}"] = ["More regions (#8)"]
    gate.world.changed("envs/prod/main.tf")
    code, _, description = judged(
        gate, BRANCH, *planned_all(gate, {"envs/prod/plan.json": CN, "envs/dev/plan.json": AT_HOME})
    )
    assert (code, description) == (10, "wider than #7, #8 together: goes beyond all: cn-north-1 and 1 more")


SAME_NAME = """
version: 1
defaults: {limits: {few: {direct_changes: {at_most: 0}, sign_off: 1, why: w}}}
stacks:
  a: {match: {paths: [a]}, owner: team:t, inherits: defaults}
  b: {match: {paths: [b]}, owner: team:t, inherits: defaults}
  c: {match: {paths: [c]}, owner: team:t, limits: {few: {direct_changes: {at_most: 0}, sign_off: 2, why: its own}}}
"""


class Kept:
    """A code host that keeps what was published of some changes, in the order of their pull requests from 1."""

    def __init__(self, folder: Path, *changes: tuple[Planned, ...]) -> None:
        file = folder / "policy.yaml"
        file.write_text(SAME_NAME, encoding="utf-8")
        self.knowledge = knowledge_of(str(file))
        published = [published_of(self.judged(*plans), self.knowledge.policy) for plans in changes]
        self.documents = {found.scope.fingerprint: document_of(found) for found in published}
        self.members = [
            Member(number, Status(State.SUCCESS, f"signed - {fingerprint.removeprefix('sha256:')}", NOON))
            for number, fingerprint in enumerate(self.documents, 1)
        ]

    def judged(self, *plans: Planned) -> Analysis:
        return analyze_together(plans, self.knowledge, Options(Context()))

    def kept(self, status: Status) -> bytes:
        return self.documents[status.fingerprint]

    def unsigned_in(self, *plans: Planned) -> tuple[str, ...]:
        return unsigned_in(cast("GitHub", self), self.members, self.judged(*plans), self.knowledge.policy)


def of(stack: str, *names: str) -> Planned:
    changes = (stacks.queue(name, "eu-central-1", address=f"aws_sqs_queue.{name}") for name in names)
    return stacks.planned(f"{stack}/plan.json", *changes)


def test_a_stacks_own_limit_is_held_against_it_also_where_one_of_its_name_is_for_several(tmp_path: Path) -> None:
    host = Kept(tmp_path, (of("a", "x"), of("b", "x"), of("c", "x")))
    assert host.unsigned_in(of("a", "x"), of("b", "x"), of("c", "x")) == ()
    (unsigned,) = host.unsigned_in(of("a", "x"), of("b", "x"), of("c", "x", "y"))
    assert unsigned.startswith("c/plan.json: ")
    assert "few" in unsigned


def test_what_two_signed_of_a_limit_on_several_plans_is_added_up_and_asked_of_neither_alone(tmp_path: Path) -> None:
    host = Kept(tmp_path, (of("a", "x"),), (of("b", "x"),))
    assert host.unsigned_in(of("a", "x"), of("b", "x")) == ()
    (unsigned,) = host.unsigned_in(of("a", "x", "y"), of("b", "x"))
    assert "few" in unsigned
    assert "plan.json" not in unsigned


def test_in_actions_no_line_of_the_log_of_a_group_can_be_a_command(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    signed(gate, CN)
    words = planned_all(gate, {"::error::x/plan.json": EVERYWHERE})
    done = gate.run(
        ["scopegate", "gate", "--merge-group", GROUP, GROUP_BASE, BRANCH, "--identity", gate.world.viewer, *words],
        gate.folder,
    )
    assert "::error::x/plan.json" in done.said
    assert all(line.startswith("| ") for line in done.stdout.splitlines())
