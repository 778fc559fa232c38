"""Limits on the files that keep the gate a gate."""

from typing import Final

from scopegate.policy.beyond import UNKNOWN, Beyond, listed, number_of
from scopegate.policy.glob import paths_that_match
from scopegate.policy.limits import GuardRail, GuardRailLimit
from scopegate.policy.model import Change

PATHS_OF: Final = {
    GuardRail.POLICY: (
        ".scopegate/policy.yaml",
        ".scopegate/policies/**",
        ".scopegate/facts/**",
        ".scopegate/signals/**",
    ),
    GuardRail.CLAIMS: (".scopegate/claims/**",),
    # The three places where GitHub looks for it, and GitLab's.
    GuardRail.CODEOWNERS: ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    GuardRail.WORKFLOWS: (
        ".github/workflows/**",
        ".github/actions/**",
        ".gitlab-ci.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        "atlantis.yaml",
        "Jenkinsfile",
    ),
}
_SHOWN = 5


def guarded(change: Change, limit: GuardRailLimit) -> Beyond | None:
    """Return the guard rails that the change touches; where nobody says which files change, each may be."""
    files = change.context.changed_files
    if files is None:
        return _untold(limit)
    patterns = (*(pattern for rail in GuardRail if rail in limit.rails for pattern in PATHS_OF[rail]), *limit.paths)
    touched = paths_that_match(patterns, files)
    if not touched:
        return None
    more = f" and {len(touched) - _SHOWN} more" if len(touched) > _SHOWN else ""
    return Beyond(
        rows={limit.kind: dict.fromkeys(touched, ())},
        agreed="no guard rail touched",
        message=f"changes {number_of(len(touched), 'file')} that the gate rests on ({listed(touched[:_SHOWN])}{more})",
        advice="make the change of these files one of its own, without a change of infrastructure",
    )


def _untold(limit: GuardRailLimit) -> Beyond:
    return Beyond(
        rows={limit.kind: {UNKNOWN: ()}},
        agreed="no guard rail touched",
        message="may change what the gate rests on: nobody said which files it changes",
        advice="pass the list with --changed-files, for example from `git diff --name-only --no-renames BASE...HEAD`",
    )
