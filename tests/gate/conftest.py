"""A gate in front of a fresh world."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from forge.fake_github import World, served
from gate.running import Gate


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Gate]:
    with served(World()) as world:
        yield Gate(world, tmp_path, monkeypatch, capsys)
