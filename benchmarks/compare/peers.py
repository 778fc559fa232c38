"""The tools that are compared, each with the settings of its own documentation that suit the question best.

In a command, ``{plan}`` is the plan, ``{work}`` the folder it lies in with what was prepared there, ``{settings}`` the
folder with the settings of this comparison. What the author declared is ``{addresses}``, a pattern, or ``{region}``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to run one tool: its name in the table, its package on the Python package index, its command line.

    ``stops`` are the exit codes by which it stops a change, unless it prints ``error``. ``declare`` is added where the
    author said what the change is for. ``prepare`` is run once, on the plan that changes nothing.
    """

    name: str
    package: str
    command: tuple[str, ...]
    settings: str
    stops: frozenset[int] = frozenset({1})
    prepare: tuple[str, ...] = ()
    declare: tuple[str, ...] = ()
    error: str | None = None


CHECKOV = ("checkov", "-d", "{work}", "--framework", "terraform_plan", "--compact", "--quiet", "--skip-download")
PYRRHO = ("pyrrho", "--no-color", "{plan}")
TFMINDER = ("tfminder", "check", "--strict", "{plan}")

PEERS = (
    Peer(
        "readtheplan",
        "readtheplan",
        ("readtheplan", "analyze", "{plan}", "--fail-on", "dangerous"),
        "`analyze --fail-on dangerous`",
        frozenset({2}),
    ),
    Peer(
        "readtheplan's agent gate",
        "readtheplan",
        ("readtheplan", "agent-gate", "{plan}"),
        "`agent-gate`; its warn and its block both count as stopped",
        frozenset({1, 2}),
    ),
    Peer(
        "preapply",
        "preapply",
        ("preapply", "policy", "check", "{plan}", "--policy-file", "{settings}/preapply.yaml"),
        "`policy check`, failing on high and critical risk and on sensitive deletions",
        frozenset({2, 3}),
    ),
    Peer(
        "iacguard",
        "iacguard",
        ("iacguard", "plan", "--plan", "{plan}", "--ci", "--no-aws"),
        "`plan --ci`, without calls to AWS",
        frozenset({1, 2}),
    ),
    Peer("tfminder", "tfminder", TFMINDER, "`check --strict`: an approval that is needed stops", frozenset({1, 3})),
    Peer(
        "tfminder, scope declared",
        "tfminder",
        TFMINDER,
        "the same with `--scope`",
        frozenset({1, 3}),
        declare=("--scope", "{addresses}"),
    ),
    Peer("pyrrho", "pyrrho", PYRRHO, "fails from high findings on, its default"),
    Peer(
        "pyrrho, scope declared",
        "pyrrho",
        PYRRHO,
        "the same with `--claim`",
        declare=("--claim", "{addresses}"),
    ),
    Peer("checkov", "checkov", CHECKOV, "all its checks of a plan"),
    Peer(
        "checkov with a baseline",
        "checkov",
        (*CHECKOV, "--baseline", "{work}/.checkov.baseline"),
        "the same, less what it finds in the plan that changes nothing (`--create-baseline`)",
        prepare=(*CHECKOV, "--create-baseline"),
    ),
    Peer(
        "terraform-compliance",
        "terraform-compliance",
        ("terraform-compliance", "-f", "{settings}/terraform-compliance", "-p", "{plan}"),
        "one feature written for the purpose: nothing of a China partition",
        error="ERROR:",
    ),
)

SCOPEGATE = (
    Peer(
        "scopegate",
        "scopegate",
        ("scopegate", "review", "{plan}"),
        "no policy: the default one",
        frozenset({10, 11}),
    ),
    Peer(
        "scopegate, scope declared",
        "scopegate",
        ("scopegate", "review", "{plan}"),
        "the same with `--declare`",
        frozenset({10, 11}),
        declare=("--declare", "regions={region}"),
    ),
)
