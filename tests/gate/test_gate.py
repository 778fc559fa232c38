"""What the gate takes into account besides the plan, and what it says besides the verdict."""

import pytest

from forge.fake_github import HEAD
from gate.running import AT_HOME, EVERYWHERE, POLICY, Gate

NOW = ("--now", "2026-11-22T13:00:00Z")


def agent(gate: Gate, login: str) -> None:
    gate.world.account(login, 8, bot=True)
    gate.world.pull["user"] = gate.world.user(login)


def test_a_program_that_nobody_knows_is_no_human(gate: Gate) -> None:
    agent(gate, "helper[bot]")
    done = gate.here()
    assert (done.code, "0 of 1 signed (anyone eligible)" in done.said) == (10, True)


def test_who_an_agent_worked_for_has_a_hand_in_the_change_and_who_a_human_assigned_has_none(gate: Gate) -> None:
    gate.world.pull["assignees"] = [gate.world.user("bob")]
    gate.published().world.reviewed("bob")
    assert gate.here().code == 0
    agent(gate, "devin-ai-integration[bot]")
    done = gate.here()
    assert (done.code, "bob, the AI agent worked for them" in done.said) == (10, True)


def test_a_scope_that_the_head_declares_in_a_file_narrows_what_may_be_reached(gate: Gate) -> None:
    gate.world.file(".scopegate/scope.yaml", "scope: {regions: [eu-central-1]}\n", ref=HEAD)
    assert "declared-regions: you said eu-central-1; this also reaches cn-north-1, us-east-1" in gate.here().said


def test_code_owners_of_the_trusted_branch_are_asked_where_the_policy_asks_them(gate: Gate) -> None:
    gate.world.file(
        ".scopegate/policy.yaml", POLICY.replace("{from: team:cn-owners}", "{codeowners-of: changed-files}")
    )
    gate.world.file(".github/CODEOWNERS", "*.tf @acme/cn-owners\n")
    done = gate.here()
    assert (done.code, "0 of 1 signed (team:acme/cn-owners)" in done.said) == (10, True)


def test_the_glass_is_broken_by_those_it_names_and_by_nobody_else_of_their_team(gate: Gate) -> None:
    gate.world.teams["incident"]["bob"] = "active"
    glass = "break_glass: {by: [Carol], reason: China is down, ticket: INC-1, expires: '2026-11-22T20:00:00Z'}\n"
    gate.world.file(".scopegate/break-glass.yaml", glass, ref=HEAD)
    gate.world.changed(".scopegate/break-glass.yaml")
    gate.world.teams["cn-owners"] = {}
    gate.here(*NOW)
    gate.world.reviewed("bob")
    done = gate.here(*NOW)
    assert (done.code, "nobody it names has signed off yet" in done.said) == (10, True)
    gate.world.reviewed("carol")
    done = gate.here(*NOW)
    assert (done.code, "BY BREAK-GLASS" in done.said, "has signed off yet" in done.said) == (0, True, False)


# ---- of whom the host is asked ---------------------------------------------------------------------------------------


def asked_about(gate: Gate) -> list[str]:
    """Return the accounts whose rights, and the teams and accounts whose memberships, the last run asked about."""
    paths = [path.split("/") for method, path, _ in gate.world.log if method == "GET"]
    rights = {parts[5] for parts in paths if "collaborators" in parts}
    members = {f"{parts[4]} {parts[6]}" for parts in paths if "memberships" in parts}
    return sorted(rights | members)


def test_rights_are_asked_of_those_alone_who_approve_and_could_sign(gate: Gate) -> None:
    gate.published()
    for login, number in (("robot", 10), ("dora", 11)):
        gate.world.account(login, number)
    gate.world.account("helper[bot]", 12, bot=True)
    for login in ("bob", "robot", "dora", "helper[bot]", "ada"):
        gate.world.reviewed(login)
    gate.world.reviewed("carol", "CHANGES_REQUESTED")
    gate.world.reviewed(None)
    gate.world.log.clear()
    done = gate.here("--machine", "Robot")
    assert done.code == 0
    assert asked_about(gate) == ["bob", "cn-owners bob", "cn-owners dora", "dora", "incident bob", "incident dora"]
    assert "dora, no member of team:cn-owners or team:incident" in done.said


