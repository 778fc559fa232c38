"""The gate without a code host: git, a file of sign-offs, and the same rules."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gate.running import EVERYWHERE, POLICY, Gate
from scopegate.forge.local import local_forge

ADA, BOB = "ada@acme.example", "bob@acme.example"


def git(folder: Path, *words: str, author: str = ADA) -> str:
    identity = ["-c", f"user.name={author}", "-c", f"user.email={author}"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(gate: Gate) -> Path:
    """A clone with the policy on main, and a branch with one file more."""
    folder = gate.folder / "clone"
    (folder / ".scopegate").mkdir(parents=True)
    (folder / ".scopegate/policy.yaml").write_text(POLICY)
    (folder / "plan.json").write_bytes(EVERYWHERE.read_bytes())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "main")
    git(folder, "checkout", "-qb", "more-regions")
    commit(folder, "main.tf", "# more\n")
    return folder


def commit(folder: Path, name: str, text: str, author: str = ADA) -> None:
    (folder / name).write_text(text)
    git(folder, "add", ".", author=author)
    git(folder, "commit", "-qm", "change", author=author)


Judged = Callable[..., tuple[int, str]]


@pytest.fixture
def judged(gate: Gate, clone: Path) -> Judged:
    def run(*sign_offs: str) -> tuple[int, str]:
        file = gate.folder / "sign-offs.yaml"
        file.write_text("sign_offs:\n" + "".join(sign_offs) if sign_offs else "sign_offs: []\n")
        words = ["scopegate", "gate", "plan.json", "--forge", "local", "--sign-offs", str(file)]
        done = gate.run(words, clone)
        return done.code, done.said

    return run


def signed(clone: Path, who: str = BOB, *, seconds: int = 60, group: str = "team:cn-owners", state: str = "") -> str:
    at = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = git(clone, "rev-parse", "HEAD")
    more = f", state: {state}" if state else ""
    return f"  - {{who: {who}, at: '{at}', commit: '{head}', groups: ['{group}']{more}}}\n"


def test_an_owner_in_the_file_opens_the_gate_after_it_was_published(clone: Path, judged: Judged) -> None:
    assert judged()[0] == 10
    assert judged(signed(clone))[0] == 0


def test_a_sign_off_before_the_gate_ran_does_not_count(clone: Path, judged: Judged) -> None:
    code, said = judged(signed(clone))
    assert (code, "before the gate said what there is to agree to" in said) == (10, True)


def test_the_author_and_committers_cannot_sign(clone: Path, judged: Judged) -> None:
    commit(clone, "other.tf", "# b\n", author=BOB)
    judged()
    code, said = judged(signed(clone, ADA), signed(clone, BOB))
    assert code == 10
    assert "ada@acme.example, author or committer of" in said
    assert "bob@acme.example, the author of the change" in said


def test_a_commit_after_the_sign_off_voids_it(clone: Path, judged: Judged) -> None:
    judged()
    line = signed(clone)
    commit(clone, "other.tf", "# c\n")
    code, said = judged(line)
    assert (code, "not the head" in said) == (10, True)


def test_a_state_in_the_file_counts_as_a_review_of_that_state(clone: Path, judged: Judged) -> None:
    judged()
    assert judged(signed(clone, state="changes_requested"))[0] == 10


def test_what_was_published_on_another_commit_is_not_what_people_saw(clone: Path, judged: Judged) -> None:
    judged()
    commit(clone, "other.tf", "# c\n")
    code, said = judged(signed(clone))
    assert (code, "before the gate said what there is to agree to" in said) == (10, True)


def test_a_group_is_of_those_whom_the_file_says_to_be_in_it(clone: Path, judged: Judged) -> None:
    judged()
    code, said = judged(signed(clone, group="team:dns"), signed(clone, "eve@acme.example", state="commented"))
    assert (code, f"{BOB}, no member of team:cn-owners" in said) == (10, True)
    assert judged(signed(clone, group="team:dns"), signed(clone))[0] == 0


def test_a_sign_off_without_a_group_is_of_none(clone: Path, judged: Judged) -> None:
    judged()
    code, said = judged(signed(clone).replace(", groups: ['team:cn-owners']", ""))
    assert (code, f"{BOB}, no member of team:cn-owners" in said) == (10, True)


def test_without_a_file_of_sign_offs_nobody_has_agreed(gate: Gate, clone: Path) -> None:
    done = gate.run(["scopegate", "gate", "plan.json", "--forge", "local"], clone)
    assert (done.code, "0 of 1 signed (team:cn-owners)" in done.said) == (10, True)


def test_only_commits_and_files_of_the_branch_are_of_the_change(clone: Path) -> None:
    (clone / "logo.png").write_bytes(b"\0\1\2")
    (clone / "empty.tf").write_bytes(b"")
    commit(clone, "b ü.tf", "# b\n", author=BOB)
    host = local_forge(clone, "main", None)
    patches = {file.path: file.patch for file in host.files(host.pull_request()).items}
    assert patches == {
        "b ü.tf": "@@ -0,0 +1 @@\n+# b\n",
        "empty.tf": None,
        "logo.png": None,
        "main.tf": "@@ -0,0 +1 @@\n+# more\n",
    }
    assert [one.emails for one in host.commits().items] == [(BOB,), (ADA,)]
    assert host.file_at("main.tf", "HEAD") == b"# more\n"
    assert host.file_at("main.tf", "main") is None


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ("-x", "--base '-x' is no name of a branch or commit"),
        ("other", "`git merge-base` failed (it does not say why), so it cannot be told what the change is"),
        ("nowhere", "`git merge-base` failed (fatal: Not a valid object name nowhere)"),
    ],
)
def test_a_base_that_the_change_does_not_come_from_is_one_sentence(
    gate: Gate, clone: Path, base: str, says: str
) -> None:
    git(clone, "checkout", "-q", "--orphan", "other")
    git(clone, "commit", "-qm", "of another history")
    git(clone, "checkout", "-q", "more-regions")
    done = gate.run(["scopegate", "gate", "plan.json", "--forge", "local", f"--base={base}"], clone)
    assert (done.code, says in done.said) == (6, True)


def test_the_policy_of_the_base_holds_and_its_change_is_beyond(clone: Path, judged: Judged) -> None:
    lax = "version: 1\nlimits: {a: {direct_changes: {at_most: 9999}, sign_off: 1, why: lax}}\n"
    commit(clone, ".scopegate/policy.yaml", lax)
    code, said = judged()
    assert code == 10
    assert "reaches the strict jurisdiction CN" in said
    assert "1 file that the gate rests on (.scopegate/policy.yaml)" in said


def test_a_file_that_says_nothing_is_refused_with_its_line(gate: Gate, clone: Path) -> None:
    file = gate.folder / "sign-offs.yaml"
    file.write_text("sign_offs:\n  - {who: bob}\n")
    done = gate.run(["scopegate", "gate", "plan.json", "--forge", "local", "--sign-offs", str(file)], clone)
    assert (done.code, "sign-offs.yaml:2" in done.said) == (4, True)
