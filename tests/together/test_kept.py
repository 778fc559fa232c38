"""What is kept of each plan once its graph, places and signals are known: all that a verdict rests on, and no more."""

import json
import pickle
import re
from io import BytesIO
from pathlib import Path

import pytest

from scopegate import Options, Planned, Unread, analyze_together, default_knowledge, lay_out_all, read_plan, review
from scopegate.analyze import LaidOut, lay_out
from scopegate.errors import PlanError
from scopegate.processes import _Reader
from scopegate.render.json import render
from together.stacks import ESTATE, queue


@pytest.fixture(scope="module")
def report() -> str:
    """The report on the estate with all of each plan held until the verdict."""
    plans = [Planned(read_plan(str(path))) for path in ESTATE]
    return render(analyze_together(plans, default_knowledge(), Options()).report)


def test_what_is_kept_of_each_plan_is_all_that_the_verdict_rests_on(report: str) -> None:
    assert render(review([str(path) for path in ESTATE])) == report


def laid_out(path: Path) -> LaidOut:
    return lay_out(Planned(read_plan(str(path))), default_knowledge(), Options(), alone=False)


@pytest.mark.parametrize("path", ESTATE, ids=lambda path: path.parent.name)
def test_what_is_kept_survives_the_way_back(path: Path) -> None:
    found = laid_out(path)
    assert _Reader(BytesIO(pickle.dumps(found))).load() == found


def test_nothing_is_kept_of_the_values_of_what_stays_or_comes(tmp_path: Path) -> None:
    def with_value(address: str, actions: tuple[str, ...], value: str) -> dict[str, object]:
        made: dict[str, object] = queue("orders", "eu-central-1", actions, f"aws_sqs_queue.{address}")
        change = made["change"]
        assert isinstance(change, dict)
        for side in ("before", "after"):
            change[side] = change[side] and {**change[side], "redrive_policy": value}
        return made

    def data(kind: str, value: str) -> dict[str, object]:
        read = with_value("read", ("no-op",), value)
        return read | {"address": f"data.{kind}.read", "mode": "data", "type": kind, "name": "read"}

    def output(value: str, *actions: str) -> dict[str, object]:
        return {"actions": list(actions), "before": value, "after": value, "after_unknown": False}

    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"v": {"value": "canary-variable"}},
        "output_changes": {
            "same": output("canary-output", "no-op"),
            "other": output("an output that changes", "update"),
        },
        "resource_changes": [
            with_value("stays", ("no-op",), "canary stays"),
            with_value("comes", ("create",), "canary comes"),
            with_value("goes", ("delete",), "canary goes"),
            with_value("changes", ("update",), "compared with what it was"),
            data("aws_sqs_queue", "canary data"),
            data("terraform_remote_state", "what another stack says"),
        ],
        "configuration": {"root_module": {"variables": {"v": {"default": "canary-default"}}}},
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document))
    kept = pickle.dumps(laid_out(path))
    for needed in (b"compared with what it was", b"an output that changes", b"what another stack says"):
        assert needed in kept
    assert re.findall(rb"canary[ -]\w+", kept) == []


def test_a_plan_named_twice_is_refused_before_any_is_read() -> None:
    def unreadable() -> Planned:
        raise AssertionError

    with pytest.raises(PlanError, match="more than one plan 'a'"):
        lay_out_all([Unread(path, unreadable) for path in "aba"], default_knowledge(), Options())


def test_what_is_known_after_apply_is_kept_of_what_changes(tmp_path: Path) -> None:
    """Where it was empty before, only that it is unknown afterwards says that whoever reads it is affected."""

    def block(address: str, **expressions: object) -> dict[str, object]:
        kind, _, name = address.partition(".")
        known = {"address": address, "mode": "managed", "type": kind, "name": name}
        return {**known, "provider_config_key": "aws", "expressions": expressions}

    written = queue("orders", "eu-central-1")
    written["change"]["before"]["url"] = None
    written["change"]["after_unknown"] = {"url": True}
    address = {"references": ["aws_sqs_queue.orders.url", "aws_sqs_queue.orders"]}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [written, queue("reader", "eu-central-1", ("no-op",), "aws_sqs_queue.reader")],
        "configuration": {
            "root_module": {
                "resources": [block("aws_sqs_queue.orders"), block("aws_sqs_queue.reader", policy=address)],
            },
        },
    }
    paths = (tmp_path / "plan.json", tmp_path / "other.json")
    for path in paths:
        path.write_text(json.dumps(document))
    found = analyze_together(list(map(laid_out, paths)), default_knowledge(), Options()).report.resources
    assert {(resource.address.rpartition(": ")[2], resource.how.value) for resource in found} == {
        ("aws_sqs_queue.orders", "direct"),
        ("aws_sqs_queue.reader", "affected"),
    }


def test_no_plan_is_no_change() -> None:
    with pytest.raises(PlanError, match="There is no plan, so there is nothing that could be agreed to"):
        lay_out_all([], default_knowledge(), Options())
    with pytest.raises(PlanError, match="There is no plan, so there is nothing that could be agreed to"):
        analyze_together([], default_knowledge(), Options())
