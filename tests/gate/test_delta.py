"""What got wider since people agreed, said where they read: from what runs of the gate kept, never from a comment."""

import json
import subprocess
from pathlib import Path

import pytest

from gate.running import AT_HOME, EVERYWHERE, HEAD, Gate, archive, kept
from gate.test_local import ADA, git

CN = EVERYWHERE.parents[1] / "kept-in-china/plan.json"
NEW_HEAD = "e" * 40
DIRECT_IN_VIRGINIA = "- wider: direct update in `aws us-east-1 123456789012 AWS Systems Manager`"


def comment(gate: Gate) -> str:
    return str(gate.world.comments[0]["body"])


def widened(gate: Gate) -> str:
    """China is approved, then a push reaches Frankfurt and Virginia as well."""
    gate.plans = {"plan.json": CN}
    kept(gate)
    gate.world.reviewed("bob")
    gate.world.pull["head"]["sha"] = NEW_HEAD
    gate.world.pushed("ada")
    gate.plans = {"plan.json": EVERYWHERE}
    kept(gate)
    return comment(gate)


def test_a_push_that_widens_shows_what_is_wider_than_what_was_approved(gate: Gate) -> None:
    body = widened(gate)
    assert "**Since the report before:**" in body
    assert "it was NEEDS SIGN-OFF" in body
    assert DIRECT_IN_VIRGINIA in body
    assert "cn-north-1" not in "".join(line for line in body.splitlines() if line.startswith("- wider"))
    assert "bob" in body


def test_a_wider_plan_of_the_same_head_shows_the_same(gate: Gate) -> None:
    gate.plans = {"plan.json": CN}
    kept(gate)
    gate.plans = {"plan.json": EVERYWHERE}
    gate.here()
    assert DIRECT_IN_VIRGINIA in comment(gate)


def test_it_is_held_against_what_was_approved_and_not_against_the_push_between(gate: Gate) -> None:
    """Else a widening would be hidden by one wider still, taken back in part."""
    gate.plans = {"plan.json": CN}
    kept(gate)
    gate.world.reviewed("bob")
    for sha, plan in (("d" * 40, EVERYWHERE), (NEW_HEAD, AT_HOME)):
        gate.world.pull["head"]["sha"] = sha
        gate.world.pushed("ada")
        gate.plans = {"plan.json": plan}
        kept(gate)
    assert "- wider: direct update in `aws eu-central-1 123456789012 AWS Systems Manager`" in comment(gate)


def test_a_narrower_plan_says_what_is_gone(gate: Gate) -> None:
    kept(gate)
    gate.plans = {"plan.json": CN}
    gate.here()
    lines = [line for line in comment(gate).splitlines() if line.startswith(("- wider", "- narrower"))]
    assert lines
    assert all(line.startswith("- narrower") for line in lines)


def test_nothing_is_said_where_nothing_else_was_published(gate: Gate) -> None:
    kept(gate)
    kept(gate)
    assert "Since the report before" not in comment(gate)


def test_a_document_that_is_not_what_the_status_says_is_not_shown(gate: Gate) -> None:
    gate.plans = {"plan.json": CN}
    kept(gate)
    run = gate.run_id
    document = json.loads((gate.folder / "scopes.json").read_text())
    document["scope"]["cells"][0]["region"] = "us-east-1"
    gate.world.archives[run] = archive({"scopes.json": json.dumps(document).encode()})
    gate.plans = {"plan.json": EVERYWHERE}
    gate.here()
    assert "Since the report before" not in comment(gate)
    assert "no run keeps it any more" in comment(gate)


@pytest.mark.parametrize(
    "run",
    [{"path": ".github/workflows/evil.yml"}, {"event": "pull_request"}],
    ids=["another workflow", "a pull request's own"],
)
def test_a_run_that_is_no_gate_of_the_default_branch_keeps_nothing(gate: Gate, run: dict[str, object]) -> None:
    gate.plans = {"plan.json": CN}
    kept(gate, **run)
    gate.plans = {"plan.json": EVERYWHERE}
    gate.here()
    assert "no run keeps it any more" in comment(gate)


