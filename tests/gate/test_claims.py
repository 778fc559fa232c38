"""Sign-off as files: the code host asks who owns a claim, the gate checks the claim, and apply needs no network."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forge.fake_github import HEAD
from gate.running import AT_HOME, EVERYWHERE, POLICY, Gate
from scopegate.errors import PolicyError
from scopegate.policy.stacks import stack_name
from scopegate.verdict.claim import Claim, as_json, group_name, in_words, read_claim
from scopegate.verdict.fingerprint import Cell, SignedScope

CLAIM = ".scopegate/claims/root/cn-owners.json"
CN = EVERYWHERE.parents[1] / "kept-in-china/plan.json"
SOURCE = {"ruleset_source_type": "Repository", "ruleset_source": "acme/infra", "ruleset_id": 1}
REVIEWS = {
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": True,
    "require_last_push_approval": True,
    "required_approving_review_count": 1,
    "required_review_thread_resolution": False,
}


@pytest.fixture
def claimed(gate: Gate) -> Gate:
    """A pull request with the right claim in it, and a branch whose rules make its owners agree."""
    gate.world.rules = [{"type": "pull_request", "parameters": dict(REVIEWS), **SOURCE}]
    gate.world.file(".github/CODEOWNERS", "/.scopegate/claims/**/cn-owners.json @acme/cn-owners\n")
    gate.world.changed(CLAIM)
    write(gate)
    return gate


def write(gate: Gate) -> None:
    assert gate.here("--into", str(gate.folder / "repository"), command="claim").code == 0
    gate.world.file(CLAIM, (gate.folder / "repository" / CLAIM).read_text(), ref=HEAD)


def test_a_right_claim_that_its_owners_must_review_opens_the_gate(claimed: Gate) -> None:
    done = claimed.here("--mode", "claim")
    assert (done.code, claimed.world.last_status[0]) == (0, "success")
    assert CLAIM not in done.said


def write_instead(gate: Gate, *paths: str) -> None:
    """Let the change hold claims in these files instead."""
    gate.world.files.pop()
    for path in paths:
        gate.world.changed(path)
    assert gate.here("--into", str(gate.folder / "repository"), command="claim").code == 0
    for path in paths:
        gate.world.file(path, (gate.folder / "repository" / path).read_text(), ref=HEAD)


def test_who_owns_the_changed_files_is_asked_by_a_claim(claimed: Gate) -> None:
    asks_owners = POLICY.replace("{from: team:cn-owners}", "{codeowners-of: changed-files}")
    claimed.world.file(".scopegate/policy.yaml", asks_owners)
    claimed.world.file(".github/CODEOWNERS", "*.tf @acme/cn-owners\n/.scopegate/claims/ @acme/cn-owners\n")
    write_instead(claimed, CLAIM.replace("cn-owners", "acme--cn-owners"))
    done = claimed.here("--mode", "claim")
    assert (done.code, claimed.world.last_status[0]) == (0, "success")


def test_each_plan_that_is_asked_about_has_its_claim(claimed: Gate) -> None:
    claims = [CLAIM.replace("root", folder) for folder in ("a", "b")]
    claimed.plans = {"a/plan.json": EVERYWHERE, "b/plan.json": CN}
    write_instead(claimed, *claims)
    assert claimed.here("--mode", "claim").code == 0
    for claim in claims:
        held = claimed.world.contents.pop((HEAD, claim))
        done = claimed.here("--mode", "claim")
        assert (done.code, f"{claim}: the claim is missing" in done.said) == (10, True)
        claimed.world.contents[HEAD, claim] = held


def test_a_claim_says_in_plain_json_what_is_agreed(claimed: Gate) -> None:
    text = (claimed.folder / "repository" / CLAIM).read_text()
    claim = json.loads(text)
    assert (claim["stack"], claim["branch"], claim["from"], claim["count"]) == (
        "root",
        "more-regions",
        ["team:cn-owners"],
        1,
    )
    assert {cell["region"] for cell in claim["scope"]["cells"]} == {"cn-north-1", "eu-central-1", "us-east-1"}
    assert claim["scope"]["beyond"] == ["china: CN"]
    write(claimed)
    assert (claimed.folder / "repository" / CLAIM).read_text() == text


Spoil = Callable[[Gate], None]


def edited(change: Callable[[dict[str, Any]], object]) -> Spoil:
    def spoil(gate: Gate) -> None:
        claim = json.loads(gate.world.contents[HEAD, CLAIM])
        change(claim)
        gate.world.file(CLAIM, json.dumps(claim), ref=HEAD)

    return spoil


def rule(**parameters: object) -> Spoil:
    return lambda gate: gate.world.rules[0]["parameters"].update(parameters)


def owners(text: str) -> Spoil:
    return lambda gate: gate.world.file(".github/CODEOWNERS", text)


def gone(gate: Gate) -> None:
    del gate.world.contents[HEAD, CLAIM]


def wider(gate: Gate) -> None:
    gate.plans = {"plan.json": CN}
    write(gate)
    gate.plans = {"plan.json": EVERYWHERE}


def from_an_older_change(gate: Gate) -> None:
    gate.world.files = gate.world.files[:1]


def of_another_branch(gate: Gate) -> None:
    gate.world.pull["head"]["ref"] = "another"


def with_an_owner_that_is_gone(gate: Gate) -> None:
    error = {
        "line": 1,
        "column": 1,
        "kind": "Unknown owner",
        "source": "x",
        "message": "x",
        "path": ".github/CODEOWNERS",
    }
    gate.world.code_owners_errors = [error]


def by_two_groups(gate: Gate) -> None:
    two = POLICY.replace("{from: team:cn-owners}", "{all_of: [team:cn-owners, team:dns]}")
    gate.world.file(".scopegate/policy.yaml", two)
    gate.world.changed(CLAIM.replace("cn-owners", "dns"))
    write(gate)


def by_two(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("from: team:cn-owners", "from: team:cn-owners, count: 2"))
    write(gate)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (gone, "the claim is missing; write it with"),
        (wider, "the claim is not what the plan says: not in it are"),
        (edited(lambda claim: claim.update(count=0)), "it claims more, or for another branch, group or number"),
        (of_another_branch, "it claims more, or for another branch"),
        (from_an_older_change, "the claim is not part of this change, so nobody is asked about it"),
        (rule(dismiss_stale_reviews_on_push=False), "the branch does not dismiss stale approvals"),
        (rule(require_last_push_approval=False), "the branch lets whoever pushed last approve"),
        (rule(require_code_owner_review=False), "the branch does not ask code owners"),
        (owners("/.scopegate/claims/**/cn-owners.json @ada\n"), "names `user:ada` as owner of the claim"),
        (owners("*.tf @acme/cn-owners\n"), "names nobody as owner of the claim"),
        (
            with_an_owner_that_is_gone,
            "skips lines of CODEOWNERS that it cannot use (.github/CODEOWNERS:1: Unknown owner)",
        ),
        (by_two_groups, "one person can agree for several groups, and the policy asks for different people"),
        (by_two, "code owners agree one for all, and 2 are needed"),
    ],
)
def test_everything_less_keeps_it_shut_and_says_why(claimed: Gate, spoil: Spoil, says: str) -> None:
    spoil(claimed)
    done = claimed.here("--mode", "claim")
    assert done.code == 10
    assert says.replace("`", "") in done.said.replace("`", "")


@pytest.mark.parametrize(
    "change",
    [
        lambda claim: claim["scope"]["cells"].pop(),
        lambda claim: claim["scope"]["cells"][0].update(region="eu-west-1"),
        lambda claim: claim.update(fingerprint="sha256:" + "0" * 64),
        lambda claim: claim.update(kind="something"),
        lambda claim: claim.update(extra=1),
    ],
)
def test_a_claim_edited_by_hand_is_none(claimed: Gate, change: Callable[[dict[str, Any]], object]) -> None:
    edited(change)(claimed)
    done = claimed.here("--mode", "claim")
    assert (done.code, claimed.world.last_status[0]) == (4, "error")
    assert CLAIM in done.said


def test_rules_of_another_base_do_not_stand_for_those_of_the_trusted_branch(claimed: Gate) -> None:
    claimed.world.pull["base"]["ref"] = "strict-looking"
    claimed.world.rules_of_others["strict-looking"] = claimed.world.rules
    claimed.world.rules = []
    done = claimed.here("--mode", "claim", "--target", "strict-looking")
    assert (done.code, "the branch does not ask code owners" in done.said) == (10, True)


def required(*patterns: str, approvals: int = 2) -> dict[str, object]:
    reviewer = {"id": 1, "type": "Team"}
    return {"file_patterns": list(patterns), "minimum_approvals": approvals, "reviewer": reviewer}


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([required(".scopegate/claims/**")], 0),
        ([required("*.tf", ".scopegate/claims/**")], 0),
        ([required(".scopegate/**", approvals=1), required(".scopegate/claims/**")], 0),
        ([required(".scopegate/claims/**", approvals=3)], 0),
        ([required(".scopegate/claims/**", approvals=1)], 10),
        ([required("*.tf"), required(".scopegate/claims/**", approvals=1)], 10),
        ([required("**", "!.scopegate/**")], 10),
        ([required(".scopegate/claims/**", "!**/cn-owners.json")], 10),
    ],
)
def test_two_are_asked_where_required_reviewers_of_the_claim_are_two(
    claimed: Gate, rules: list[dict[str, object]], code: int
) -> None:
    by_two(claimed)
    rule(required_reviewers=rules)(claimed)
    done = claimed.here("--mode", "claim")
    assert done.code == code
    assert ("code owners agree one for all, and 2 are needed" in done.said) is (code == 10)


@pytest.mark.parametrize(("approvals", "code"), [(0, 10), (1, 10), (2, 0), (3, 0)])
def test_anyone_agrees_where_the_branch_asks_for_as_many_as_are_needed_in_all(
    claimed: Gate, approvals: int, code: int
) -> None:
    both = POLICY.replace("{from: team:cn-owners}", "{all_of: [team:cn-owners, 1]}")
    claimed.world.file(".scopegate/policy.yaml", both)
    claimed.world.changed(CLAIM.replace("cn-owners", "anyone"))
    write(claimed)
    anyone = CLAIM.replace("cn-owners", "anyone")
    claimed.world.file(anyone, (claimed.folder / "repository" / anyone).read_text(), ref=HEAD)
    rule(required_approving_review_count=approvals)(claimed)
    done = claimed.here("--mode", "claim")
    assert done.code == code
    assert (f"the branch asks for {approvals} approvals, and 2 are needed" in done.said) is (code == 10)


def test_a_review_alone_opens_nothing_in_claim_mode(claimed: Gate) -> None:
    gone(claimed)
    claimed.here("--mode", "claim")
    claimed.world.reviewed("bob")
    assert claimed.here("--mode", "claim").code == 10


# ---- before apply ----------------------------------------------------------------------------------------------------


def verify(gate: Gate, plan: Path, *more: str, policy: str = POLICY) -> tuple[int, str]:
    folder = gate.folder / "merged"
    folder.mkdir(exist_ok=True)
    (folder / "plan.json").write_bytes(plan.read_bytes())
    (folder / "policy.yaml").write_text(policy)
    claims = gate.folder / "repository/.scopegate/claims"
    words = ["scopegate", "verify", "plan.json", "--policy", "policy.yaml", "--claims", str(claims), *more]
    done = gate.run(words, folder)
    return done.code, done.said


def test_the_plan_that_was_claimed_may_be_applied(claimed: Gate) -> None:
    before = len(claimed.world.log)
    assert verify(claimed, EVERYWHERE) == (0, "Within what was agreed.")
    assert len(claimed.world.log) == before


def test_a_narrower_plan_may_be_applied(claimed: Gate) -> None:
    assert verify(claimed, CN)[0] == 0
    assert verify(claimed, AT_HOME)[0] == 0


def test_a_plan_wider_by_regions_is_refused_with_what_is_wider(claimed: Gate) -> None:
    claimed.plans = {"plan.json": CN}
    write(claimed)
    code, said = verify(claimed, EVERYWHERE)
    assert code == 10
    assert "NOT AGREED plan.json: direct update in aws us-east-1 123456789012 AWS Systems Manager" in said
    assert "cn-north-1" not in said


def test_a_stricter_policy_since_then_asks_again(claimed: Gate) -> None:
    code, said = verify(claimed, EVERYWHERE, policy=POLICY.replace("team:cn-owners", "team:lawyers"))
    assert code == 10
    assert "1 of team:lawyers did not agree to anything here" in said


def test_a_claim_of_an_older_change_does_not_count_where_the_branch_is_named(claimed: Gate) -> None:
    assert verify(claimed, EVERYWHERE, "--branch", "more-regions")[0] == 0
    assert verify(claimed, EVERYWHERE, "--branch", "another")[0] == 10


def test_without_claims_nothing_beyond_is_applied(gate: Gate) -> None:
    assert verify(gate, EVERYWHERE)[0] == 10
    assert verify(gate, AT_HOME)[0] == 0


STRAY = ".scopegate/claims/root/nobody-owns-this.json"


def test_a_claim_that_nobody_asked_for_is_a_guard_rail(gate: Gate) -> None:
    """It could be the agreement that a later apply is held against, with nobody asked about it."""
    gate.world.rules = [{"type": "pull_request", "parameters": dict(REVIEWS), **SOURCE}]
    gate.plans = {"plan.json": AT_HOME}
    assert gate.here("--mode", "claim").code == 0
    gate.world.changed(STRAY)
    done = gate.here("--mode", "claim")
    assert (done.code, f"1 file that the gate rests on ({STRAY})" in done.said) == (10, True)


def test_a_claim_that_is_moved_away_is_a_guard_rail(claimed: Gate) -> None:
    claimed.world.files.pop()
    claimed.world.changed(CLAIM, previous=".scopegate/claims/root/other-owners.json")
    done = claimed.here("--mode", "claim")
    assert done.code == 10
    assert "2 files that the gate rests on" in done.said


def misplaced(gate: Gate) -> Path:
    return gate.folder / "repository" / STRAY


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_claim_in_a_place_whose_owners_were_not_asked_stops_the_apply(claimed: Gate, kind: str) -> None:
    right = claimed.folder / "repository" / CLAIM
    elsewhere = claimed.folder / "elsewhere"
    match kind:
        case "file":
            right.rename(misplaced(claimed))
        case "link":
            right.rename(elsewhere)
            right.symlink_to(elsewhere)
        case _:
            right.parent.rename(elsewhere)
            right.parent.symlink_to(elsewhere)
    code, said = verify(claimed, EVERYWHERE)
    assert code in (4, 10)
    assert "NOT AGREED" in said or "its owners were not asked" in said or "was not asked about this file" in said


def test_a_pipe_in_place_of_a_claim_stops_the_apply(claimed: Gate) -> None:
    right = claimed.folder / "repository" / CLAIM
    right.unlink()
    os.mkfifo(right)
    code, said = verify(claimed, EVERYWHERE)
    assert (code, "it is no regular file" in said) == (4, True)


def test_a_flood_in_place_of_a_claim_stops_the_apply(claimed: Gate) -> None:
    right = claimed.folder / "repository" / CLAIM
    with right.open("r+b") as file:
        file.truncate(1024**3)
    code, said = verify(claimed, EVERYWHERE)
    assert (code, "it is larger than 16 MB" in said) == (4, True)


def merged(gate: Gate, when: str) -> None:
    """Let the claim come onto main by a merge of this time."""
    folder = gate.folder / "repository"
    environment = {
        "PATH": os.environ["PATH"],
        **{f"GIT_{role}_{key}": f"{key}@x" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")},
    }

    def git(*words: str, at: str = when) -> None:
        dated = environment | {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        subprocess.run(["git", *words], cwd=folder, env=dated, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("commit", "-qm", "main", "--allow-empty")
    git("checkout", "-qb", "more-regions")
    git("add", ".")
    # The author dates their own commits, and can date them into the future.
    git("commit", "-qm", "claim", at="2027-01-01T00:00:00Z")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "merge", "more-regions")


AGE = ("--max-age", "30", "--now", "2026-11-22T13:00:00Z")


@pytest.mark.parametrize(("when", "code"), [("2026-11-01T00:00:00Z", 0), ("2026-10-01T00:00:00Z", 10)])
def test_a_claim_counts_for_as_long_as_is_said_after_its_merge(claimed: Gate, when: str, code: int) -> None:
    merged(claimed, when)
    found, said = verify(claimed, EVERYWHERE, *AGE)
    assert found == code
    assert ("TOO OLD" in said) is (code == 10)
    assert verify(claimed, EVERYWHERE)[0] == 0


def test_a_claim_that_is_not_committed_as_it_stands_has_no_age(claimed: Gate) -> None:
    merged(claimed, "2026-11-01T00:00:00Z")
    claim = claimed.folder / "repository" / CLAIM
    claim.write_text(claim.read_text() + "\n")
    code, said = verify(claimed, EVERYWHERE, *AGE)
    assert (code, "is not committed as it stands here" in said) == (6, True)


def test_the_age_of_a_claim_cannot_be_told_in_a_shallow_clone(claimed: Gate) -> None:
    merged(claimed, "2026-10-01T00:00:00Z")
    source = claimed.folder / "repository"
    source.rename(claimed.folder / "origin")
    words = ["git", "clone", "-q", "--depth", "1", f"file://{claimed.folder / 'origin'}", str(source)]
    subprocess.run(words, check=True, capture_output=True)
    code, said = verify(claimed, EVERYWHERE, *AGE)
    assert (code, "This clone is shallow" in said) == (6, True)


# ---- the file itself -------------------------------------------------------------------------------------------------


def test_writing_and_reading_a_claim_is_the_identity() -> None:
    cell = Cell(
        "aws", "aws-cn", "cn-north-1", "", "", "S3", "CN", "", "direct", "update", "", ("replica aws-cn x - CN",)
    )
    scope = SignedScope(
        frozenset({cell}), frozenset({'x["é"]'}), frozenset({"a b"}), frozenset({"c: d"}), {"n": 3}, "p"
    )
    claim = Claim("envs/prod", "b", ("team:a", "user:b"), 2, scope)
    assert read_claim(as_json(claim).encode(), claim.path) == claim


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff"])
def test_anything_else_is_no_claim(data: bytes) -> None:
    with pytest.raises(PolicyError, match="this is no claim"):
        read_claim(data, "claim.json")


@pytest.mark.parametrize(("member", "value"), [("kind", "scopegate-log"), ("schema_version", "2")])
def test_a_claim_of_another_form_is_not_read_as_one_of_this(member: str, value: str) -> None:
    document = json.loads(as_json(Claim("prod", "b", ("anyone",), 1, SignedScope())))
    with pytest.raises(PolicyError, match="only claims of schema_version 1 are known"):
        read_claim(json.dumps(document | {member: value}).encode(), "claim.json")


def test_a_place_that_was_not_agreed_is_named_as_far_as_it_is_known() -> None:
    known = Cell("aws", "aws-cn", "cn-north-1", "111111111111", "", "Amazon S3", "CN", "", "direct", "update")
    unknown = Cell("aws", "", "", "", "", "Amazon S3", "", "", "affected", "")
    assert in_words(SignedScope(cells=frozenset({known, unknown}))) == (
        "affected in region unknown Amazon S3",
        "direct update in aws-cn cn-north-1 111111111111 Amazon S3",
    )


@pytest.mark.parametrize(
    ("stack", "groups", "path"),
    [
        ("prod", ("team:cn-owners",), ".scopegate/claims/prod/cn-owners.json"),
        ("envs/prod", ("team:acme/dns", "user:ada"), ".scopegate/claims/envs--prod/acme--dns+@ada.json"),
        ("..", ("anyone",), ".scopegate/claims/%2E%2E/anyone.json"),
        ("a b", ("anyone",), ".scopegate/claims/a%20b/anyone.json"),
        ("é.a", ("team:a+b",), ".scopegate/claims/%C3%A9.a/a%2Bb.json"),
    ],
)
def test_a_claim_lies_where_its_owners_can_be_named(stack: str, groups: tuple[str, ...], path: str) -> None:
    assert Claim(stack, "b", groups, 1, SignedScope()).path == path


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/b", "a--b"),
        ("a-/b", "a/-b"),
        ("a//b", "a----b"),
        ("..", "%2E%2E"),
        ("..", "_.."),
        ("éa", "\u0e9a"),
        ("a/b", "a%2Fb"),
    ],
)
def test_no_two_stacks_have_a_place_for_claims(one: str, other: str) -> None:
    first, second = (Claim(stack, "b", ("anyone",), 1, SignedScope()).path for stack in (one, other))
    assert first.count("/") == second.count("/") == 3
    assert first != second


@pytest.mark.parametrize(
    ("one", "other"),
    [(("team:a",), ("user:a",)), (("team:a+b",), ("team:a", "team:b")), (("team:a/b",), ("team:a--b",))],
)
def test_no_two_groups_have_a_claim(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert group_name(one) != group_name(other)


def test_a_stack_without_a_name_is_called_after_its_folder() -> None:
    assert [stack_name(None, p) for p in ("plan.json", "envs/prod/plan.json")] == ["root", "envs/prod"]
    assert group_name(("team:a/b",)) == "a--b"


def test_a_policy_that_is_another_now_is_among_what_was_not_agreed() -> None:
    assert in_words(SignedScope(destructive=frozenset({"aws_vpc.a"}), policy="p")) == (
        "destroys aws_vpc.a",
        "is judged by a changed policy",
    )
    assert in_words(SignedScope()) == ()
