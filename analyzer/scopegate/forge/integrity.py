"""Changes after which a plan says no more than its author wants it to say.

The plan job runs the author's code: an external program, a provider or a module can write whatever it likes into the
plan (runatlantis/atlantis, docs/security.md). Such a change is a change of the guard rails: people look at the code.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.forge.model import ChangedFile
from scopegate.policy.limits import GuardRail, GuardRailLimit, Limit, Terms
from scopegate.policy.model import PolicyDocument
from scopegate.policy.sign_off import ONE_HUMAN

PATHS: Final = (
    "**/.terraform.lock.hcl",
    "**/.terraform/**",
    "**/terraform.d/**",
    "**/*.tfstate",
    "**/.terraformrc",
    "**/terraform.rc",
    "**/.tofurc",
    "**/tofu.rc",
    "**/*.tfrc",
    "**/.terraform-version",
    "**/.opentofu-version",
    "**/.terragrunt-version",
    "**/.tool-versions",
    "**/terragrunt.hcl",
    "**/terragrunt.hcl.json",
    "**/.gitattributes",
    "**/.gitmodules",
    ".scopegate/break-glass.yaml",
)
"""Files that decide what the plan job runs or what it finds, and the request to open the gate in an emergency.

A ``.gitattributes`` decides what is checked out: by ``working-tree-encoding`` other text than the diff shows. Providers
that lie in ``terraform.d/plugins`` are taken from there without being asked for (hashicorp/terraform#31442).
"""

_TERRAGRUNT: Final = (".hcl", ".hcl.json")
"""How files that Terragrunt reads end (terragrunt.gruntwork.io, "HCL reference")."""
CODE: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", *_TERRAGRUNT)
"""How files that Terraform or Terragrunt reads end."""
_TELLING: Final = frozenset(
    {
        "provisioner",
        "external",
        "http",
        "program",
        "required_providers",
        "endpoints",
        "source",
        "version",
        "local-exec",
        "remote-exec",
        "local_exec",
        "run_cmd",
        "before_hook",
        "after_hook",
        "error_hook",
        "extra_arguments",
        "terraform_binary",
        "local_command",
        "aws_lambda_invocation",
        "shared_config_files",
        "shared_credentials_files",
        "ssh_opts",
    }
)
"""Words of Terraform and Terragrunt after which a plan can be the work of the author's own program.

A block's labels can stand without quotes, and its arguments anywhere in it: ``program`` changes alone where a data
source of kind ``external`` is there already. An ``ephemeral`` block calls a function or runs a command like a data
source, and stands in no plan of Terraform's (internal/command/jsonconfig/config.go). A provider runs what
``credential_process`` says in a file of settings.
"""
_ARGUMENTS: Final = frozenset({"command", "args", "arguments", "env", "input", "payload", "function_name", "query"})
_TELLING_BESIDE: Final = (
    *((_ARGUMENTS, frozenset({block})) for block in ("external", "local_command", "aws_lambda_invocation")),
    (_ARGUMENTS | {"exec", "api_version"}, frozenset({"exec", "api_version"})),
    (frozenset({"backend", "remote"}), frozenset({"backend", "remote"})),
    *((frozenset({"hostname"}), frozenset({block})) for block in ("cloud", "remote", "organization", "workspaces")),
)
"""Words that others use as well (containers, load balancers, DNS), and those beside which they tell.

These stand in the lines that change, in the lines around, or in the heading that git gives a hunk. A provider runs what
an ``exec`` block says, which has an ``api_version``; that of a container has none. With ``backend "remote"`` the plan
is that of another host, whose word it then is.
"""
_ANOTHER_HOST: Final = re.compile(r"(?<![\w.-])cloud\s*(?:\{|/\*)|\"cloud\"\s*(?::|$)")
"""The block of HCL, or the key of JSON, with which the plan is that of another host."""
_TELLING_OF_TERRAGRUNT: Final = frozenset({"generate", "get_terraform_command", "get_terraform_cli_args"})
"""Words of Terragrunt that stand in the prose of other files as well.

``generate`` writes code from any text (``contents = file("notes.txt")``), and who knows the command can plan one thing
and apply another.
"""
_SUBMODULE: Final = "Subproject commit "
"""What git shows of a submodule in place of its text."""
_ESCAPES: Final = ("\\u", "\\U", '${"')
"""In these the letters of a word can be hidden: of a label in HCL, of a name in JSON, of a key that is a template."""
_NAME: Final = re.compile(r"[\w.-]+")
_LINK: Final = re.compile(r"@@ -(?:0,0|1) \+1 @@\n(?:-[^\n]*\n(?:\\[^\n]*\n)?)?\+[^\n]*\n\\[^\n]*\Z")
"""The diff of a file whose whole text is one line without an end, as that of a symbolic link is."""


class SelfReported(Struct, frozen=True):
    """A file after whose change the plan is its author's own word, and why."""

    path: str
    why: str


def self_reported(files: Iterable[ChangedFile]) -> tuple[SelfReported, ...]:
    """Return the submodules that change, and the files of code that touch what the plan job runs or are not shown."""
    found = ((file, _why(file) if file.path.endswith(CODE) else _why_no_code(file)) for file in files)
    return tuple(SelfReported(file.path, why) for file, why in found if why)


def paths_of(files: Iterable[ChangedFile]) -> tuple[str, ...]:
    """Return every path that the change touches, the old name of a renamed file included."""
    named = (path for file in files for path in (file.path, file.previous_path) if path)
    return tuple(dict.fromkeys(str(PurePosixPath(path)) for path in named))


def with_guard_rails(document: PolicyDocument, files: Iterable[SelfReported]) -> PolicyDocument:
    """Return the policy with a limit on guard rails, and these files among the rails of every such limit.

    So are the policy itself and what it names, wherever they lie: a caller may keep them in a place of their own. Rails
    that no limit of the policy is on get one: who can change the rules of the gate unseen can open it.
    """
    paths = (*PATHS, *_own_files(document), *sorted(file.path for file in files))

    def widened(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
        return tuple(
            replace(limit, paths=(*limit.paths, *paths)) if isinstance(limit, GuardRailLimit) else limit
            for limit in limits
        )

    limits = widened(document.limits)
    own = [limit for limit in limits if isinstance(limit, GuardRailLimit)]
    open_rails = frozenset(GuardRail).difference(*(limit.rails for limit in own))
    if open_rails:
        limits = (*limits, _own_limit(open_rails, () if own else paths))
    return replace(
        document,
        limits=limits,
        defaults=widened(document.defaults),
        stacks=tuple(replace(stack, limits=widened(stack.limits)) for stack in document.stacks),
        agents=replace(document.agents, limits=widened(document.agents.limits)),
    )


def _own_files(document: PolicyDocument) -> tuple[str, ...]:
    folder = PurePosixPath(document.name).parent
    return (document.name, *(str(folder / name) for name in (*document.facts, *document.rules)))


def _own_limit(rails: frozenset[GuardRail], paths: tuple[str, ...]) -> GuardRailLimit:
    terms = Terms("gate-guard-rails", ONE_HUMAN, "who can change the rules of the gate unseen can open it")
    return GuardRailLimit(terms, rails, paths)


def _why(file: ChangedFile) -> str:
    if not file.patch:
        return "the code host does not show what changes in it"
    if file.previous_path and not _was_read(file.previous_path, file.path):
        return "was not read by Terraform before, and not all of it is shown"
    if _LINK.match(file.patch):
        return "may be a link to another file, which is not shown"
    # Only a line feed ends a line of HCL; Python knows a dozen more, behind which a word could hide.
    lines = file.patch.replace("http://", "").split("\n")
    changed = [line[1:] for line in lines if line[:1] in ("+", "-")]
    if file.changes not in (None, len(changed)):
        return "the code host does not show all that changes in it"
    if any(escape in line for line in changed for escape in _ESCAPES):
        return "hides letters of its words behind escapes"
    telling = _TELLING | _TELLING_OF_TERRAGRUNT if file.path.endswith(_TERRAGRUNT) else _TELLING
    words = [name for line in changed for name in _NAME.findall(line)]
    told = next((name for name in words if name in telling), "") or _told_beside(file.patch, words)
    if not told and any(_ANOTHER_HOST.search(line) for line in changed):
        told = "cloud"
    return f"touches {told}, which decides what the plan job runs" if told else ""


def _told_beside(patch: str, changed: Sequence[str]) -> str:
    """Return the first of the ``changed`` words that tells beside what stands in the patch."""
    near = set(_NAME.findall(patch))
    told = frozenset[str]().union(*(words for words, around in _TELLING_BESIDE if around <= near))
    return next((word for word in changed if word in told), "")


def _why_no_code(file: ChangedFile) -> str:
    lines = (file.patch or "").split("\n")
    is_submodule = any(line.startswith((f"+{_SUBMODULE}", f"-{_SUBMODULE}")) for line in lines)
    return "is a submodule, and what changes in it is not shown" if is_submodule else ""


def _was_read(previous: str, path: str) -> bool:
    """Return whether a renamed file was read before: what stands in it was judged when it came there."""
    return previous.endswith(CODE) and PurePosixPath(previous).parent == PurePosixPath(path).parent
