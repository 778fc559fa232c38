"""From a path on the command line to plans."""

from pathlib import Path

from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan


def read_plan(path: str) -> Plan:
    """Return the plan in the file ``path``.

    Raises:
        PlanError: there is no plan in it that can be judged.
    """
    return decode_plan(Path(path).read_bytes(), path)
