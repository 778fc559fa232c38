"""What a hostile author tries beside the stories of test_scenarios: races, doubles, edges of lists, failing hosts.

Each test names what opened, or would have opened, the gate.
"""

from collections.abc import Callable

import pytest

from forge.fake_github import HEAD, Answer
from forge.openapi import example
from gate.running import AT_HOME, EVERYWHERE, POLICY, Gate, archive, kept
from gate.test_doctor import SOURCE
from gate.test_scenarios import planned
from scopegate.forge import github

NEW_HEAD = "e" * 40


def in_between(gate: Gate, path: str, act: Callable[[], None]) -> None:
    """Let the attacker act once, right before the host answers a request whose path ends so."""
    done: list[str] = []

    def acting(method: str, asked: str) -> None:
        if asked.endswith(path) and not done:
            done.append(method)
            act()

    gate.world.before_answer = acting


def test_a_head_that_moves_and_comes_back_is_not_judged(gate: Gate) -> None:
    """Commits and files were read while a harmless head stood there; the co-author of the true one went unseen."""

    def push_and_take_back() -> None:
        gate.world.pushed("ada", "force_push")
        gate.world.pushed("ada", "force_push")

    gate.published().world.reviewed("bob")
    in_between(gate, "/commits", push_and_take_back)
    done = gate.here()
    assert (done.code, "Its branch was pushed to" in done.said) == (3, True)
    assert gate.world.last_status[0] == "error"


def test_a_run_that_fails_late_says_nothing_over_the_verdict_on_a_newer_head(gate: Gate) -> None:
    """The runs of two heads wait for each other nowhere; only their statuses lie apart."""
    said = gate.published().world.comments[0]["body"]
    in_between(gate, "/commits", lambda: gate.world.pull["head"].update(sha=NEW_HEAD))
    gate.world.refused["/repos/acme/infra/pulls/7/reviews"] = 403
    assert gate.here().code == 6
    assert (gate.world.statuses[HEAD][-1]["state"], gate.world.comments[0]["body"]) == ("error", said)


def test_files_are_those_of_the_head_and_base_that_are_judged(gate: Gate) -> None:
    """The list of a pull request is that of the moment, and its author can retarget it for just that moment."""
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(".scopegate/policy.yaml")
    whole = gate.world.files
    gate.world.files_of[f"main...{HEAD}"] = whole

    def hide() -> None:
        gate.world.files = []

    in_between(gate, "/pulls/7/files", hide)
    done = gate.here()
    assert (done.code, "1 file that the gate rests on" in done.said) == (10, True)
    assert not any(path.endswith("/files") for _, path, _ in gate.world.log)


def test_a_second_pull_request_of_the_same_head_does_not_freeze_an_old_pass(gate: Gate) -> None:
    """The gate could not tell which of the two was meant and said nothing, so a pass outlived its dismissal."""
    words = ("--head", HEAD, *planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()})))
    gate.world.pulls_of_commit[HEAD] = [7]
    gate.here(*words)
    gate.world.reviewed("bob")
    assert gate.here(*words).code == 0
    gate.world.reviewed("bob", "CHANGES_REQUESTED")
    gate.world.other_pulls[8] = gate.world.pull | {"number": 8, "commits": 1, "changed_files": 1}
    gate.world.pulls_of_commit[HEAD] = [7, 8]
    done = gate.here(*words)
    assert (done.code, "is the head of 7, 8" in done.said) == (3, True)
    assert gate.world.last_status[0] == "error"


def dispatched(gate: Gate, who: str) -> tuple[str, ...]:
    """A narrow plan by a run that somebody started by hand, newer than the one of the pull request."""
    words = planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()}))
    data = archive({"plan.json": AT_HOME.read_bytes()})
    starter = gate.world.user(who)
    run = {"id": 56, "event": "workflow_dispatch", "actor": starter, "triggering_actor": starter}
    gate.world.runs[56] = gate.world.runs[55] | run
    gate.world.artifacts[56] = [{"id": 6, "name": "scopegate-plan", "size_in_bytes": len(data), "expired": False}]
    gate.world.archives[6] = data
    return words


def test_the_author_cannot_start_a_narrower_plan_by_hand(gate: Gate) -> None:
    """Who starts a workflow chooses its inputs; the newest run was taken whoever had started it."""
    assert gate.here(*dispatched(gate, "ada")).code == 10


@pytest.mark.parametrize("who", ["github-actions[bot]", "acme-ci"])
def test_a_program_cannot_start_a_narrower_plan_by_hand(gate: Gate, who: str) -> None:
    """A workflow on any branch can start another, with the token of Actions or with a secret of the repository."""
    gate.world.account("acme-ci", 55)
    gate.world.file(".scopegate/policy.yaml", POLICY + "machines: [Acme-CI]\n")
    assert gate.here(*dispatched(gate, who)).code == 10


