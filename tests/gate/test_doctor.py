"""What a repository's rules really stop."""

import pytest

from gate.running import Gate

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


def test_errors_of_code_owners_are_named(gate: Gate) -> None:
    gate.world.code_owners_errors = [
        {"line": 3, "column": 1, "kind": "Invalid pattern", "source": "x", "message": "x", "path": ".github/CODEOWNERS"}
    ]
    assert "TODO correct .github/CODEOWNERS:3: Invalid pattern" in doctor(gate)[1]


def test_rules_that_cannot_be_read_are_no_rules(gate: Gate) -> None:
    gate.world.refused["/repos/acme/infra/rules"] = 403
    assert doctor(gate)[0] == 6
