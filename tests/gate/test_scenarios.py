"""One story each: what happens to a pull request that reaches China, and what the gate says to it.

Every story ends with the gate over HTTP, some of them in a process of its own; its verdict and its stated reason were
written down from the rules, not from what it printed. ``@scenario(exit code, what it says)``.
"""

import re
import stat
from collections.abc import Callable
from typing import Any

import pytest

from forge.fake_github import HEAD
from gate.running import AT_HOME, EVERYWHERE, POLICY, Arrange, Gate, archive

PASS, NEEDS_SIGN_OFF, BLOCKED = 0, 10, 11
PLAN, POLICY_ERROR, FORGE = 3, 4, 6
NEW_HEAD = "e" * 40
WORKFLOW = ".github/workflows/plan.yml"

STATES = {PASS: "success", NEEDS_SIGN_OFF: "pending", BLOCKED: "failure"}

SCENARIOS: dict[str, tuple[int, str, Arrange]] = {}


def scenario(code: int, says: str) -> Callable[[Arrange], Arrange]:
    def kept(arrange: Arrange) -> Arrange:
        SCENARIOS[arrange.__name__] = (code, says, arrange)
        return arrange

    return kept


# ---- what counts -----------------------------------------------------------------------------------------------------


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def nobody_has_said_anything(_: Gate) -> None: ...


@scenario(PASS, "everything beyond was signed off")
def an_owner_approves_what_was_published(gate: Gate) -> None:
    gate.published().world.reviewed("bob")


@scenario(PASS, "nothing beyond what was agreed")
def a_change_within_its_scope_needs_nobody(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}