def test_a_maintainer_can_start_a_plan_by_hand(gate: Gate) -> None:
    assert gate.here(*dispatched(gate, "carol")).code == 0


def test_a_flood_of_reviews_does_not_crowd_the_plan_out(gate: Gate) -> None:
    words = planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()}))
    for number in range(200, 320):
        gate.world.runs[number] = gate.world.runs[55] | {
            "id": number,
            "path": ".github/workflows/review-pulse.yml",
            "event": "pull_request_review",
        }
    assert gate.here(*words).code == 10


def test_a_plan_that_has_expired_is_missing_and_not_left_out(gate: Gate) -> None:
    words = planned(gate, archive({"envs/dev/plan.json": AT_HOME.read_bytes()}))
    gate.world.artifacts[55].append({"id": 6, "name": "scopegate-plan-2", "size_in_bytes": 1, "expired": True})
    done = gate.here(*words)
    assert (done.code, "have expired, so not all are there" in done.said) == (3, True)


def test_a_commit_of_a_merge_group_that_is_of_no_known_pull_request_is_not_signed_off(gate: Gate) -> None:
    """A queue that rebases makes commits without a number; the pull request they were of was not looked at."""
    gate.world.status("success", "everything beyond was signed off - " + "1" * 64)
    gate.world.compared[f"{'8' * 40}...{'9' * 40}"] = ["Sneak in", "Mine (#7)"]
    branch = f"refs/heads/gh-readonly-queue/main/pr-7-{'8' * 40}"
    words = ["scopegate", "gate", "--merge-group", "9" * 40, "8" * 40, branch, "--identity", gate.world.viewer]
    done = gate.run(words, gate.folder)
    assert (done.code, "It cannot be told which pull request the commit" in done.said) == (3, True)
    assert gate.world.statuses["9" * 40][-1]["state"] == "error"


def test_a_queue_that_rebases_is_refused_for_its_titles_are_the_authors_own(gate: Gate) -> None:
    """The title of a commit that nobody signed off named the pull request that was."""
    parameters = {
        "merge_method": "REBASE",
        "grouping_strategy": "HEADGREEN",
        "check_response_timeout_minutes": 60,
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }
    gate.world.rules = [{"type": "merge_queue", "parameters": parameters, **SOURCE}]
    gate.world.status("success", "everything beyond was signed off - " + "1" * 64)
    gate.world.compared[f"{'8' * 40}...{'9' * 40}"] = ["Sneak in (#7)", "Mine (#7)"]
    branch = f"refs/heads/gh-readonly-queue/main/pr-7-{'8' * 40}"
    words = ["scopegate", "gate", "--merge-group", "9" * 40, "8" * 40, branch, "--identity", gate.world.viewer]
    done = gate.run(words, gate.folder)
    assert (done.code, "The queue of 'main' rebases" in done.said) == (3, True)
    gate.world.rules[0]["parameters"]["merge_method"] = "SQUASH"
    assert gate.run(words, gate.folder).code == 0


