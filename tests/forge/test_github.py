"""GitHub over real HTTP, against a GitHub that remembers and is held to GitHub's own description."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from forge.fake_github import BASE, HEAD, Answer, World, served
from forge.openapi import Json, example
from scopegate.errors import ForgeError, PlanError, UsageError
from scopegate.forge import wire
from scopegate.forge.artifact import Origin, OtherRequest
from scopegate.forge.github import GitHub, connect, connect_repository, viewer_of
from scopegate.forge.model import Account, ChangedFile, Listing, ReviewState, Rules, State, Status
from scopegate.forge.model import Answer as Says
from scopegate.forge.rest import Api, api_at


@pytest.fixture
def world() -> Iterator[World]:
    with served(World()) as made:
        yield made


def github(world: World, identity: str = "github-actions[bot]", **fields: object) -> GitHub:
    host = connect(
        world.url,
        "test-token",
        "acme/infra",
        7,
        identity=identity,
        context="scopegate",
        run_url="https://x.example/acme/infra/actions/runs/42",
    )
    return replace(host, **fields)


BOB = Account(2, "bob")


def test_the_pull_request_as_it_is(world: World) -> None:
    request = github(world).pull_request()
    assert (request.author, request.head_sha, request.base_sha) == (Account(1, "ada"), HEAD, BASE)
    assert (request.head_branch, request.head_repository, request.is_fork) == ("more-regions", "acme/infra", False)
    assert request.head_owner == Account(100, "acme", is_user=False)
    assert (request.base_branch, request.base_repository, request.default_branch) == ("main", "acme/infra", "main")
    assert (request.text, request.assignees, request.is_open, request.draft) == ("", (), True, False)


def test_what_its_author_and_its_helpers_made_of_it(world: World) -> None:
    team = example("team-items")[0] | {"slug": "DNS", "type": "organization", "parent": None}
    world.pull |= {
        "body": "scope: {}",
        "assignees": [world.user("bob")],
        "requested_reviewers": [world.user("carol")],
        "requested_teams": [team],
    }
    request = github(world).pull_request()
    assert (request.text, request.assignees, request.requested) == (
        "scope: {}",
        (BOB,),
        frozenset({"carol", "team:dns"}),
    )
    host = github(world)
    world.faults = [Answer(200, world.pull | {"body": None, "assignees": None})]
    request = host.pull_request()
    assert (request.text, request.assignees) == ("", ())


def test_where_a_plan_must_have_come_from(world: World) -> None:
    host = github(world)
    request, pushes = host.pull_request(), host.pushes()
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    pushed = noon + timedelta(seconds=1)
    assert host.origin(request, pushes) == Origin("more-regions", "acme/infra", pushed=pushed)
    for event in ("labeled", "base_ref_changed", "automatic_base_change_succeeded", "renamed"):
        world.retargeted("main", event)
    opened = {"created_at": "2026-11-22T12:00:00Z"}
    world.pulls_of_branch = {8: opened, 9: opened | {"state": "closed", "closed_at": "2026-11-22T12:00:01Z"}}
    others = (OtherRequest(8, noon, None), OtherRequest(9, noon, pushed))
    retargeted = noon + timedelta(seconds=4)
    assert host.origin(request, pushes) == Origin("more-regions", "acme/infra", others, retargeted, pushed)
    unread = Listing(pushes.items, "not all are read")
    assert host.origin(request, unread) == Origin("more-regions", "acme/infra", others, retargeted)


def test_of_several_pushes_the_newest_is_the_one_that_a_plan_must_follow(world: World) -> None:
    world.pushed("ada")
    host = github(world)
    second = datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(seconds=2)
    assert host.origin(host.pull_request(), host.pushes()).pushed == second


@pytest.mark.parametrize("events", [200, 199])
def test_so_many_events_that_another_target_may_be_missing_are_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    monkeypatch.setattr("scopegate.forge.github._MANY", 200)
    for _ in range(events):
        world.retargeted("main", "labeled")
    host = github(world)
    request, pushes = host.pull_request(), host.pushes()
    if events < 200:
        assert host.origin(request, pushes).retargeted is None
    else:
        with pytest.raises(ForgeError, match="issues/7/events lists 200 entries or more, so not all are seen"):
            host.origin(request, pushes)


def test_a_fork_whose_owner_is_gone_tells_no_merge(world: World) -> None:
    """GitHub gives an empty object for an account that it cannot match, and its pull requests cannot be asked for."""
    host = github(world)
    with pytest.raises(PlanError, match="it cannot be told which merge was planned"):
        host.origin(replace(host.pull_request(), head_owner=None), host.pushes())


def test_a_fork_that_is_gone(world: World) -> None:
    world.pull["head"]["repo"] = None
    host = github(world)
    assert host.pull_request().head_repository is None
    assert host.pushes().gap == "the repository it comes from is gone"
    with pytest.raises(PlanError, match="it cannot be told which merge was planned"):
        host.origin(host.pull_request(), host.pushes())
    # The description does not say so, but GitHub sends null here once a fork is deleted.
    assert set(world.violations) == {"head/repo: None is not of type 'object'"}
    world.violations.clear()


def test_lists_are_read_to_their_last_page(world: World) -> None:
    world.commits = [world.commit("ada", sha=f"{n:040x}") for n in range(230)]
    for n in range(250):
        world.changed(f"f{n}.tf")
        world.pushed("ada")
        world.reviewed("bob", "COMMENTED", seconds=1)
    host = github(world)
    assert [commit.sha for commit in host.commits().items] == [f"{n:040x}" for n in range(230)]
    assert host.commits().gap == ""
    files = host.files(host.pull_request())
    assert (len(files.items), files.gap) == (251, "")
    assert len(host.pushes().items) == 251
    assert len(host.reviews()) == 250


def test_the_files_are_those_between_this_base_and_this_head_whatever_the_pull_request_is_of_by_now(
    world: World,
) -> None:
    """Its author can push another head and take it back while the list is read."""
    host = github(world)
    request = host.pull_request()
    world.pull["head"]["sha"] = "e" * 40
    world.files_of[f"main...{HEAD}"] = [world.files[0] | {"filename": "envs/cn.tf"}]
    assert [file.path for file in host.files(request).items] == ["envs/cn.tf"]


@pytest.mark.parametrize("hidden", ["none", "as many as a comparison shows", "unreadable"])
def test_where_a_comparison_has_no_room_the_list_of_the_pull_request_is_read(world: World, hidden: str) -> None:
    compared = world.files[:]
    if hidden == "none":
        world.files_of[f"main...{HEAD}"] = []
    elif hidden == "unreadable":
        world.refused["/repos/acme/infra/compare"] = 404
    else:
        world.files_of[f"main...{HEAD}"] = compared * 300
    host = github(world)
    request = host.pull_request()
    world.pull["head"]["sha"] = "e" * 40
    world.files = [world.files[0] | {"filename": "listed.tf"}]
    assert host.files(request) == Listing((ChangedFile("listed.tf", None, "@@ -1 +1 @@\n-a\n+b", 2),), "")


def test_more_commits_and_files_than_github_lists_are_a_gap(world: World) -> None:
    world.commits = [world.commit("ada", sha=f"{n:040x}") for n in range(251)]
    world.files = world.files * 3001
    host = github(world)
    assert host.commits().gap == "only 250 of 251 commits are listed"
    assert host.files(host.pull_request()).gap == "only 3000 of 3001 changed files are listed"


def test_a_record_of_pushes_that_cannot_be_read_is_a_gap(world: World) -> None:
    world.refused["/repos/acme/infra/activity"] = 403
    assert github(world).pushes().gap == "who pushed to its branch cannot be read with this token"


def test_a_branch_without_any_recorded_push_is_a_gap(world: World) -> None:
    world.activity = []
    assert github(world).pushes().gap == "the code host has no whole record of the pushes to its branch"


def test_the_end_of_a_branch_is_no_push(world: World) -> None:
    world.pushed("bob", "branch_deletion")
    world.pushed("ada", "branch_creation")
    pushes = github(world).pushes()
    assert ([push.actor for push in pushes.items], pushes.gap) == ([Account(1, "ada"), Account(1, "ada")], "")


@pytest.mark.parametrize("reviews", [200, 199])
def test_so_many_reviews_that_the_newest_may_be_missing_are_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch, reviews: int
) -> None:
    monkeypatch.setattr("scopegate.forge.github._MANY", 200)
    for _ in range(reviews):
        world.reviewed("bob", "COMMENTED", seconds=1)
    if reviews < 200:
        assert len(github(world).reviews()) == 199
    else:
        with pytest.raises(ForgeError, match="has 200 reviews or more, so the newest may not be seen"):
            github(world).reviews()


@pytest.mark.parametrize("statuses", [200, 199])
def test_so_many_statuses_that_ours_may_be_missing_are_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch, statuses: int
) -> None:
    monkeypatch.setattr("scopegate.forge.github._MANY", 200)
    for _ in range(statuses):
        world.status("pending", "flood", who="ada")
    if statuses < 200:
        assert github(world).statuses(HEAD) == ()
    else:
        with pytest.raises(ForgeError, match="has 200 statuses or more, so our own may not be seen"):
            github(world).statuses(HEAD)


def test_the_profile_is_asked_of_those_who_approve_and_may_be_gone(world: World) -> None:
    world.account("bob", 2, email="bob@acme.example")
    world.reviewed("bob")
    world.reviewed("carol", "COMMENTED")
    world.reviewed(None, "COMMENTED")
    world.refused["/users/bob"] = 404
    assert [(review.account, review.email) for review in github(world).reviews()] == [
        (BOB, None),
        (Account(3, "carol"), None),
        (None, None),
    ]
    assert [path for _, path, _ in world.log if path.startswith("/users/") and "actions" not in path] == ["/users/bob"]


def test_a_commit_whose_authors_github_does_not_know_has_names_and_no_accounts(world: World) -> None:
    made = world.commit("ada")
    made["author"], made["committer"] = {}, None
    made["commit"]["author"] = {"name": "Ada", "email": "ada@acme.example"}
    made["commit"]["committer"] = None
    other = world.commit("bob")
    other["commit"]["author"] = {"date": "2026-11-22T12:00:00Z"}
    world.commits = [made, other]
    first, second = github(world).commits().items
    assert (first.accounts, first.names, first.emails) == ((), ("Ada",), ("ada@acme.example",))
    assert (second.accounts, second.names, second.emails) == ((BOB,), ("", "bob"), ("", "bob@acme.example"))


def test_reviews_bear_the_servers_time_and_the_profiles_e_mail(world: World) -> None:
    world.account("bob", 2, email="bob@acme.example")
    world.reviewed("bob")
    (review,) = github(world).reviews()
    assert (review.account, review.state, review.commit, review.email) == (
        BOB,
        ReviewState.APPROVED,
        HEAD,
        "bob@acme.example",
    )
    assert review.at == world.now


@pytest.mark.parametrize(
    ("permission", "role", "says"),
    [
        ("admin", "admin", Says.YES),
        ("write", "write", Says.YES),
        ("write", "maintain", Says.YES),
        ("write", "release captain", Says.YES),
        ("read", "triage", Says.NO),
        ("read", "read", Says.NO),
        ("none", "", Says.NO),
    ],
)
def test_a_role_counts_as_what_it_is_based_on(world: World, permission: str, role: str, says: Says) -> None:
    world.permissions["bob"] = (permission, role)
    assert github(world).can_write(BOB) is says


@pytest.mark.parametrize("status", [403, 404])
def test_a_permission_that_is_not_told_is_unknown(world: World, status: int) -> None:
    world.refused["/repos/acme/infra/collaborators"] = status
    assert github(world).can_write(BOB) is Says.UNKNOWN


def test_a_login_that_now_belongs_to_somebody_else_is_unknown(world: World) -> None:
    assert github(world).can_write(Account(99, "bob")) is Says.UNKNOWN


def test_a_permission_of_nobody_is_unknown(world: World) -> None:
    host = github(world)
    world.faults = [Answer(200, {"permission": "write", "user": None})]
    assert host.can_write(BOB) is Says.UNKNOWN


@pytest.mark.parametrize(
    ("members", "says"), [({"bob": "active"}, Says.YES), ({"bob": "pending"}, Says.NO), ({}, Says.NO)]
)
def test_membership_is_active_pending_or_none(world: World, members: dict[str, str], says: Says) -> None:
    world.teams["cn-owners"] = members
    assert github(world).is_member(BOB, "cn-owners") is says
    assert github(world).is_member(BOB, "acme/cn-owners") is says


def test_a_team_that_cannot_be_read_is_unknown_and_not_without_members(world: World) -> None:
    world.teams["cn-owners"] = {"bob": "active"}
    world.readable_teams = False
    assert github(world).is_member(BOB, "cn-owners") is Says.UNKNOWN


def test_a_membership_that_may_not_be_read_is_unknown_where_the_team_can_be(world: World) -> None:
    world.teams["cn-owners"] = {}
    world.refused["/orgs/acme/teams/cn-owners/memberships"] = 403
    assert github(world).is_member(BOB, "cn-owners") is Says.UNKNOWN


def test_a_team_of_another_organisation_is_asked_for_there(world: World) -> None:
    world.teams["cn-owners"] = {"bob": "active"}
    world.refused["/orgs/elsewhere"] = 404
    assert github(world).is_member(BOB, "elsewhere/cn-owners") is Says.UNKNOWN
    assert github(world).is_member(BOB, "cn-owners") is Says.YES


def test_a_file_at_a_commit(world: World) -> None:
    world.file(".scopegate/policy.yaml", "version: 1\n# ä\n")
    assert github(world).file_at(".scopegate/policy.yaml", "main") == "version: 1\n# ä\n".encode()
    assert github(world).file_at(".scopegate/policy.yaml", HEAD) is None


@pytest.mark.parametrize(
    "said",
    [
        {"type": "submodule", "encoding": "base64", "content": "e30="},
        {"type": "file", "encoding": "none", "content": ""},
        {"type": "file", "encoding": "base64", "content": "e30"},
    ],
    ids=["no file", "more than 1 MB", "cut off"],
)
def test_what_is_no_whole_file_is_not_read(world: World, said: dict[str, str]) -> None:
    host = github(world)
    world.faults = [Answer(200, said)]
    with pytest.raises(ForgeError, match=r"policy\.yaml"):
        host.file_at("policy.yaml", "main")


def test_a_status_is_ours_by_the_account_that_wrote_it_and_by_its_context(world: World) -> None:
    world.status("success", "forged " + "0" * 64, who="ada")
    world.status("success", "of a deleted account " + "0" * 64, who=None)
    world.status("success", "other " + "0" * 64, context="lint")
    host = github(world)
    at = host.publish(HEAD, State.PENDING, "0 of 1 signed - " + "1" * 64)
    (status,) = host.statuses(HEAD)
    assert (status.at, status.fingerprint, status.run) == (at, "sha256:" + "1" * 64, 42)


def test_why_there_is_no_verdict_can_say_no_fingerprint(world: World) -> None:
    """An error is told in the author's words, such as the name of an artifact."""
    world.status("error", "no verdict: scopegate-plan - " + "1" * 64)
    world.status("pending", "sign-off needed - " + "2" * 64)
    assert [status.fingerprint for status in github(world).statuses(HEAD)] == ["", "sha256:" + "2" * 64]


