"""A check run with annotations at the lines of the diff, for those who gave the gate an app of its own."""

import pytest

from forge.fake_github import HEAD
from gate.running import FIXTURES, Gate
from gate.test_publishing import STACKS
from scopegate.forge.annotations import Annotation, blocks_in
from scopegate.forge.github import connect
from scopegate.forge.model import ChangedFile

PATCH = """@@ -1,3 +10,5 @@ locals {
 # before
-resource "aws_ssm_parameter" "gone" {}
+
+resource "aws_ssm_parameter" "setting" {
+}
@@ -40 +44,2 @@
 x
+resource "aws_lambda_function" "collector" {"""


def test_what_is_beyond_is_annotated_at_its_line_of_the_head(gate: Gate) -> None:
    gate.world.changed("modules/region/main.tf", PATCH)
    gate.here("--check-run")
    (run,) = gate.world.check_runs
    assert (run["head_sha"], run["conclusion"], run["name"]) == (HEAD, "action_required", "scopegate report")
    assert sorted((a["path"], a["start_line"], a["message"]) for a in run["output"]["annotations"]) == [
        ("modules/region/main.tf", 12, "china: reaches the strict jurisdiction CN"),
        ("modules/region/main.tf", 45, "china: reaches the strict jurisdiction CN"),
    ]


def test_without_a_diff_there_is_a_check_run_without_annotations(gate: Gate) -> None:
    gate.world.changed("big.tf", None)
    gate.here("--check-run")
    assert gate.world.check_runs[0]["output"]["annotations"] == []


@pytest.mark.parametrize(("count", "sizes"), [(50, [50]), (51, [50, 1]), (260, [50, 50, 50, 50])])
def test_fifty_annotations_go_into_a_request(gate: Gate, count: int, sizes: list[int]) -> None:
    host = connect(
        gate.world.url, "test-token", "acme/infra", 7, identity="github-actions[bot]", context="scopegate", run_url=""
    )
    host.check_run(HEAD, "failure", "t", "s", [Annotation("main.tf", n + 1, "m") for n in range(count)])
    assert [len(run["output"]["annotations"]) for run in gate.world.check_runs] == sizes


def test_the_comment_links_the_blocks_of_the_diff_at_the_head(gate: Gate) -> None:
    gate.world.changed("modules/region/main.tf", PATCH)
    gate.here()
    (comment,) = gate.world.comments
    link = f"https://github.example/acme/infra/blob/{HEAD}/modules/region/main.tf#L12"
    assert f"[`modules/region/main.tf:12`]({link})" in comment["body"]


def test_a_plan_that_runs_an_action_of_a_provider_is_judged(gate: Gate) -> None:
    # Its address, action.bufo_print.success, is that of no resource; it was taken for a damaged one.
    gate.plans = {"plan.json": FIXTURES / "real/action-invocations-tf114-trimmed/plan.json"}
    del gate.world.contents["main", ".scopegate/policy.yaml"]
    gate.world.changed("main.tf", '@@ -1 +1 @@\n+resource "bufo_print" "success" {')
    assert gate.here("--check-run").code == 10
    assert "action.bufo_print.success" in gate.world.comments[0]["body"]
    assert gate.world.check_runs[0]["output"]["annotations"] == []


def test_a_block_that_may_be_of_another_module_is_not_linked(gate: Gate) -> None:
    gate.world.changed("modules/a/main.tf", PATCH)
    gate.world.changed("modules/b/main.tf", PATCH)
    gate.here()
    assert "/blob/" not in gate.world.comments[0]["body"]


def test_a_resource_of_a_module_is_not_looked_for_in_the_root(gate: Gate) -> None:
    gate.world.changed("main.tf", PATCH)
    gate.here("--check-run")
    assert gate.world.check_runs[0]["output"]["annotations"] == []
    assert "/blob/" not in gate.world.comments[0]["body"]


DEEP = """@@ -40,3 +52,3 @@ resource "aws_ssm_parameter" "setting" {

   name = "currency"
-  value = "EUR"
+  value = "USD"
@@ -90,3 +102,3 @@ resource "aws_ssm_parameter" "setting" {
   tags = {
@@ -120,2 +132,2 @@ resource "aws_lambda_function" "collector" {
 # what is the same everywhere
 locals {"""


def test_a_change_deep_in_a_block_is_linked_at_the_first_of_its_lines_that_is_shown(gate: Gate) -> None:
    """Of the function nothing is shown: its block ended before the lines that follow its name."""
    gate.world.changed("modules/region/main.tf", DEEP)
    gate.here("--check-run")
    (run,) = gate.world.check_runs
    assert [(a["path"], a["start_line"]) for a in run["output"]["annotations"]] == [("modules/region/main.tf", 53)]
    assert f"/blob/{HEAD}/modules/region/main.tf#L53)" in gate.world.comments[0]["body"]


def blocks(*files: ChangedFile) -> dict[str, list[str]]:
    """Return where the blocks of a diff are, by the name of the resource."""
    return {
        name: [f"{place.file}:{place.line}" for place in places]
        for (_, name), places in blocks_in(files).places.items()
    }


CHANGE = """@@ -1,2 +1,2 @@
-resource "aws_a" "gone" {
+resource "aws_a" "made" {
 }"""


@pytest.mark.parametrize("name", ["main.tf", "main.tofu"])
def test_a_block_is_where_it_begins_in_the_head(name: str) -> None:
    assert blocks(ChangedFile(name, patch=CHANGE)) == {"made": [f"{name}:1"]}


@pytest.mark.parametrize("file", [ChangedFile("README.md", patch=CHANGE), ChangedFile("main.tf", patch=None)])
def test_what_is_no_code_or_is_not_shown_has_no_blocks(file: ChangedFile) -> None:
    assert blocks(file) == {}


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("   name = 1\n+  tags = 2", ["main.tf:7"]),
        (" }\n+# after it", ["main.tf:7"]),
        ("\n+  tags = 2", ["main.tf:8"]),
        (" # after it\n+  tags = 2", []),
        ("+", []),
        (' resource "aws_b" "other" {\n+  tags = 2', []),
    ],
    ids=["inside", "its end", "behind an empty line", "after it", "nothing", "another"],
)
def test_a_block_whose_beginning_is_above_the_diff_is_where_it_is_first_shown(shown: str, found: list[str]) -> None:
    patch = f'@@ -7,2 +7,3 @@ resource "aws_a" "deep" {{\n{shown}'
    assert blocks(ChangedFile("main.tf", patch=patch)).get("deep", []) == found


def test_the_block_of_each_stack_is_looked_for_in_its_own_folder(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", STACKS)
    case = FIXTURES / "stacks/cases/zone-resized"
    gate.plans = {f"{stack}/plan.json": case / stack / "plan.json" for stack in ("network", "app")}
    for folder in ("network", "app", "modules/web"):
        gate.world.changed(f"{folder}/main.tf", '@@ -1 +1,2 @@\n x\n+resource "aws_instance" "web" {')
    gate.here("--check-run")
    (run,) = gate.world.check_runs
    assert [(one["path"], one["start_line"]) for one in run["output"]["annotations"]] == [("app/main.tf", 2)]
