"""What a repository's rules really stop."""

import pytest
from msgspec.structs import replace

from gate.running import Gate
from scopegate.forge.doctor import Level, Setup, findings_of, level_of, next_step
from scopegate.forge.model import Rules

SOURCE = {"ruleset_source_type": "Repository", "ruleset_source": "acme/infra", "ruleset_id": 1}
GATE = ".github/workflows/gate.yml"
SPLIT = "on:\n  workflow_run:\njobs: {gate: {steps: [{run: scopegate gate}]}}\n"


def checks(source: int | None = None) -> dict[str, object]:
    check = {"context": "scopegate"} | ({} if source is None else {"integration_id": source})
    parameters = {"strict_required_status_checks_policy": True, "required_status_checks": [check]}
    return {"type": "required_status_checks", "parameters": parameters, **SOURCE}


def doctor(gate: Gate, level: str = "split") -> tuple[int, str]:
    done = gate.run(["scopegate", "doctor", "--level", level], gate.folder)
    return done.code, done.said


def test_an_empty_repository_is_advisory_and_the_first_step_is_to_require_the_status(gate: Gate) -> None:
    code, said = doctor(gate)
    assert code == 4
    assert "Level reached: advisory. It stops accidents" in said
    assert "Next: require it in a ruleset for the branch." in said


def test_a_required_status_without_a_split_workflow_is_advisory(gate: Gate) -> None:
    gate.world.rules = [checks()]
    assert "Level reached: advisory" in doctor(gate)[1]


def test_a_split_workflow_that_nothing_requires_is_advisory(gate: Gate) -> None:
    gate.world.file(GATE, SPLIT)
    assert "Level reached: advisory" in doctor(gate)[1]


@pytest.mark.parametrize("source", [None, 15368])
def test_a_status_of_github_actions_is_split_only(gate: Gate, source: int | None) -> None:
    gate.world.rules = [checks(source)]
    gate.world.file(GATE, SPLIT)
    code, said = doctor(gate)
    assert (code, "Level reached: split" in said) == (0, True)
    assert "name that app as its source" in said
    assert doctor(gate, "app")[0] == 4


def test_an_app_of_its_own_and_then_an_apply_that_verifies(gate: Gate) -> None:
    gate.world.rules = [checks(77)]
    gate.world.file(GATE, SPLIT)
    assert "Level reached: app" in doctor(gate)[1]
    gate.world.environments = {"apply"}
    assert "Level reached: app" in doctor(gate)[1]
    gate.world.file(".github/workflows/apply.yml", "jobs: {a: {steps: [{run: scopegate verify tfplan}]}}\n")
    assert "Level reached: apply gate" in doctor(gate, "apply gate")[1]


def test_a_workflow_that_only_speaks_of_it_does_not_count(gate: Gate) -> None:
    gate.world.rules = [checks()]
    gate.world.file(GATE, "on:\n  workflow_run:\n  # run: scopegate gate\n")
    assert "Level reached: advisory" in doctor(gate)[1]


@pytest.mark.parametrize(
    ("workflow", "decides"),
    [
        (SPLIT, True),
        ("on: [workflow_run]\njobs: {gate: {steps: [{uses: acme/scopegate@1234}]}}", True),
        ("on: [workflow_run]\njobs: {gate: {uses: acme/platform/.github/workflows/gate.yml@1234}}", True),
        ("on: [workflow_run]\njobs: {gate: {steps: [{run: echo}]}}", False),
        ("on: [pull_request]\njobs: {gate: {steps: [{run: scopegate gate}]}}", False),
        ("# as on workflow_run\non: [pull_request]\njobs: {gate: {steps: [{run: scopegate gate}]}}", False),
    ],
)
def test_a_gate_decides_where_its_workflow_runs_on_workflow_run(workflow: str, decides: bool) -> None:
    """Beside others of the repository that do neither."""
    setup = replace(WHOLE, workflows={"a.yml": "on: [workflow_run]\n", GATE: workflow, "b.yml": "on: [push]\n"})
    assert (level_of(setup) is Level.APP, findings_of(setup)[7].ok) == (decides, decides)