def test_a_token_of_another_account_than_we_took_ourselves_for_is_an_error(world: World) -> None:
    world.account("gate[bot]", 77, bot=True)
    world.viewer = "gate[bot]"
    with pytest.raises(ForgeError, match=r"pass --identity gate\[bot\]"):
        github(world, identity="").publish(HEAD, State.PENDING, "x")
    assert github(world, identity="gate[bot]").viewer == Account(77, "gate[bot]", is_user=False)


def test_a_status_that_nobody_wrote_is_not_ours(world: World) -> None:
    host = github(world)
    world.faults = [Answer(201, world.status("pending", "x", who=None))]
    with pytest.raises(ForgeError, match="was written by 'nobody'"):
        host.publish(HEAD, State.PENDING, "x")


@pytest.mark.parametrize("statuses", [899, 900])
def test_the_last_hundred_statuses_are_kept_for_shutting(world: World, statuses: int) -> None:
    for _ in range(statuses):
        world.status("pending", "flood", who="ada", context="ScopeGate")
    host = github(world)
    if statuses < 900:
        host.publish(HEAD, State.SUCCESS, "x")
    else:
        with pytest.raises(ForgeError, match="has 900 statuses 'scopegate' or more"):
            host.publish(HEAD, State.SUCCESS, "x")
        host.publish(HEAD, State.FAILURE, "x")
    assert len(world.statuses[HEAD]) == statuses + 1


