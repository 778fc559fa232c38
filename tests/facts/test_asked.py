"""A provider is asked what each argument does: here a made-up one, whose answers are known."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from refresh.asked import ask, configured, made, questions
from refresh.plugin_protocol import UNKNOWN, Planned, Values, provider_block

BLOCK: dict[str, Any] = {
    "attributes": {
        "id": {"type": "string", "computed": True},
        "name": {"type": "string", "required": True},
        "size": {"type": "number", "optional": True},
        "zones": {"type": ["set", "string"], "optional": True, "computed": True},
        "version": {"type": "number", "computed": True},
    },
    "block_types": {
        "disk": {
            "nesting_mode": "list",
            "block": {
                "attributes": {
                    "key": {"type": "string", "optional": True},
                    "mount": {"type": "string", "required": True},
                    "serial": {"type": "string", "computed": True},
                },
                "block_types": {},
            },
        },
        "timeouts": {"nesting_mode": "single", "block": {"attributes": {"create": {"type": "string"}}}},
    },
}


@dataclass
class _Provider:
    """Replaces a box for another name or another key of its disk; counts versions when the size changes."""

    needs_size: bool = False
    refuses: bool = False
    asked: list[tuple[Values | None, Values, Values]] = field(default_factory=list)

    def plan(self, type: str, prior: Values | None, proposed: Values, configured: Values) -> Planned:  # noqa: A002
        assert type == "acme_box"
        self.asked.append((prior, proposed, configured))
        if self.refuses or (self.needs_size and configured["size"] is None):
            return Planned(None, refused="no such box")
        if prior is None:
            return Planned(proposed | {"zones": UNKNOWN})
        replaced = [name for name in ("name",) if prior[name] != proposed[name]]
        replaced += ["disk.key"] if _keys(prior) != _keys(proposed) else []
        counted = {"version": UNKNOWN} if prior["size"] != proposed["size"] else {}
        return Planned(proposed | counted, tuple(replaced))


def _keys(box: Values) -> list[str | None]:
    return [disk["key"] for disk in box["disk"]]


def test_the_arguments_that_replace_an_object_are_told_from_those_that_do_not() -> None:
    # A disk that is added has another key than no disk at all, so adding one replaces the box as well.
    assert ask(_Provider(), "acme_box", BLOCK) == {
        "force_new": ["disk", "disk.key", "name"],
        "recomputed": ["version"],
    }


def test_each_argument_is_asked_about_once_on_an_object_the_provider_would_have_made() -> None:
    provider = _Provider()
    ask(provider, "acme_box", BLOCK)
    (_, created, _), *changes = provider.asked
    assert created == {"id": UNKNOWN, "name": "old", "size": None, "zones": UNKNOWN, "version": UNKNOWN} | {
        "disk": [],
        "timeouts": None,
    }
    assert [[name for name in prior or () if prior and prior[name] != after[name]] for prior, after, _ in changes] == [
        ["name"],
        ["size"],
        ["zones"],
        ["disk"],
        ["disk"],
        ["disk"],
    ]
    assert all(said["version"] is None and said["id"] is None for _, _, said in changes)


def test_an_object_that_needs_more_than_the_required_arguments_gets_all_it_can() -> None:
    found = ask(_Provider(needs_size=True), "acme_box", BLOCK)
    assert found is not None
    assert found["recomputed"] == ["version"]


def test_a_type_that_the_provider_refuses_is_left_out() -> None:
    assert ask(_Provider(refuses=True), "acme_box", BLOCK) is None


def test_arguments_are_asked_for_by_their_path_and_timeouts_never() -> None:
    assert [path for path, _, _ in questions(BLOCK)] == [
        ("name",),
        ("size",),
        ("zones",),
        ("disk",),
        ("disk", "key"),
        ("disk", "mount"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [
        ("string", "old", "new"),
        ("number", 7, 8),
        ("bool", True, False),
        (["list", "string"], ["old"], ["new"]),
        (["set", ["object", {"a": "bool"}]], [{"a": True}], [{"a": False}]),
        (["map", "number"], {"key": 7}, {"key": 8}),
        (["tuple", ["string", "bool"]], ["old", True], ["new", False]),
        ("dynamic", None, None),
    ],
)
def test_values_are_made_up_by_their_type(kind: object, value: object, other: object) -> None:
    assert (made(kind), made(kind, other=True)) == (value, other)


def test_a_configuration_says_only_what_a_configuration_can() -> None:
    values = {"id": "i", "name": "n", "size": UNKNOWN, "zones": ["z"], "version": 3}
    disk = {"key": "k", "mount": "m", "serial": "s"}
    assert configured(BLOCK, values | {"disk": [disk], "timeouts": None}) == {
        "id": None,
        "name": "n",
        "size": None,
        "zones": ["z"],
        "version": None,
        "disk": [{"key": "k", "mount": "m", "serial": None}],
        "timeouts": None,
    }


def test_a_provider_block_leaves_out_what_is_not_given() -> None:
    nested = {name: {"nesting_mode": name} for name in ("single", "map", "list")}
    schema = {"provider": {"block": {"attributes": {"region": {}, "profile": {}}, "block_types": nested}}}
    assert provider_block(schema, {"region": "here"}) == {
        "region": "here",
        "profile": None,
        "single": None,
        "map": {},
        "list": [],
    }
