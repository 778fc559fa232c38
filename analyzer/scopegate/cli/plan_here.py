"""The plan that is meant where the command line names none: the only one in the working directory."""

from pathlib import Path
from typing import Final

from scopegate.errors import UsageError

PATTERNS: Final = ("tfplan", "tfplan.json", "*.tfplan", "*.tfplan.json", "plan.json", "plan.out", "*.plan.json")
"""What plans are called in the documentation of Terraform and of the CI systems that run it."""

HOW_TO_MAKE_ONE: Final = "make one with `terraform plan -out tfplan` (or `tofu plan -out tfplan`)"


def plan_here(folder: Path) -> str:
    """Return the name of the only file in ``folder`` that is called as plans are.

    Raises:
        UsageError: there is none, or several, so that nobody knows which one is meant.
    """
    found = sorted({path.name for pattern in PATTERNS for path in folder.glob(pattern) if path.is_file()})
    if not found:
        raise UsageError(
            f"No plan is named and none is here (looked for {', '.join(PATTERNS)}), so there is nothing to judge; "
            f"{HOW_TO_MAKE_ONE}, then say `scopegate review tfplan`."
        )
    if len(found) > 1:
        raise UsageError(
            f"No plan is named and several are here ({', '.join(found)}), so it cannot be told which one is meant; "
            f"name it, as in `scopegate review {found[0]}`, or all of them where they are one change."
        )
    return found[0]
