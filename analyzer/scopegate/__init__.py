"""scopegate: where does an infrastructure change reach, who owns that place, and did one of them agree?

``review`` is the library, and the command line is made of the rest: see ``docs/reference/library.md``.
"""

TYPE_CHECKING = False  # that of ``typing``, which the command line imports once the collector is off
if TYPE_CHECKING:
    from scopegate.analyze import Analysis as Analysis
    from scopegate.analyze import Knowledge as Knowledge
    from scopegate.analyze import LaidOut as LaidOut
    from scopegate.analyze import Options as Options
    from scopegate.analyze import Planned as Planned
    from scopegate.analyze import analyze_together as analyze_together
    from scopegate.analyze import decide_file as decide_file
    from scopegate.analyze import default_knowledge as default_knowledge
    from scopegate.analyze import is_report as is_report
    from scopegate.analyze import knowledge_of as knowledge_of
    from scopegate.analyze import review as review
    from scopegate.errors import ScopegateError as ScopegateError
    from scopegate.many import Unread as Unread
    from scopegate.many import lay_out_all as lay_out_all
    from scopegate.plan.model import Plan as Plan
    from scopegate.plan.read import plan_of as plan_of
    from scopegate.plan.read import read_plan as read_plan
    from scopegate.policy.kinds import AuthorKind as AuthorKind
    from scopegate.policy.model import Context as Context
    from scopegate.policy.model import PolicyDocument as PolicyDocument
    from scopegate.source.model import Sources as Sources
    from scopegate.source.read import read_sources as read_sources
    from scopegate.verdict.decide import Verdict as Verdict
    from scopegate.verdict.decision import Decision as Decision
    from scopegate.verdict.report import Report as Report

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "AuthorKind",
    "Context",
    "Decision",
    "Knowledge",
    "LaidOut",
    "Options",
    "Plan",
    "Planned",
    "PolicyDocument",
    "Report",
    "ScopegateError",
    "Sources",
    "Unread",
    "Verdict",
    "__version__",
    "analyze_together",
    "decide_file",
    "default_knowledge",
    "is_report",
    "knowledge_of",
    "lay_out_all",
    "plan_of",
    "read_plan",
    "read_sources",
    "review",
]

_HOMES = {
    "Analysis": "scopegate.analyze",
    "AuthorKind": "scopegate.policy.kinds",
    "Context": "scopegate.policy.model",
    "Decision": "scopegate.verdict.decision",
    "Knowledge": "scopegate.analyze",
    "LaidOut": "scopegate.analyze",
    "Options": "scopegate.analyze",
    "Plan": "scopegate.plan.model",
    "Planned": "scopegate.analyze",
    "PolicyDocument": "scopegate.policy.model",
    "Report": "scopegate.verdict.report",
    "ScopegateError": "scopegate.errors",
    "Sources": "scopegate.source.model",
    "Unread": "scopegate.many",
    "Verdict": "scopegate.verdict.decide",
    "analyze_together": "scopegate.analyze",
    "decide_file": "scopegate.analyze",
    "default_knowledge": "scopegate.analyze",
    "is_report": "scopegate.analyze",
    "knowledge_of": "scopegate.analyze",
    "lay_out_all": "scopegate.many",
    "plan_of": "scopegate.plan.read",
    "read_plan": "scopegate.plan.read",
    "read_sources": "scopegate.source.read",
    "review": "scopegate.analyze",
}


def __getattr__(name: str) -> object:
    """Return a name of the library, imported when it is first asked for: ``scopegate --help`` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scopegate' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
