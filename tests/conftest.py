"""Options of the whole test run."""

import os

import pytest
from hypothesis import settings

# A busy machine is no failure; and what is checked before a merge is the same for everyone.
settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what scopegate says now to fixtures/*/*/expected/")