def test_what_cannot_be_read_of_before_keeps_nothing_from_being_published(gate: Gate) -> None:
    gate.plans = {"plan.json": CN}
    kept(gate)
    gate.world.archives[gate.run_id] = b"no archive"
    gate.plans = {"plan.json": EVERYWHERE}
    assert gate.here().code == 10
    assert "What it was before is not known" in " ".join(comment(gate).split())


@pytest.mark.parametrize(
    ("published", "approved", "held_against"),
    [
        ((AT_HOME, CN), "never", CN),
        ((AT_HOME, CN), "later", CN),
        ((CN, AT_HOME), "never", AT_HOME),
        ((CN, AT_HOME), "as the last was published", CN),
    ],
)
def test_it_is_held_against_what_whoever_approved_saw_last(
    gate: Gate, published: tuple[Path, ...], approved: str, held_against: Path
) -> None:
    for plan in published:
        gate.plans = {"plan.json": plan}
        kept(gate)
    if approved != "never":
        at = gate.world.statuses[HEAD][-1]["created_at"] if approved == "as the last was published" else ""
        gate.world.reviewed("bob", at=at)
    gate.plans = {"plan.json": EVERYWHERE}
    gate.here()
    wider = "".join(line for line in comment(gate).splitlines() if line.startswith("- wider"))
    assert "us-east-1" in wider
    assert ("cn-north-1" in wider) is (held_against is AT_HOME)


def test_a_run_without_a_verdict_is_nothing_to_be_held_against(gate: Gate) -> None:
    gate.plans = {"plan.json": CN}
    kept(gate)
    gate.world.status("error", "the plan cannot be read")
    gate.plans = {"plan.json": EVERYWHERE}
    gate.here()
    assert DIRECT_IN_VIRGINIA in comment(gate)


def test_this_head_and_the_three_before_it_are_asked_about(gate: Gate) -> None:
    for digit in "1234":
        gate.world.pull["head"]["sha"] = digit * 40
        gate.world.pushed("ada")
    gate.here()
    asked = {path.split("/")[-2] for method, path, _ in gate.world.log if (method, path[-9:]) == ("GET", "/statuses")}
    assert asked == {digit * 40 for digit in "1234"}


def test_nothing_is_read_back_from_a_comment(gate: Gate) -> None:
    body = widened(gate)
    gate.world.comments[0]["body"] = "<!-- scopegate:v1 -->\n## PASS"
    kept(gate)
    assert comment(gate) == body


def test_what_is_kept_holds_no_value(gate: Gate) -> None:
    text = EVERYWHERE.read_text()
    plan = json.loads(text)
    for change in plan["resource_changes"]:
        for side in ("before", "after"):
            if isinstance(change["change"].get(side), dict) and "value" in change["change"][side]:
                change["change"][side]["value"] = f"canary-{side}"
    marked = gate.folder / "marked.json"
    marked.write_text(json.dumps(plan))
    gate.plans = {"plan.json": marked}
    kept(gate)
    assert "canary" not in (gate.folder / "scopes.json").read_text()


def test_a_clone_keeps_its_own(gate: Gate, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "plan.json").write_bytes(CN.read_bytes())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-qm", "main", "--allow-empty")
    git(folder, "checkout", "-qb", "more-regions")
    said = []
    for text, plan in (("a", CN), ("b", EVERYWHERE)):
        (folder / "main.tf").write_text(text)
        (folder / "plan.json").write_bytes(plan.read_bytes())
        git(folder, "add", "main.tf")
        git(folder, "commit", "-qm", text, author=ADA)
        said.append(gate.run(["scopegate", "gate", "plan.json", "--forge", "local"], folder).said)
    assert "Since the report before" not in said[0]
    assert "Since the report before" in said[1]
    assert "+ goes beyond one-region: us-east-1" in said[1]
    assert subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, check=True).stdout == (
        b"?? plan.json\n"
    )