@pytest.mark.parametrize(("run", "workflow"), [(0, ".github/workflows/gate.yml"), (42, "")])
def test_scopes_are_kept_by_a_run_of_the_workflow_we_run_in(world: World, run: int, workflow: str) -> None:
    host = github(world, workflow=workflow)
    world.log.clear()
    assert host.kept(Status(State.PENDING, "x", world.now, run)) is None
    assert world.log == []


def test_without_a_file_for_them_no_scopes_are_kept(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    github(world).keep("sha256:0", b"{}")
    assert list(tmp_path.iterdir()) == []
    github(world, scopes_file="out/scopes.json").keep("sha256:0", b"{}")
    assert (tmp_path / "out/scopes.json").read_bytes() == b"{}"


@pytest.mark.parametrize("name", ["acme", "acme/infra/x", "acme/in fra", "/infra"])
def test_a_repository_is_an_owner_and_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="write it as OWNER/NAME"):
        connect("https://api.example", "t", name, 7, identity="x", context="scopegate", run_url="")
    with pytest.raises(UsageError, match="write it as OWNER/NAME"):
        connect_repository("https://api.example", "t", name)


def test_an_expired_token_does_not_speak_for_actions(world: World) -> None:
    world.faults = [Answer(401)]
    with pytest.raises(ForgeError, match="the token is not valid any more"):
        viewer_of(api_at(world.url, "test-token"), "")


