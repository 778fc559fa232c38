"""GitHub over real HTTP, against a GitHub that remembers and is held to GitHub's own description."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from forge.fake_github import BASE, HEAD, Answer, World, served
from scopegate.errors import ForgeError, UsageError
from scopegate.forge.github import GitHub, connect
from scopegate.forge.model import Account, ReviewState, State
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


def test_a_fork_that_is_gone(world: World) -> None:
    world.pull["head"]["repo"] = None
    host = github(world)
    assert host.pull_request().head_repository is None
    assert host.pushes().gap == "the repository it comes from is gone"
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
    assert len(host.files(host.pull_request()).items) == 251
    assert len(host.pushes().items) == 251
    assert len(host.reviews()) == 250


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


def test_a_file_at_a_commit(world: World) -> None:
    world.file(".scopegate/policy.yaml", "version: 1\n# ä\n")
    assert github(world).file_at(".scopegate/policy.yaml", "main") == "version: 1\n# ä\n".encode()
    assert github(world).file_at(".scopegate/policy.yaml", HEAD) is None


def test_a_status_is_ours_by_the_account_that_wrote_it_and_by_its_context(world: World) -> None:
    world.status("success", "forged " + "0" * 64, who="ada")
    world.status("success", "other " + "0" * 64, context="lint")
    host = github(world)
    at = host.publish(HEAD, State.PENDING, "0 of 1 signed - " + "1" * 64)
    (status,) = host.statuses(HEAD)
    assert (status.at, status.fingerprint, status.run) == (at, "sha256:" + "1" * 64, 42)


def test_a_token_of_another_account_than_we_took_ourselves_for_is_an_error(world: World) -> None:
    world.account("gate[bot]", 77, bot=True)
    world.viewer = "gate[bot]"
    with pytest.raises(ForgeError, match=r"pass --identity gate\[bot\]"):
        github(world, identity="").publish(HEAD, State.PENDING, "x")
    assert github(world, identity="gate[bot]").viewer == Account(77, "gate[bot]", is_user=False)


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
    world.commented("bob", "<!-- scopegate:v1 -->\nPASS")
    github(world).comment("first")
    assert [c["body"] for c in world.comments] == ["<!-- scopegate:v1 -->\nPASS", "<!-- scopegate:v1 -->\nfirst"]


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


def test_who_cannot_be_asked_is_named_and_no_error(world: World) -> None:
    world.requests_refused = True
    assert github(world).request_reviews(["bob"], []) == "could not be asked for a review: bob"


def test_rules_of_several_rulesets_add_up(world: World) -> None:
    source = {"ruleset_source_type": "Repository", "ruleset_source": "acme/infra", "ruleset_id": 1}
    checks = {"strict_required_status_checks_policy": True, "required_status_checks": [{"context": "scopegate"}]}
    pinned = {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": "scopegate", "integration_id": 12}],
    }
    world.rules = [
        {"type": "required_status_checks", "parameters": checks, **source},
        {"type": "required_status_checks", "parameters": pinned, **source},
        {"type": "deletion", **source},
    ]
    rules = github(world).rules("main")
    assert (rules.sources, rules.up_to_date, rules.code_owners) == ({"scopegate": 12}, True, False)


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
    world.faults = [Answer(429, {}, {"Retry-After": "7"}), Answer(403, {}, {"Retry-After": "9"})]
    assert host.pull_request().number == 7
    assert slept == [7, 9]


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
    world.faults = [Answer(502, {})] * 3
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
        (Answer(200, b"<html>"), "in a form that is not known here"),
        (Answer(200, {"number": "seven"}), "in a form that is not known here"),
        (Answer(200, b"[" * 100_000), "in a form that is not known here"),
        (Answer(200, b" " * (16 * 1024 * 1024 + 1)), "more than is read at once"),
    ],
    ids=["expired", "hidden", "moved", "html", "wrong type", "nested", "huge"],
)
def test_every_other_answer_is_one_sentence(world: World, answer: Answer, sentence: str) -> None:
    host, _ = patient(world)
    world.faults = [answer]
    with pytest.raises(ForgeError, match=sentence):
        host.pull_request()


def test_a_next_page_on_another_host_is_not_asked_for(world: World) -> None:
    host, _ = patient(world)
    world.faults = [Answer(200, [], {"Link": '<https://evil.example/more>; rel="next"'})]
    with pytest.raises(ForgeError, match="which is another host"):
        host.statuses(HEAD)


def test_a_host_that_cannot_be_reached_is_one_sentence() -> None:
    with pytest.raises(ForgeError, match="cannot be reached"):
        Api("http://127.0.0.1:1", "test-token", lambda _: None).call("GET", "/user")


@pytest.mark.parametrize("url", ["http://api.github.com", "ftp://localhost", "file:///etc/passwd"])
def test_a_token_does_not_travel_in_clear_text(url: str) -> None:
    with pytest.raises(UsageError, match="is not https"):
        api_at(url, "test-token")


@pytest.mark.parametrize("token", ["", "a\nb", "tökén"])
def test_a_token_must_be_one(token: str) -> None:
    with pytest.raises(UsageError, match="no usable token"):
        api_at("https://api.github.com", token)
