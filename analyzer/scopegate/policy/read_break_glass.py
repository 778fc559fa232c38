"""Reading of a break-glass: who opens the gate, why, by which ticket, and until when."""

from scopegate.errors import PolicyError
from scopegate.policy.load import read_moment
from scopegate.policy.model import BreakGlass
from scopegate.policy.people import Approval
from scopegate.policy.reading import Node
from scopegate.signals.strict_yaml import load_yaml


def parse_break_glass(text: str, path: str) -> BreakGlass:
    """Return the break-glass that ``text`` holds: ``break_glass: {by, reason, ticket, expires}``.

    Raises:
        PolicyError: something of it is missing; the message begins with ``file:line``.
    """
    document = load_yaml(text, path, PolicyError)
    top = Node(document, document.value)
    return read_break_glass(top.keyed(("break_glass",), ("break_glass",))["break_glass"])


def read_break_glass(node: Node) -> BreakGlass:
    """Return the break-glass that ``node`` is."""
    names = ("by", "reason", "ticket", "expires")
    keys = node.keyed(names, names)
    return BreakGlass(
        by=tuple(Approval(who.lower()) for who in keys["by"].texts()),
        reason=keys["reason"].text(),
        ticket=keys["ticket"].text(),
        expires=read_moment(keys["expires"]),
    )