def test_an_account_without_a_name_is_not_us(world: World) -> None:
    world.faults = [Answer(200, {"id": 5, "login": ""})]
    with pytest.raises(ForgeError, match="does not say who we are"):
        viewer_of(api_at(world.url, "test-token"), "gate[bot]")


def test_a_pull_request_whose_author_is_gone_is_judged_by_nobody(world: World) -> None:
    host = github(world)
    world.faults = [Answer(200, world.pull | {"user": None})]
    with pytest.raises(ForgeError, match="The author's account is gone"):
        host.pull_request()


def test_only_open_pull_requests_have_a_commit(world: World) -> None:
    host = github(world)
    opened = {"created_at": "2026-11-22T12:00:00Z"}
    world.faults = [Answer(200, [{"number": 6, "state": "closed", **opened}, {"number": 7, "state": "open", **opened}])]
    assert host.open_requests_of(HEAD) == (7,)


def test_a_repository_without_code_owners_has_no_errors_in_them(world: World) -> None:
    world.refused["/repos/acme/infra/codeowners/errors"] = 404
    assert github(world).code_owners_errors("main") == ()
    world.refused["/repos/acme/infra/codeowners/errors"] = 403
    with pytest.raises(ForgeError, match="the token may not do this"):
        github(world).code_owners_errors("main")