def test_no_team_is_asked_about_where_nothing_is_beyond(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    agent(gate, "helper[bot]")
    gate.published().world.reviewed("bob")
    gate.world.log.clear()
    assert (gate.here().code, asked_about(gate)) == (0, ["bob"])


def test_a_change_that_takes_an_old_request_to_break_the_glass_away_asks_for_nothing(gate: Gate) -> None:
    gate.world.changed(".scopegate/break-glass.yaml")  # and it is not on the head any more
    gate.published().world.reviewed("bob")
    done = gate.here()
    assert (done.code, "everything beyond was signed off" in done.said) == (0, True)
    assert "break the glass" not in done.said


def test_without_break_glass_in_the_policy_its_people_are_not_asked_about(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.partition("break_glass:")[0])
    gate.published().world.reviewed("bob")
    gate.world.log.clear()
    assert (gate.here().code, asked_about(gate)) == (0, ["bob", "cn-owners bob"])


def test_anyone_eligible_is_of_no_team_and_is_asked_of_none(gate: Gate) -> None:
    agent(gate, "helper[bot]")
    gate.published().world.reviewed("carol")
    gate.world.teams["cn-owners"], gate.world.teams["incident"] = {}, {}
    done = gate.here()
    assert (done.code, "0 of 1 signed (team:cn-owners)" in done.said) == (10, True)
    assert "0 of 1 signed (anyone eligible)" not in done.said
    assert "carol, " not in done.said  # why she would not count


@pytest.mark.parametrize(
    ("who", "code", "says"),
    [
        ("user:bob", 0, "everything beyond was signed off"),
        ("user:carol", 10, "bob, no member of user:carol"),
        ("email:bob@acme.example", 10, "bob, cannot read email:bob@acme.example with this token"),
    ],
)
def test_a_person_whom_the_policy_names_is_asked_of_no_host(gate: Gate, who: str, code: int, says: str) -> None:
    gate.world.account("bob", 2, email="bob@acme.example")
    policy = POLICY.partition("break_glass:")[0].replace("team:cn-owners", who)
    gate.world.file(".scopegate/policy.yaml", policy)
    gate.published().world.reviewed("bob")
    gate.world.log.clear()
    done = gate.here()
    assert (done.code, says in done.said, asked_about(gate)) == (code, True, ["bob"])
    assert ("bob, " in done.said) is (code == 10)  # why he would not count


def test_what_nobody_can_release_is_asked_of_nobody(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("sign_off: {from: team:cn-owners}", "block: true"))
    gate.published().world.reviewed("bob")
    gate.world.log.clear()
    assert (gate.here().code, asked_about(gate)) == (11, ["bob"])


def test_a_team_that_the_policy_lists_is_not_asked_of_the_host(gate: Gate) -> None:
    policy = POLICY.partition("break_glass:")[0].replace("team:cn-owners", "[team:cn-owners, team:dns]")
    gate.world.file(".scopegate/policy.yaml", policy + "teams: {cn-owners: [carol]}\n")
    gate.world.teams["dns"] = {}
    gate.published().world.reviewed("bob")
    gate.world.log.clear()
    done = gate.here()
    assert (done.code, "bob, no member of team:cn-owners or team:dns" in done.said) == (10, True)
    assert asked_about(gate) == ["bob", "dns bob"]


# ---- what is not all seen --------------------------------------------------------------------------------------------


def changed(gate: Gate, *paths: str) -> None:
    gate.world.files.clear()
    for path in paths:
        gate.world.changed(path)


STACKS = {"envs/prod/plan.json": AT_HOME, "envs/dev/plan.json": AT_HOME}
OUTSIDE = "In no folder that was planned: "


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["envs/prod/main.tf", "envs/dev/main.tf"], None),
        (["envs/prod/net/main.tofu"], None),
        (["docs/main.md", "main.tf.bak"], None),
        (["envs/production/main.tf"], "envs/production/main.tf"),
        (["modules/a.tf", "envs/prod/main.tf", "x.tfvars"], "modules/a.tf"),
        ([f"{letter}.tf" for letter in "abcde"], "a.tf, b.tf, c.tf, d.tf, e.tf"),
        ([f"{letter}.tf" for letter in "abcdefg"], "a.tf, b.tf, c.tf, d.tf, e.tf and 2 more"),
    ],
)
def test_code_in_no_folder_that_was_planned_is_named(gate: Gate, paths: list[str], said: str | None) -> None:
    gate.plans = STACKS
    changed(gate, *paths)
    output = gate.here().said
    if said is None:
        assert OUTSIDE not in output
    else:
        assert f"{OUTSIDE}{said}; see that no stack is left out." in output


def test_where_the_folder_of_the_code_is_stated_no_stack_is_missed(gate: Gate) -> None:
    gate.plans = {"plans/plan.json": EVERYWHERE}
    changed(gate, "envs/prod/main.tf")
    assert OUTSIDE in gate.here().said
    assert OUTSIDE not in gate.here("--source", "envs/prod").said


def test_files_that_are_not_listed_are_said_and_none_are_taken_for_unchanged(gate: Gate) -> None:
    gate.plans = {"plan.json": AT_HOME}
    gate.world.files = gate.world.files * 3001
    done = gate.here()
    assert (done.code, "Not all is seen of the change: only 3000 of 3001 changed files are listed." in done.said) == (
        10,
        True,
    )
    assert "nobody said which files it changes" in done.said


def test_that_a_plan_may_be_its_authors_own_word_is_said_where_it_is_so(gate: Gate) -> None:
    said = "The plan is its author's own word, for the change decides what the plan job runs: "
    gate.plans = {"plan.json": AT_HOME}
    done = gate.here()
    assert (done.code, said in done.said, "Not all is seen" in done.said) == (0, False, False)
    gate.world.changed("ci.tf", '@@ -0,0 +1 @@\n+data "external" "x" { program = ["sh", "forge.sh"] }')
    done = gate.here()
    assert (done.code, f"{said}ci.tf touches external" in done.said) == (10, True)