@scenario(NEEDS_SIGN_OFF, "bob, approved aaaaaaaaaaaa, not the head eeeeeeeeeeee")
def approve_then_push(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.pull["head"]["sha"] = NEW_HEAD
    world.pushed("ada")


@scenario(NEEDS_SIGN_OFF, "bob, approved before the gate said what there is to agree to")
def a_rebase_moves_an_old_approval_onto_the_new_head(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.rebased(NEW_HEAD)


@scenario(NEEDS_SIGN_OFF, "not after this was published")
def a_rebase_moves_an_old_approval_and_the_gate_has_published_meanwhile(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.rebased(NEW_HEAD)
    world.tick(60)
    gate.published()


@scenario(NEEDS_SIGN_OFF, "not after this was published")
def approval_one_second_before_the_fingerprint(gate: Gate) -> None:
    world = gate.published().world
    published = world.statuses[HEAD][-1]["created_at"]
    before = f"{published[:17]}{int(published[17:19]) - 1:02}Z"
    world.reviewed("bob", at=before)


@scenario(NEEDS_SIGN_OFF, "not after this was published")
def approval_in_the_second_of_the_fingerprint(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob", at=world.statuses[HEAD][-1]["created_at"])


@scenario(PASS, "everything beyond was signed off")
def a_second_plan_of_the_same_meaning_keeps_the_approval(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    text = EVERYWHERE.read_text()
    again = gate.folder / "again.json"
    again.write_text(re.sub(r'"timestamp":\s*"[^"]*"', '"timestamp": "2026-11-23T00:00:00Z"', text))
    gate.plans = {"plan.json": again}


@scenario(NEEDS_SIGN_OFF, "bob, approved before the gate said what there is to agree to")
def a_wider_plan_of_the_same_head_voids_the_approval(gate: Gate) -> None:
    gate.plans = {"plan.json": EVERYWHERE.parents[1] / "kept-in-china/plan.json"}
    gate.published().world.reviewed("bob")
    gate.plans = {"plan.json": EVERYWHERE}


@scenario(NEEDS_SIGN_OFF, "bob, their review was dismissed")
def dismissed_after_approved(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")["state"] = "DISMISSED"


@scenario(NEEDS_SIGN_OFF, "bob, their review was dismissed")
def dismissed_brings_no_older_approval_back(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.reviewed("bob", "DISMISSED")


@scenario(NEEDS_SIGN_OFF, "bob, asks for changes")
def request_changes_after_approve_by_the_same_person(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.reviewed("bob", "CHANGES_REQUESTED")


@scenario(PASS, "everything beyond was signed off")
def a_comment_after_the_approval_changes_nothing(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    world.reviewed("bob", "COMMENTED")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed")
def a_comment_that_says_approved_is_none(gate: Gate) -> None:
    world = gate.published().world
    world.commented("bob", "/approve LGTM, approved!")
    world.reviewed("bob", "COMMENTED")


# ---- who cannot sign -------------------------------------------------------------------------------------------------


@scenario(NEEDS_SIGN_OFF, "ada, the author of the change")
def approver_is_the_author(gate: Gate) -> None:
    gate.world.teams["cn-owners"]["ada"] = "active"
    gate.published().world.reviewed("ada")


@scenario(NEEDS_SIGN_OFF, "bob, author or committer of cccccccccccc")
def approver_is_a_commit_author(gate: Gate) -> None:
    gate.world.commits = [gate.world.commit("bob", "ada")]
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, author or committer of cccccccccccc")
def approver_is_a_committer(gate: Gate) -> None:
    gate.world.commits = [gate.world.commit("ada", "bob")]
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, co-author of cccccccccccc")
def approver_is_a_co_author(gate: Gate) -> None:
    gate.world.commits = [gate.world.commit("ada", message="x\n\nCo-authored-by: B <2+bob@users.noreply.github.com>")]
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, pushed to this branch")
def approver_pushed_to_the_branch_under_a_forged_name(gate: Gate) -> None:
    gate.world.pushed("bob")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "helper[bot], not a person's account")
def approver_is_a_bot(gate: Gate) -> None:
    gate.world.account("helper[bot]", 9, bot=True)
    gate.world.teams["cn-owners"]["helper[bot]"] = "active"
    gate.published().world.reviewed("helper[bot]")


@scenario(NEEDS_SIGN_OFF, "github-actions[bot], not a person's account")
def approver_is_github_actions(gate: Gate) -> None:
    gate.published().world.reviewed("github-actions[bot]")


@scenario(NEEDS_SIGN_OFF, "bob, listed as the account of a program")
def approver_is_a_second_account_on_the_machine_list(gate: Gate) -> tuple[str, ...]:
    gate.published().world.reviewed("bob")
    return ("--machine", "Bob")


@scenario(NEEDS_SIGN_OFF, "bob, listed as the account of a program")
def approver_is_listed_as_a_machine_by_the_policy(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY + "machines: [Bob]\n")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def the_change_takes_a_program_off_the_list_of_machines(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY + "machines: [bob]\n")
    gate.world.file(".scopegate/policy.yaml", POLICY, ref=HEAD)
    gate.world.changed(".scopegate/policy.yaml")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, may not write to the repository")
def approver_has_triage_rights_only(gate: Gate) -> None:
    gate.world.permissions["bob"] = ("read", "triage")
    gate.published().world.reviewed("bob")


@scenario(PASS, "everything beyond was signed off")
def approver_has_a_custom_role_that_can_write(gate: Gate) -> None:
    gate.world.permissions["bob"] = ("write", "release captain")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, whether they may write to the repository cannot be read with this token")
def permission_unreadable(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.world.refused["/repos/acme/infra/collaborators"] = 403


@scenario(NEEDS_SIGN_OFF, "bob, no member of team:cn-owners")
def approver_is_an_ex_member(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    del gate.world.teams["cn-owners"]["bob"]


@scenario(NEEDS_SIGN_OFF, "bob, no member of team:cn-owners")
def approver_is_a_pending_member(gate: Gate) -> None:
    gate.world.teams["cn-owners"]["bob"] = "pending"
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "bob, cannot read team:cn-owners with this token, so nobody counts as its member")
def team_unreadable(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.world.readable_teams = False


@scenario(PASS, "everything beyond was signed off")
def a_team_that_the_policy_lists_needs_no_token(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY + "teams: {cn-owners: [bob], incident: [carol]}\n")
    gate.world.readable_teams = False
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "somebody, their account is gone")
def approver_deleted_their_account(gate: Gate) -> None:
    gate.published().world.reviewed(None)


TWO = POLICY.replace("{from: team:cn-owners}", "{all_of: [team:cn-owners, team:dns]}")


@scenario(NEEDS_SIGN_OFF, "1 of team:dns")
def two_slots_and_one_person(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", TWO)
    gate.world.teams["dns"] = {"bob": "active"}
    gate.published().world.reviewed("bob")


@scenario(PASS, "everything beyond was signed off")
def two_slots_and_two_people(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", TWO)
    gate.world.teams["dns"] = {"bob": "active"}
    gate.published().world.reviewed("bob")
    gate.world.reviewed("carol")


# ---- what is not all seen --------------------------------------------------------------------------------------------


@scenario(NEEDS_SIGN_OFF, "who had a hand in the change is not known: only 250 of 251 commits are listed")
def a_pull_request_of_251_commits(gate: Gate) -> None:
    gate.world.commits = [gate.world.commit("ada", sha=f"{n:040x}") for n in range(251)]
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "may change what the gate rests on: nobody said which files it changes")
def a_pull_request_of_3001_files(gate: Gate) -> None:
    gate.world.files = gate.world.files * 3001


@scenario(NEEDS_SIGN_OFF, "who had a hand in the change is not known: who pushed to its branch cannot be read")
def pushes_unreadable(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.world.refused["/repos/acme/infra/activity"] = 403


@scenario(FORGE, "The code host answers 403 to GET /repos/acme/infra/pulls/7/reviews")
def reviews_unreadable(gate: Gate) -> None:
    gate.world.refused["/repos/acme/infra/pulls/7/reviews"] = 403


# ---- whose change, and on what ---------------------------------------------------------------------------------------


def fork(gate: Gate, owner: str) -> None:
    gate.world.account("mallory", 66)
    repository = dict(gate.world.pull["head"]["repo"]) | {
        "full_name": f"{owner}/infra",
        "owner": gate.world.user(owner),
    }
    gate.world.pull["head"]["repo"] = repository


@scenario(PLAN, "There is no run of .github/workflows/plan.yml for the head")
def a_fork_without_a_plan(gate: Gate) -> tuple[str, ...]:
    fork(gate, "mallory")
    return ("--plan-workflow", WORKFLOW)


@scenario(NEEDS_SIGN_OFF, "bob, owns the fork that the change comes from")
def approver_owns_the_fork(gate: Gate) -> None:
    fork(gate, "bob")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def a_draft_is_judged_and_asks_nobody(gate: Gate) -> None:
    gate.world.pull["draft"] = True


@scenario(PLAN, "Pull request 7 is closed")
def a_closed_pull_request(gate: Gate) -> None:
    gate.world.pull["state"] = "closed"


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed")
def a_stranger_edits_a_marker_comment(gate: Gate) -> None:
    gate.world.commented("ada", f"<!-- scopegate:v1 -->\n## PASS\nfingerprint sha256:{'0' * 64}")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed")
def a_writer_forges_our_status(gate: Gate) -> None:
    gate.published().world.status("success", "nothing beyond scope - " + "0" * 64, who="ada")


@scenario(NEEDS_SIGN_OFF, "not the head")
def a_writer_forges_an_early_status_for_an_old_approval(gate: Gate) -> None:
    world = gate.published().world
    digest = world.last_status[1]
    world.reviewed("bob")
    world.pull["head"]["sha"] = NEW_HEAD
    world.status("pending", digest, who="ada", sha=NEW_HEAD)


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.scopegate/policy.yaml)")
def the_policy_is_edited_in_the_pull_request(gate: Gate) -> None:
    lax = "version: 1\nlimits: {a: {direct_changes: {at_most: 9999}, sign_off: 1, why: lax}}\n"
    gate.world.file(".scopegate/policy.yaml", lax, ref=HEAD)
    gate.world.changed(".scopegate/policy.yaml")


@scenario(NEEDS_SIGN_OFF, "2 files that the gate rests on (governance/accounts.csv, governance/rules-of-ours.yaml)")
def a_policy_of_another_name_and_what_it_names_are_edited(gate: Gate) -> tuple[str, ...]:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.file("governance/rules-of-ours.yaml", POLICY + "facts: [accounts.csv]\n")
    gate.world.file("governance/accounts.csv", "id,name,environment,provider,partition\n")
    gate.world.changed("governance/accounts.csv")
    gate.world.changed("governance/rules-of-ours.yaml")
    return ("--policy", "governance/rules-of-ours.yaml")


@scenario(PLAN, "It is to be merged into 'mallorys-base', and only main is judged")
def the_base_is_retargeted_to_a_branch_of_the_author(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.pull["base"]["ref"] = "mallorys-base"


@scenario(NEEDS_SIGN_OFF, "reaches the strict jurisdiction CN")
def another_target_has_another_policy_and_that_of_the_trusted_branch_holds(gate: Gate) -> tuple[str, ...]:
    lax = "version: 1\nlimits: {a: {direct_changes: {at_most: 9999}, sign_off: 1, why: lax}}\n"
    gate.world.file(".scopegate/policy.yaml", lax, ref="release")
    gate.world.pull["base"]["ref"] = "release"
    return ("--target", "release")


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.github/workflows/plan.yml)")
def a_workflow_is_edited(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(WORKFLOW)


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.github/workflows/plan.yml)")
def a_workflow_is_renamed_away(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("docs/old-plan.yml", previous=WORKFLOW)


@scenario(NEEDS_SIGN_OFF, "main2.tf touches external, which decides what the plan job runs")
def an_external_program_is_added(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("main2.tf", '@@ -0,0 +1 @@\n+data "external" "x" { program = ["sh", "forge.sh"] }')


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.terraform.lock.hcl)")
def a_provider_version_changes(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(".terraform.lock.hcl")


@scenario(
    NEEDS_SIGN_OFF, "1 file that the gate rests on (terraform.d/plugins/registry.terraform.io/hashicorp/aws/99.0.0/l"
)
def a_provider_lies_in_the_repository(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(
        "terraform.d/plugins/registry.terraform.io/hashicorp/aws/99.0.0/linux_amd64/terraform-provider-aws"
    )


@scenario(NEEDS_SIGN_OFF, "main2.tf touches aws_lambda_invocation, which decides what the plan job runs")
def a_function_is_called_by_a_block_that_is_in_no_plan(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("main2.tf", '@@ -0,0 +1 @@\n+ephemeral "aws_lambda_invocation" "x" { function_name = "wipe" }')


@scenario(NEEDS_SIGN_OFF, "main2.tf touches hostname, which decides what the plan job runs")
def the_plan_is_made_by_another_host(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("main2.tf", '@@ -0,0 +1 @@\n+terraform { cloud { hostname = "elsewhere.example" } }')


@scenario(NEEDS_SIGN_OFF, "main2.tf touches source, which decides what the plan job runs")
def a_module_comes_from_elsewhere(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("main2.tf", '@@ -1 +1 @@\n-  source = "./net"\n+  source = "git::https://elsewhere.example/net"')


@scenario(NEEDS_SIGN_OFF, "main2.tf touches provisioner, which decides what the plan job runs")
def a_provisioner_is_added(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("main2.tf", '@@ -0,0 +1 @@\n+  provisioner "local-exec" { command = "sh forge.sh" }')


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.github/CODEOWNERS)")
def code_owners_alone_are_edited(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(".github/CODEOWNERS")


@scenario(NEEDS_SIGN_OFF, "1 file that the gate rests on (.scopegate/claims/root/cn-owners.json)")
def a_claim_is_planted_in_review_mode(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(".scopegate/claims/root/cn-owners.json")


@scenario(NEEDS_SIGN_OFF, "big.tf the code host does not show what changes in it")
def a_change_is_too_large_to_be_shown(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("big.tf", None)


@scenario(PLAN, "a stale plan says nothing about it")
def the_plan_is_of_an_older_commit(_: Gate) -> tuple[str, ...]:
    return ("--commit", "d" * 40)


# ---- plans of a workflow run -----------------------------------------------------------------------------------------


def planned(gate: Gate, archived: bytes, **run: Any) -> tuple[str, ...]:
    """Let a run of the plan workflow leave an artifact behind."""
    made = {"id": 55, "head_sha": HEAD, "path": WORKFLOW, "event": "pull_request", "conclusion": "success"} | run
    gate.world.runs[55] = made
    gate.world.artifacts[55] = [{"id": 5, "name": "scopegate-plan", "size_in_bytes": len(archived), "expired": False}]
    gate.world.archives[5] = archived
    return ("--plan-workflow", WORKFLOW)


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def the_plan_of_a_run_is_judged(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"envs/prod/plan.json": EVERYWHERE.read_bytes()}))


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def the_pull_request_is_found_by_the_head_of_the_run(gate: Gate) -> tuple[str, ...]:
    gate.world.pulls_of_commit[HEAD] = [7]
    return ("--head", HEAD, *planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()})))


@scenario(PLAN, "aaaaaaaaaaaa is the head of none of the open pull requests")
def the_head_of_the_run_is_no_pull_requests(gate: Gate) -> tuple[str, ...]:
    return ("--head", HEAD, *planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()})))


@scenario(PLAN, "There is no run of .github/workflows/plan.yml for the head")
def a_plan_artifact_from_another_workflow_of_the_same_name(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), path=".github/workflows/evil.yml", name="plan")


@scenario(PLAN, "There is no run of .github/workflows/plan.yml for the head")
def a_plan_artifact_from_another_head(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), head_sha="d" * 40)


@scenario(PLAN, "There is no run of .github/workflows/plan.yml for the head")
def a_plan_artifact_from_a_push(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), event="push")


@scenario(PLAN, "ended with 'failure'")
def the_plan_job_failed(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), conclusion="failure")


@scenario(PLAN, "has not ended")
def the_plan_job_still_runs(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), conclusion=None)


@scenario(PLAN, "left no plan, so there is nothing to agree to")
def the_plan_job_left_nothing(gate: Gate) -> tuple[str, ...]:
    words = planned(gate, b"")
    gate.world.artifacts[55] = []
    return words


@scenario(PLAN, "holds something else than files named plan.json")
def an_artifact_that_climbs_out_of_its_folder(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"../../plan.json": AT_HOME.read_bytes()}))


@scenario(PLAN, "holds something else than files named plan.json")
def an_artifact_with_a_link(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": b"/etc/passwd"}, stat.S_IFLNK | 0o777))


@scenario(PLAN, "unpacks to more than 256 MiB")
def an_artifact_that_unpacks_to_a_flood(gate: Gate) -> tuple[str, ...]:
    return planned(gate, archive({"plan.json": b" " * (257 * 1024 * 1024)}))


@scenario(PLAN, "is no archive that can be read")
def an_artifact_that_is_no_archive(gate: Gate) -> tuple[str, ...]:
    return planned(gate, b"plan")


@scenario(PLAN, "is JSON but not a plan")
def a_hand_made_plan_that_is_none(gate: Gate) -> None:
    fake = gate.folder / "fake.json"
    fake.write_text('{"verdict": "pass", "fingerprint": "sha256:00"}')
    gate.plans = {"plan.json": fake}


@scenario(PLAN, "more than one plan 'plan.json'")
def one_stack_and_two_plans(_: Gate) -> tuple[str, ...]:
    return ("plan.json",)


STACKS = """
version: 1
limits:
  china:
    jurisdictions: {strict: [CN], unknown: allowed}
    sign_off: {from: team:cn-owners}
    why: China has its own owners
stacks:
  prod: {match: {paths: [envs/prod]}, owner: team:cn-owners, environment: prod}
  dev: {match: {paths: [envs/dev]}, owner: team:cn-owners, environment: dev}
"""


@scenario(BLOCKED, "stack-planned: touches files of dev, and there is no plan of that")
def two_stacks_and_one_plan_missing(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS)
    gate.plans = {"envs/prod/plan.json": AT_HOME}
    gate.world.changed("envs/prod/main.tf")
    gate.world.changed("envs/dev/main.tf")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners)")
def two_stacks_and_one_of_them_is_beyond(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS)
    gate.plans = {"envs/prod/plan.json": AT_HOME, "envs/dev/plan.json": EVERYWHERE}
    gate.world.changed("envs/prod/main.tf")
    gate.world.changed("envs/dev/main.tf")


# ---- policy, code owners, break-glass --------------------------------------------------------------------------------


@scenario(POLICY_ERROR, ".scopegate/policy.yaml:1: the policy is empty, so anything would pass")
def the_policy_is_empty(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", "")


@scenario(POLICY_ERROR, ".scopegate/other.yaml is not on main")
def the_policy_is_not_there(_: Gate) -> tuple[str, ...]:
    return ("--policy", ".scopegate/other.yaml")


@scenario(BLOCKED, "nobody can release this")
def the_policy_lets_nobody_release_it(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("sign_off: {from: team:cn-owners}", "block: true"))
    gate.published().world.reviewed("bob")


OWNED = POLICY.replace("{from: team:cn-owners}", "{codeowners-of: changed-files}")


@scenario(PASS, "everything beyond was signed off")
def a_code_owner_of_the_trusted_branch_approves(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", OWNED)
    gate.world.file(".github/CODEOWNERS", "*.tf @acme/cn-owners\n")
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:acme/cn-owners)")
def code_owners_are_edited_in_the_pull_request(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", OWNED)
    gate.world.file(".github/CODEOWNERS", "*.tf @acme/cn-owners\n")
    gate.world.file(".github/CODEOWNERS", "*.tf @ada\n", ref=HEAD)


def glass(gate: Gate, expires: str, by: str = "carol") -> None:
    text = f"break_glass: {{by: [{by}], reason: China is down, ticket: INC-1, expires: '{expires}'}}\n"
    gate.world.file(".scopegate/break-glass.yaml", text, ref=HEAD)
    gate.world.changed(".scopegate/break-glass.yaml")


NOW = ("--now", "2026-11-22T13:00:00Z")


@scenario(PASS, "BY BREAK-GLASS")
def break_glass_used(gate: Gate) -> tuple[str, ...]:
    glass(gate, "2026-11-22T20:00:00Z")
    gate.here(*NOW)
    gate.world.reviewed("carol")
    return NOW


@scenario(NEEDS_SIGN_OFF, "nobody it names has signed off yet")
def break_glass_asked_for_by_a_file_alone(gate: Gate) -> tuple[str, ...]:
    glass(gate, "2026-11-22T20:00:00Z")
    return NOW


@scenario(POLICY_ERROR, "The glass stays whole: it expired at 2026-11-22T12:30:00+00:00")
def break_glass_expired(gate: Gate) -> tuple[str, ...]:
    glass(gate, "2026-11-22T12:30:00Z")
    gate.here(*NOW)
    gate.world.reviewed("carol")
    return NOW


@scenario(POLICY_ERROR, "The glass stays whole: it takes 1 of team:incident")
def break_glass_by_somebody_of_another_team(gate: Gate) -> tuple[str, ...]:
    glass(gate, "2026-11-22T20:00:00Z", by="bob")
    gate.here(*NOW)
    gate.world.reviewed("bob")
    return NOW


def left_behind(gate: Gate, expires: str) -> None:
    """The file of an earlier change, merged with it; this one does not touch it."""
    glass(gate, expires)
    del gate.world.files[-1]
    gate.here(*NOW)
    gate.world.reviewed("carol")


@scenario(NEEDS_SIGN_OFF, "1 of 2 signed (team:cn-owners)")
def break_glass_of_an_earlier_change(gate: Gate) -> tuple[str, ...]:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("from: team:cn-owners", "from: team:cn-owners, count: 2"))
    left_behind(gate, "2026-11-22T20:00:00Z")
    return NOW


@scenario(PASS, "everything beyond was signed off")
def an_expired_break_glass_of_an_earlier_change_is_in_nobodys_way(gate: Gate) -> tuple[str, ...]:
    left_behind(gate, "2026-11-21T20:00:00Z")
    return NOW


# ---- agents ----------------------------------------------------------------------------------------------------------


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (team:cn-owners); 0 of 1 signed (anyone eligible)")
def an_agent_by_its_bot_account_needs_one_human_more(gate: Gate) -> None:
    gate.world.account("copilot-swe-agent[bot]", 8, bot=True)
    gate.world.pull["user"] = gate.world.user("copilot-swe-agent[bot]")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (anyone eligible)")
def an_agent_by_its_trailer_needs_one_human_more(gate: Gate) -> None:
    message = "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    gate.world.commits = [gate.world.commit("ada", message=message)]
    gate.published().world.reviewed("bob")


@scenario(PASS, "everything beyond was signed off")
def an_agents_change_with_two_humans(gate: Gate) -> None:
    message = "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    gate.world.commits = [gate.world.commit("ada", message=message)]
    gate.published().world.reviewed("bob")
    gate.world.reviewed("carol")


@scenario(NEEDS_SIGN_OFF, "bob, the AI agent worked for them")
def the_agents_operator_approves(gate: Gate) -> None:
    gate.world.account("devin-ai-integration[bot]", 8, bot=True)
    gate.world.pull["user"] = gate.world.user("devin-ai-integration[bot]")
    gate.world.pull["assignees"] = [gate.world.user("bob")]
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (anyone eligible)")
def an_author_of_whom_nothing_is_known_counts_as_an_agent_where_the_policy_says_so(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY + "agents: {include_unknown: true}\n")
    gate.published().world.reviewed("bob")


@scenario(PASS, "everything beyond was signed off")
def an_author_of_whom_nothing_is_known_is_no_agent_otherwise(gate: Gate) -> None:
    gate.published().world.reviewed("bob")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (anyone eligible)")
def an_agent_by_the_callers_word(gate: Gate) -> tuple[str, ...]:
    gate.here("--author-kind", "agent")
    gate.world.reviewed("bob")
    return ("--author-kind", "agent")


@scenario(NEEDS_SIGN_OFF, "0 of 1 signed (anyone eligible)")
def the_callers_word_makes_no_human_of_an_agent(gate: Gate) -> tuple[str, ...]:
    gate.world.pull["head"]["ref"] = "codex/more-regions"
    gate.published().world.reviewed("bob")
    return ("--author-kind", "human")


@scenario(NEEDS_SIGN_OFF, "declared-regions: you said eu-central-1; this also reaches cn-north-1, us-east-1")
def the_author_declares_less_than_the_plan_reaches(gate: Gate) -> None:
    gate.world.pull["body"] = "More regions.\r\n\r\nscope:\r\n  regions: [eu-central-1]\r\n"


# ---- time, floods, failing hosts -------------------------------------------------------------------------------------


@scenario(FORGE, "has 900 statuses 'scopegate' or more")
def a_flood_of_statuses(gate: Gate) -> None:
    world = gate.published().world
    world.reviewed("bob")
    for _ in range(900):
        world.status("pending", "flood", who="ada")


@scenario(PASS, "A newer run has judged this head already, so nothing was written")
def an_older_run_ends_after_a_newer_one(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.world.statuses[HEAD][-1]["target_url"] = "https://github.example/acme/infra/actions/runs/999999"


@scenario(PLAN, "The head moved from aaaaaaaaaaaa to eeeeeeeeeeee while this was judged")
def the_head_moves_while_the_gate_judges(gate: Gate) -> None:
    def push(_method: str, path: str) -> None:
        if path.endswith("/reviews"):
            gate.world.pull["head"]["sha"] = NEW_HEAD

    gate.world.before_answer = push


@scenario(FORGE, "but we took ourselves for")
def the_token_is_of_another_account(gate: Gate) -> tuple[str, ...]:
    gate.world.account("gate[bot]", 77, bot=True)
    gate.world.viewer = "gate[bot]"
    return ("--identity", "github-actions[bot]")


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, gate: Gate) -> None:
    code, says, arrange = SCENARIOS[name]
    more = arrange(gate) or ()
    done = gate.process(*more) if arrange in IN_A_PROCESS else gate.here(*more)
    assert done.code == code, done.said
    assert says in done.said
    ours = [s["state"] for s in gate.world.statuses.get(gate.world.pull["head"]["sha"], []) if is_ours(s, gate)]
    if "nothing was written" not in says:
        assert ours[-1:] == ([STATES[code]] if code in STATES else ours[-1:])
        assert code == PASS or "success" not in ours


IN_A_PROCESS = (
    nobody_has_said_anything,
    an_owner_approves_what_was_published,
    a_rebase_moves_an_old_approval_onto_the_new_head,
    reviews_unreadable,
    the_plan_of_a_run_is_judged,
    an_artifact_with_a_link,
    the_policy_lets_nobody_release_it,
    break_glass_used,
    the_policy_is_empty,
)


def is_ours(status: dict[str, Any], gate: Gate) -> bool:
    return bool(status["creator"]["login"] == gate.world.viewer)