def test_a_token_of_a_person_speaks_for_the_person(world: World) -> None:
    world.viewer, world.user_token = "carol", True
    assert github(world, identity="").viewer == Account(3, "carol")


def test_one_comment_is_written_once_and_then_edited(world: World) -> None:
    host = github(world)
    assert host.comment("first")
    assert not host.comment("first")
    assert host.comment("second")
    assert [(c["user"]["login"], c["body"]) for c in world.comments] == [
        ("github-actions[bot]", "<!-- scopegate:v1 -->\nsecond")
    ]
    assert [write.partition(" ")[0] for write in world.writes()] == ["POST", "PATCH"]


def test_a_strangers_comment_with_our_marker_is_left_alone(world: World) -> None:
    theirs = [
        world.commented("bob", "<!-- scopegate:v1 -->\nPASS"),
        world.commented("github-actions[bot]", "of another job"),
        world.commented("bob", "of somebody who left") | {"user": None},
    ]
    world.comments[:] = theirs
    host = github(world)
    host.comment("first")
    host.comment("second")
    assert world.comments[:-1] == theirs
    assert world.comments[-1]["body"] == "<!-- scopegate:v1 -->\nsecond"


def test_our_own_comment_is_found_behind_hundreds_of_others(world: World) -> None:
    host = github(world)
    for _ in range(230):
        world.commented("ada", "spam")
    host.comment("first")
    host.comment("second")
    assert len(world.comments) == 231


def test_people_and_teams_are_asked_one_by_one(world: World) -> None:
    assert github(world).request_reviews(["bob"], ["acme/cn-owners"]) == ""
    assert world.requested == [{"reviewers": ["bob"]}, {"team_reviewers": ["cn-owners"]}]


