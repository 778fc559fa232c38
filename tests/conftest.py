"""Options of the whole test run."""

import os
import signal

import pytest
from hypothesis import settings

# A busy machine is no failure; and what is checked before a merge is the same for everyone.
settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")

# Run by nohup, the tests ignore it, and so would what they start and end by it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what scopegate says now to fixtures/*/*/expected/")