PINNED = Rules(
    {"scopegate": 77}, up_to_date=True, dismisses_stale=True, code_owners=True, last_push=True, merge_queue=False
)
WHOLE = Setup(PINNED, "scopegate", {GATE: SPLIT}, code_owners=True, code_owners_errors=(), apply_environment=True)


@pytest.mark.parametrize(
    ("setup", "todo"),
    [
        (WHOLE, ""),
        (replace(WHOLE, rules=replace(PINNED, up_to_date=False, merge_queue=True)), ""),
        (replace(WHOLE, context="other"), "require it in a ruleset"),
        (replace(WHOLE, rules=replace(PINNED, sources={"scopegate": None})), "let a GitHub App write it"),
        (replace(WHOLE, rules=replace(PINNED, sources={"scopegate": 15368})), "let a GitHub App write it"),
        (replace(WHOLE, rules=replace(PINNED, up_to_date=False)), "ask for one of them"),
        (replace(WHOLE, rules=replace(PINNED, dismisses_stale=False)), "turn on dismissing stale approvals"),
        (replace(WHOLE, rules=replace(PINNED, last_push=False)), "require approval of the last push"),
        (replace(WHOLE, rules=replace(PINNED, code_owners=False)), "own .github"),
        (replace(WHOLE, code_owners=False), "own .github"),
        (replace(WHOLE, code_owners_errors=("a:1: x", "a:2: y")), "correct a:1: x, a:2: y"),
        (replace(WHOLE, workflows={}), "decide in a workflow that runs on workflow_run"),
        (replace(WHOLE, apply_environment=False), "let apply and its cloud role hang on an environment"),
    ],
)
def test_the_next_step_is_the_first_thing_that_is_missing(setup: Setup, todo: str) -> None:
    step = next_step(findings_of(setup))
    assert step.startswith(todo)
    assert bool(step) is bool(todo)


APPLY = "jobs: {a: {steps: [{run: terraform init}, {run: scopegate verify tfplan}]}}"


@pytest.mark.parametrize(
    ("setup", "level"),
    [
        (replace(WHOLE, workflows={GATE: SPLIT, "apply.yml": f"on: [push]\n{APPLY}\n"}), Level.APPLY_GATE),
        (replace(WHOLE, workflows={GATE: SPLIT, "apply.yml": f"on: [push]\n# {APPLY}\n"}), Level.APP),
        (WHOLE, Level.APP),
        (replace(WHOLE, workflows={GATE: SPLIT, "apply.yml": APPLY}, apply_environment=False), Level.APP),
        (replace(WHOLE, rules=Rules({"scopegate": None})), Level.SPLIT),
        (replace(WHOLE, rules=Rules({"scopegate": 15368})), Level.SPLIT),
        (replace(WHOLE, rules=Rules({"other": 77})), Level.ADVISORY),
        (replace(WHOLE, workflows={"apply.yml": APPLY}), Level.ADVISORY),
    ],
)
def test_a_level_needs_everything_of_the_one_below(setup: Setup, level: Level) -> None:
    assert level_of(setup) is level


def test_errors_of_code_owners_are_named(gate: Gate) -> None:
    gate.world.code_owners_errors = [
        {"line": 3, "column": 1, "kind": "Invalid pattern", "source": "x", "message": "x", "path": ".github/CODEOWNERS"}
    ]
    assert "TODO correct .github/CODEOWNERS:3: Invalid pattern" in doctor(gate)[1]


def test_rules_that_cannot_be_read_are_no_rules(gate: Gate) -> None:
    gate.world.refused["/repos/acme/infra/rules"] = 403
    assert doctor(gate)[0] == 6