def test_a_team_of_another_organisation_is_not_taken_for_one_of_that_name_here(world: World) -> None:
    said = github(world).request_reviews([], ["Acme/cn-owners", "other/cn-owners"])
    assert said == "could not be asked for a review: other/cn-owners"
    assert world.requested == [{"team_reviewers": ["cn-owners"]}]


def test_who_cannot_be_asked_is_named_and_no_error(world: World) -> None:
    world.requests_refused = True
    assert github(world).request_reviews(["bob"], []) == "could not be asked for a review: bob"


def rule(kind: str, **parameters: object) -> Json:
    return {
        "type": kind,
        "ruleset_source_type": "Repository",
        "ruleset_source": "acme/infra",
        "ruleset_id": 1,
        **({"parameters": parameters} if parameters else {}),
    }


def checks(source: int | None = None, *, strict: bool = False) -> Json:
    check = {"context": "scopegate"} | ({} if source is None else {"integration_id": source})
    return rule("required_status_checks", strict_required_status_checks_policy=strict, required_status_checks=[check])


def reviewing(**asked: object) -> Json:
    nothing = {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "required_approving_review_count": 0,
    }
    return rule("pull_request", **nothing | asked)


def queue(merge_method: str) -> Json:
    return rule(
        "merge_queue",
        merge_method=merge_method,
        grouping_strategy="ALLGREEN",
        check_response_timeout_minutes=60,
        max_entries_to_build=5,
        max_entries_to_merge=5,
        min_entries_to_merge=1,
        min_entries_to_merge_wait_minutes=5,
    )


def asked_by(*patterns: str, count: int = 1) -> Json:
    reviewer = {"id": 1, "type": "Team"}
    return {"file_patterns": list(patterns), "minimum_approvals": count, "reviewer": reviewer}


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        ([], Rules({})),
        ([rule("deletion")], Rules({})),
        ([checks()], Rules({"scopegate": None})),
        ([checks(), checks(12)], Rules({"scopegate": 12})),
        ([checks(12), checks()], Rules({"scopegate": 12})),
        ([checks(strict=True), checks()], Rules({"scopegate": None}, up_to_date=True)),
        ([rule("deletion"), queue("MERGE")], Rules({}, merge_queue=True)),
        ([rule("deletion"), queue("REBASE")], Rules({}, merge_queue=True, queue_rebases=True)),
        ([reviewing(dismiss_stale_reviews_on_push=True), reviewing()], Rules({}, dismisses_stale=True)),
        ([reviewing(require_code_owner_review=True), reviewing()], Rules({}, code_owners=True)),
        ([reviewing(require_last_push_approval=True), reviewing()], Rules({}, last_push=True)),
        ([reviewing(required_approving_review_count=2), reviewing()], Rules({}, approvals=2)),
        (
            [reviewing(required_reviewers=[asked_by("/a/*", "/b/*", count=2), asked_by("/c/*", "!/c/d")])],
            Rules({}, reviewed_paths=(("/a/*", 2), ("/b/*", 2))),
        ),
    ],
)
def test_rules_of_several_rulesets_add_up(world: World, rules: list[Json], asked: Rules) -> None:
    world.rules = rules
    assert github(world).rules("main") == asked


def test_only_rules_for_pull_requests_ask_for_reviews(world: World) -> None:
    host = github(world)
    world.faults = [Answer(200, [rule("workflows", require_code_owner_review=True)])]
    assert host.rules("main") == Rules({})


def test_a_rule_of_another_form_is_an_error(world: World) -> None:
    host = github(world)
    world.faults = [Answer(200, [rule("pull_request", required_approving_review_count="many")])]
    with pytest.raises(ForgeError, match="nobody can tell what it demands"):
        host.rules("main")


def test_an_enterprise_server_is_asked_under_its_own_address(world: World) -> None:
    host = github(world)
    assert replace(host, api=replace(host.api, url=f"{world.url}/api/v3")).pull_request().number == 7


# ---- when the host does not answer as it should ----------------------------------------------------------------------


def patient(world: World) -> tuple[GitHub, list[float]]:
    slept: list[float] = []
    host = github(world)
    return replace(host, api=Api(world.url, "test-token", slept.append)), slept