def test_a_diff_that_is_cut_off_is_not_taken_for_whole(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed("big.tf", "@@ -0,0 +1,9000 @@\n+# harmless")
    gate.world.files[-1]["changes"] = 9000
    done = gate.here()
    assert (done.code, "big.tf the code host does not show all that changes in it" in done.said) == (10, True)


@pytest.mark.parametrize("count", [99, 100, 101, 200])
def test_a_rejection_on_the_last_place_of_a_page_is_seen(gate: Gate, count: int) -> None:
    world = gate.published().world
    world.reviewed("bob")
    for _ in range(count - 2):
        world.reviewed("carol", "COMMENTED", seconds=1)
    world.reviewed("bob", "CHANGES_REQUESTED")
    assert len(world.reviews) == count
    done = gate.here()
    assert (done.code, "bob, asks for changes" in done.said) == (10, True)


def test_a_list_of_a_hundred_has_no_second_page_to_wait_for(gate: Gate) -> None:
    world = gate.published().world
    for _ in range(99):
        world.reviewed("carol", "COMMENTED", seconds=1)
    world.reviewed("bob")
    assert gate.here().code == 0


def test_a_flood_of_statuses_of_other_names_hides_none_of_ours(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind five thousand others our own is not listed; then an older run took itself for the first."""
    world = gate.published().world
    monkeypatch.setattr(github, "_MANY", 300)
    for number in range(300):
        world.statuses[HEAD].append({**world.statuses[HEAD][0], "context": f"spam-{number % 5}"})
    done = gate.here()
    assert (done.code, "has 300 statuses or more" in done.said) == (6, True)


def test_a_pass_that_cannot_be_taken_back_is_taken_back_in_the_comment(gate: Gate) -> None:
    """The last statuses are kept for shutting, and whoever may write can use up these too, once the gate is open."""
    gate.published().world.reviewed("bob")
    assert gate.here().code == 0
    gate.world.reviewed("bob", "DISMISSED")
    flood = [gate.world.statuses[HEAD][0] | {"creator": gate.world.user("ada")} for _ in range(1000)]
    gate.world.statuses[HEAD] = [*flood, gate.world.statuses[HEAD][-1]]
    done = gate.here()
    assert (done.code, "What was written before still stands." in done.said) == (6, True)
    body = gate.world.comments[0]["body"]
    assert ("NO VERDICT" in body, "The status could not be written" in body) == (True, True)
    assert gate.outputs["verdict"] == "none"


def test_the_ghost_of_deleted_accounts_cannot_sign(gate: Gate) -> None:
    """GitHub shows deleted accounts as one account, @ghost, which everybody who was deleted shares."""
    gate.world.account("ghost", 10137)
    del gate.world.permissions["ghost"]
    gate.published().world.reviewed("ghost")
    done = gate.here()
    assert (done.code, "ghost, whether they may write to the repository cannot be read" in done.said) == (10, True)


def test_a_login_that_was_taken_over_cannot_sign(gate: Gate) -> None:
    """Bob renamed himself and somebody else took the name: the permission asked for by name is another's."""
    world = gate.published().world
    world.reviewed("bob")
    world.users["bob"] = world.users["bob"] | {"id": 4711}
    done = gate.here()
    assert (done.code, "bob, whether they may write to the repository cannot be read" in done.said) == (10, True)


@pytest.mark.parametrize("path", ["/pulls/7", "/commits", "/reviews", "/statuses", "/contents/.scopegate/policy.yaml"])
def test_a_limit_in_the_middle_leaves_no_pass_behind(gate: Gate, path: str) -> None:
    """The old pass must not stand because the host stopped answering halfway."""
    gate.published().world.reviewed("bob")
    assert gate.here().code == 0
    gate.world.reviewed("bob", "DISMISSED")
    far = {"Retry-After": "3600"}

    def limited() -> None:
        gate.world.faults = [Answer(429, {}, far)]

    in_between(gate, path, limited)
    assert gate.here().code == 6
    if path != "/pulls/7":
        assert gate.world.last_status[0] == "error"


def test_an_answer_that_nothing_has_changed_is_no_answer(gate: Gate) -> None:
    """We send no ETag, so a 304 is a cache's mistake; its body is empty, and an empty list would be no rejection."""
    gate.published().world.reviewed("bob")

    def unchanged() -> None:
        gate.world.faults = [Answer(304, None)]

    in_between(gate, "/reviews", unchanged)
    assert gate.here().code == 6


@pytest.mark.parametrize("path", ["./.scopegate/policy.yaml", ".scopegate//policy.yaml", ".scopegate/./policy.yaml"])
def test_another_spelling_of_a_path_is_the_same_file(gate: Gate, path: str) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.changed(path)
    assert "1 file that the gate rests on (.scopegate/policy.yaml)" in gate.here().said


def test_letters_of_other_scripts_make_another_path_and_another_group(gate: Gate) -> None:
    """A claim for a stack that only looks like prod lies elsewhere, where prod's owners own nothing."""
    policy = POLICY + "stacks: {prоd: {match: {paths: ['**']}, owner: team:cn-owners, environment: p}}\n"
    gate.world.file(".scopegate/policy.yaml", policy)
    gate.here("--into", str(gate.folder), command="claim")
    (claim,) = (gate.folder / ".scopegate/claims").rglob("cn-owners.json")
    assert claim.parent.name == "pr%D0%BEd"


def test_a_plan_run_of_a_fork_that_borrows_our_names_is_of_another_head(gate: Gate) -> None:
    words = planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), head_branch="main", head_sha="d" * 40)
    done = gate.here(*words)
    assert (done.code, "There is no run of" in done.said) == (3, True)


def test_a_scope_that_an_older_run_kept_under_our_name_is_not_what_we_published(gate: Gate) -> None:
    """The artifact is found by the run in our status; a status of somebody else leads nowhere."""
    gate.plans = {"plan.json": EVERYWHERE}
    kept(gate)
    forged = "https://github.example/acme/infra/actions/runs/" + str(gate.run_id)
    gate.world.status("success", "x - " + "2" * 64, who="ada", target_url=forged)
    gate.plans = {"plan.json": AT_HOME}
    gate.here()
    assert "it was NEEDS SIGN-OFF" in gate.world.comments[0]["body"]


