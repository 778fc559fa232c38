"""scopegate: where does an infrastructure change reach, who owns that place, and did one of them agree?

``review`` is the library: see ``docs/reference/library.md``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scopegate.analyze import Options as Options
    from scopegate.analyze import review as review
    from scopegate.errors import ScopegateError as ScopegateError
    from scopegate.verdict.decide import Verdict as Verdict
    from scopegate.verdict.report import Report as Report

__version__ = "0.1.0"

__all__ = ["Options", "Report", "ScopegateError", "Verdict", "__version__", "review"]

_HOMES = {
    "Options": "scopegate.analyze",
    "Report": "scopegate.verdict.report",
    "ScopegateError": "scopegate.errors",
    "Verdict": "scopegate.verdict.decide",
    "review": "scopegate.analyze",
}


def __getattr__(name: str) -> object:
    """Return a name of the library, imported when it is first asked for: ``scopegate --help`` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scopegate' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