def test_a_limit_is_waited_for_as_long_as_the_host_says(world: World) -> None:
    host, slept = patient(world)
    world.faults = [Answer(429, {}, {"Retry-After": "7"}), Answer(403, {}, {"Retry-After": "60"}), Answer(429)]
    assert host.pull_request().number == 7
    assert slept == [7, 60, 4]


@pytest.mark.parametrize(("ends_in", "least", "most"), [(30, 20, 30), (-30, 1, 1)])
def test_a_limit_is_waited_for_until_it_ends(world: World, ends_in: int, least: int, most: int) -> None:
    host, slept = patient(world)
    ends = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + ends_in)}
    world.faults = [Answer(403, {}, ends)]
    assert host.pull_request().number == 7
    (seconds,) = slept
    assert least <= seconds <= most


def test_a_refusal_is_no_limit(world: World) -> None:
    host, slept = patient(world)
    world.faults = [Answer(403, {}, {"X-RateLimit-Remaining": "59", "X-RateLimit-Reset": "1"})]
    with pytest.raises(ForgeError, match="the token may not do this"):
        host.pull_request()
    assert slept == []


def test_a_limit_that_ends_in_an_hour_is_not_waited_for(world: World) -> None:
    host, slept = patient(world)
    world.faults = [Answer(429, {}, {"Retry-After": "3600"})]
    with pytest.raises(
        ForgeError, match="limits how often we may ask, so the gate cannot tell who agreed and stays shut"
    ):
        host.pull_request()
    assert slept == []


def test_a_fault_is_asked_again_and_then_it_is_enough(world: World) -> None:
    host, slept = patient(world)
    world.faults = [Answer(500, {}), Answer(502, {}), Answer(503, {})]
    assert host.pull_request().number == 7
    world.faults = [Answer(502, {})] * 4
    with pytest.raises(ForgeError, match="has a fault"):
        host.pull_request()
    assert slept == [1, 2, 4] * 2


def test_a_write_that_met_a_fault_is_not_sent_twice(world: World) -> None:
    host, slept = patient(world)
    world.faults = [Answer(502, {})]
    with pytest.raises(ForgeError):
        host.publish(HEAD, State.PENDING, "x")
    assert (world.writes(), slept) == ([f"POST /repos/acme/infra/statuses/{HEAD}"], [])


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(401, {"message": "Bad credentials"}), "the token is not valid any more"),
        (Answer(404, {"message": "Not Found"}), "it is not there, or the token may not see it"),
        (Answer(301, {}, {"Location": "https://evil.example/"}), "no token is taken along"),
        (Answer(300, {}), "no token is taken along"),
        (Answer(200, b"<html>"), "in a form that is not known here"),
        (Answer(200, {"number": "seven"}), "in a form that is not known here"),
        (Answer(200, b"[" * 100_000), "in a form that is not known here"),
        (Answer(200, b" " * (16 * 1024 * 1024 + 1)), "more than is read at once"),
    ],
    ids=["expired", "hidden", "moved", "several", "html", "wrong type", "nested", "huge"],
)
def test_every_other_answer_is_one_sentence(world: World, answer: Answer, sentence: str) -> None:
    host, _ = patient(world)
    world.faults = [answer]
    with pytest.raises(ForgeError, match=sentence):
        host.pull_request()


def test_what_cannot_be_read_keeps_the_gate_shut_and_what_cannot_be_written_changes_nothing(world: World) -> None:
    host, _ = patient(world)
    world.faults = [Answer(404, {"message": "Not Found"})]
    with pytest.raises(ForgeError, match=r"The gate stays shut until it can be read\."):
        host.pull_request()
    world.faults = [Answer(200, []), Answer(403, {"message": "Forbidden"})]
    with pytest.raises(ForgeError, match=r"What was written before still stands\."):
        host.publish(HEAD, State.SUCCESS, "x")


def test_a_next_page_on_another_host_is_not_asked_for(world: World) -> None:
    host, _ = patient(world)
    world.faults = [Answer(200, [], {"Link": '<https://evil.example/more>; rel="next"'})]
    with pytest.raises(ForgeError, match="which is another host"):
        host.statuses(HEAD)