def test_our_comment_that_was_edited_by_a_writer_is_written_again(gate: Gate) -> None:
    gate.here()
    gate.world.comments[0]["body"] = "<!-- scopegate:v1 -->\n## ✅ PASS"
    gate.here()
    assert "## ✋ NEEDS SIGN-OFF" in gate.world.comments[0]["body"]


def test_a_review_of_another_pull_request_of_the_same_head_is_not_read(gate: Gate) -> None:
    """Sign-offs are those of this pull request; what was agreed to elsewhere was shown elsewhere."""
    gate.published()
    pull = example("pull-request") | gate.world.pull | {"number": 8}
    gate.world.other_pulls[8] = pull
    gate.here()
    assert not any("/pulls/8/" in path for _, path, _ in gate.world.log)


def test_a_review_that_waits_is_none_until_it_is_submitted(gate: Gate) -> None:
    world = gate.published().world
    review = world.reviewed("bob", "PENDING")
    del review["submitted_at"]
    assert gate.here().code == 10


def test_a_verdict_does_not_outlive_a_new_target(gate: Gate) -> None:
    """The pulse on an edit wakes the gate, which judges only what is to be merged into the branches it was told."""
    gate.published().world.reviewed("bob")
    assert gate.here().code == 0
    gate.world.pull["base"]["ref"] = "mallorys-base"
    assert gate.here().code == 3
    assert gate.world.last_status[0] == "error"


def test_a_plan_of_a_merge_into_another_branch_does_not_count_after_a_new_target(gate: Gate) -> None:
    """A branch of the author's own made the merge harmless, and a new target starts no plan: it was the newest."""
    gate.world.retargeted("mallorys-base")
    narrow = planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), created_at=gate.world.tick())
    gate.world.retargeted("main")
    done = gate.here(*narrow)
    assert (done.code, "No plan is known to be of this merge: it got another target" in done.said) == (3, True)
    assert gate.world.last_status[0] == "error"


def test_a_push_after_a_new_target_is_planned_as_merged_there(gate: Gate) -> None:
    gate.world.retargeted("main", "automatic_base_change_succeeded")
    gate.world.pushed("ada")
    words = planned(gate, archive({"plan.json": AT_HOME.read_bytes()}), created_at=gate.world.tick())
    assert gate.here(*words).code == 0


def test_a_plan_of_another_pull_request_of_the_same_branch_does_not_count(gate: Gate) -> None:
    """Closed by then, it left behind the newest plan of this head: of a merge into a branch of the author's own."""
    wide = planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()}))
    opened = gate.world.tick(60)
    data = archive({"plan.json": AT_HOME.read_bytes()})
    gate.world.runs[56] = gate.world.runs[55] | {"id": 56, "created_at": gate.world.tick()}
    gate.world.artifacts[56] = [{"id": 6, "name": "scopegate-plan", "size_in_bytes": len(data), "expired": False}]
    gate.world.archives[6] = data
    assert gate.here(*wide).code == 0
    closed = {"state": "closed", "created_at": opened, "closed_at": gate.world.tick()}
    gate.world.pulls_of_branch[8] = closed
    assert gate.here(*wide).code == 10
    del gate.world.runs[55]
    done = gate.here(*wide)
    assert (done.code, "#8 of the same branch was open when run 56 began" in done.said) == (3, True)


def test_more_events_than_are_listed_hide_no_new_target(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = planned(gate, archive({"plan.json": AT_HOME.read_bytes()}))
    monkeypatch.setattr(github, "_MANY", 20)
    for _ in range(20):
        gate.world.retargeted("main", "subscribed")
    assert (gate.here(*narrow).code, gate.world.last_status[0]) == (6, "error")


def test_an_error_cannot_be_made_to_carry_the_fingerprint_of_a_plan_to_come(gate: Gate) -> None:
    """Our own status told of an artifact by its name; an approval under that error counted for the plan that came."""
    wide = planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()}))
    gate.here(*wide)
    digest = gate.world.last_status[1][-64:]
    gate.world.statuses.clear()
    gate.world.artifacts[55][0]["name"] = f"scopegate-plan-{digest}"
    gate.world.archives[5] = b"no archive"
    assert gate.here(*wide).code == 3
    assert digest in gate.world.last_status[1]
    gate.world.reviewed("bob")
    wide = planned(gate, archive({"plan.json": EVERYWHERE.read_bytes()}))
    done = gate.here(*wide)
    assert (done.code, "bob, approved before the gate said what there is to agree to" in done.said) == (10, True)
