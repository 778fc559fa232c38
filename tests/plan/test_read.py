"""From a path, or standard input, to a plan."""

import io
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from plan.documents import change, plan, spelled_out, state, written
from scopegate.errors import ExitCode, PlanError
from scopegate.plan import read as reading
from scopegate.plan.read import plan_of, read_plan

RAW = written(plan(change()))


def refusal(path: Path | str) -> str:
    with pytest.raises(PlanError) as refused:
        read_plan(str(path))
    assert refused.value.exit_code is ExitCode.PLAN
    return str(refused.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    file.write_bytes(RAW)
    return file


def test_a_plan_is_read_from_a_file(file: Path) -> None:
    read = read_plan(str(file))
    assert read.path == str(file)
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.a"]


def test_what_a_large_file_says_outlives_the_memory_that_is_given_back(tmp_path: Path) -> None:
    names = [f"aws_sqs_queue.q{number}" for number in range(2_000)]
    long = {"policy": "x" * 400}
    exists = [{"address": name, "mode": "managed", "type": "aws_sqs_queue", "name": name[14:]} for name in names]
    depending = {"depends_on": ["aws_sns_topic.a"], "values": long, "sensitive_values": {"policy": True}}
    document = plan(
        *(change(name, before=long, after=long) for name in names[:1_000]),
        planned_values={"root_module": {"resources": [one | {"values": long} for one in exists[:1_000]]}},
        prior_state=state(*(one | depending for one in exists)),
    )
    file = tmp_path / "plan.json"
    file.write_bytes(raw := written(document))
    read = read_plan(str(file))
    assert spelled_out(read) == spelled_out(plan_of(raw, str(file), None))
    left = read.instances[-1]
    assert (left.address, left.prior_dependencies) == ("aws_sqs_queue.q1999", ("aws_sns_topic.a",))
    assert [bytes(raw) for raw in (left.before, left.after_sensitive)] == [
        b'{"policy":"%b"}' % (b"x" * 400),
        b'{"policy":true}',
    ]


@pytest.mark.parametrize("grown", [-100, -1, 1, 100])
def test_a_large_file_that_is_written_to_meanwhile_is_read_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grown: int
) -> None:
    raw = written(plan(change("aws_sqs_queue.a", after={"policy": "x" * 2**20})))
    file = tmp_path / "plan.json"
    file.write_bytes(raw)

    def before(descriptor: int) -> SimpleNamespace:
        return SimpleNamespace(st_mode=stat.S_IFREG, st_size=os.stat(descriptor).st_size - grown)

    monkeypatch.setattr(reading, "os", SimpleNamespace(fstat=before, open=os.open, O_NONBLOCK=os.O_NONBLOCK))
    assert spelled_out(read_plan(str(file))) == spelled_out(plan_of(raw, str(file), None))


def test_an_empty_file_says_so(file: Path) -> None:
    file.write_bytes(b"")
    assert refusal(file).startswith(f"{file} is empty, so there is no plan to judge")


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(RAW)))
    read = read_plan("-")
    assert read.path == "standard input"
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.a"]


def test_an_empty_standard_input_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert refusal("-").startswith("standard input is empty, so there is no plan to judge")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "plan.json"
    assert refusal(missing).startswith(f"{missing} cannot be read (No such file or directory), so there is no plan")


def test_a_file_as_a_folder_says_so(file: Path) -> None:
    assert "cannot be read (Not a directory)" in refusal(file / "plan.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_says_so(file: Path) -> None:
    file.chmod(0)
    assert "cannot be read (Permission denied)" in refusal(file)


def test_a_name_that_is_none_says_so() -> None:
    assert "cannot be read (not a file name)" in refusal("plan\0.json")


def test_a_directory_says_so(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a directory, not a plan; name the plan file in it."


@pytest.mark.parametrize("name", ["main.tf", "prod.tfvars", "main.tf.json"])
def test_configuration_in_place_of_a_plan_says_so(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text('{"resource": {}}', encoding="utf-8")
    assert refusal(file) == (
        f"{file} is configuration, which does not say what exists and so not what would change; "
        "make a plan in its folder with `terraform plan -out tfplan`, and hand over tfplan."
    )


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refusal(pipe).startswith(f"{pipe} is no regular file, so it could say something else each time it is read")


def test_a_device_is_refused() -> None:
    assert refusal("/dev/zero").startswith("/dev/zero is no regular file")


def test_a_file_over_the_stated_size_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reading.MAX_BYTES == 2 * 1024**3
    monkeypatch.setattr(reading, "MAX_BYTES", len(RAW))
    assert read_plan(str(file)).instances
    monkeypatch.setattr(reading, "MAX_BYTES", len(RAW) - 1)
    assert f"{file} is larger than" in refusal(file)


def test_a_sparse_file_over_the_stated_size_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as opened:
        opened.truncate(reading.MAX_BYTES + 1)
    assert refusal(huge) == (
        f"{huge} is larger than 2 GiB, more than is read as one plan; plan the parts of the configuration on their own."
    )


def test_endless_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 3 * 2**20)
    with open("/dev/zero", encoding="latin-1") as endless:  # noqa: PTH123
        monkeypatch.setattr("sys.stdin", endless)
        assert refusal("-").startswith("standard input is larger than")