def test_a_list_is_not_read_beyond_what_is_wanted_of_it(world: World) -> None:
    world.commits = [world.commit("ada", sha=f"{n:040x}") for n in range(201)]
    host = github(world)
    world.log.clear()
    listed = host.api.pages("/repos/acme/infra/pulls/7/commits", wire.Commit, 200)
    assert [commit.sha for commit in listed] == [f"{n:040x}" for n in range(200)]
    assert len(world.log) == 2


def test_a_host_that_cannot_be_reached_is_asked_again_where_it_is_a_read() -> None:
    slept: list[float] = []
    api = Api("http://127.0.0.1:1", "test-token", slept.append)
    with pytest.raises(ForgeError, match=r"127\.0\.0\.1:1 cannot be reached \(\[Errno \d+\] Connection refused\)"):
        api.call("GET", "/user")
    assert slept == [1, 2, 4]
    slept.clear()
    with pytest.raises(ForgeError, match="cannot be reached"):
        api.call("POST", "/user", None, {})
    assert slept == []


def test_a_name_that_no_host_can_have_is_one_sentence() -> None:
    with pytest.raises(ForgeError, match=r"a\.\.b cannot be reached"):
        Api("https://a..b", "test-token", lambda _: None).call("GET", "/user")


# ---- files that the host keeps elsewhere -----------------------------------------------------------------------------

ZIP = "/repos/acme/infra/actions/artifacts/5/zip"


def download(world: World, most: int = 100) -> bytes:
    return patient(world)[0].api.download(ZIP, most)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_file_is_read_where_the_host_sends_us(world: World, status: int) -> None:
    world.archives[5] = b"x" * 100
    host, slept = patient(world)
    world.faults = [Answer(status, None, {"Location": f"{world.url}/storage/5"})]
    assert host.api.download(ZIP, 100) == b"x" * 100
    assert slept == []


def test_a_file_that_is_there_itself_is_read(world: World) -> None:
    host, _ = patient(world)
    world.faults = [Answer(200, b"x" * 100)]
    assert host.api.download(ZIP, 100) == b"x" * 100


def test_a_file_that_is_larger_than_is_wanted_is_refused(world: World) -> None:
    world.archives[5] = b"x" * 101
    with pytest.raises(ForgeError, match="more than is read at once"):
        download(world)


@pytest.mark.parametrize("place", ["http://storage.example/5", "ftp://localhost/5", "https://[", ""])
def test_a_file_is_not_read_where_others_can_read_along(world: World, place: str) -> None:
    host, _ = patient(world)
    world.faults = [Answer(302, None, {"Location": place})]
    with pytest.raises(ForgeError, match="is no safe place to read from"):
        host.api.download(ZIP, 100)


def test_a_file_is_asked_for_again_where_the_host_or_its_storage_has_a_fault(world: World) -> None:
    world.archives[5] = b"x"
    host, slept = patient(world)
    away = Answer(302, None, {"Location": f"{world.url}/storage/5"})
    world.faults = [Answer(502), away, Answer(503)]
    assert host.api.download(ZIP, 100) == b"x"
    assert slept == [1, 1]


@pytest.mark.parametrize("place", ["http://127.0.0.1:1/5", "https://127.0.0.1:1/5"])
def test_a_storage_that_cannot_be_reached_is_one_sentence(world: World, place: str) -> None:
    host, _ = patient(world)
    world.faults = [Answer(302, None, {"Location": place})]
    with pytest.raises(ForgeError, match=r"127\.0\.0\.1:1 cannot be reached"):
        host.api.download(ZIP, 100)


# ---- how it is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://api.github.com", "ftp://localhost", "file:///etc/passwd", "https://["])
def test_a_token_does_not_travel_in_clear_text(url: str) -> None:
    with pytest.raises(UsageError, match="is not https"):
        api_at(url, "test-token")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("api.example/v3", "'api.example/v3' is not https"),
        ("http://api.example/v3", "'http://api.example/v3' is not https"),
        ("https://me:secret@api.example/v3?key=secret", "'https://api.example/v3' has a user in it"),
    ],
)
def test_an_address_is_named_as_it_was_given_without_what_may_be_secret_in_it(url: str, named: str) -> None:
    with pytest.raises(UsageError) as refused:
        api_at(url, "test-token")
    assert named in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("token", ["", "a\nb", "tökén"])
def test_a_token_must_be_one(token: str) -> None:
    with pytest.raises(UsageError, match="no usable token"):
        api_at("https://api.github.com", token)
