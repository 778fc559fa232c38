"""Whether an argument is more than the one name in it, as the files of the configuration have it.

Plan JSON lists the names in an expression and never the functions around them: ``var.region == "eu-central-1" ?
"us-east-1" : "eu-central-1"`` stands there as ``var.region``, and so would a pass-through. Where the files are at hand,
they tell the two apart; a function that hands its first argument on, such as ``coalesce``, is a pass-through as well.
"""

from typing import Final

from scopegate.pattern import Pattern
from scopegate.plan.address import ModulePath
from scopegate.source.model import Sources

_NAME: Final = r'[A-Za-z_][\w-]*(?:\.[\w-]+|\[(?:\d+|"[^"\\]*")\])*'
_PLAIN: Final = Pattern(rf'\[?(?:"\$\{{{_NAME}\}}"|{_NAME})\]?')
_HANDED_ON: Final = Pattern(
    r"(?:(?:coalesce|try)\(([^,]*),[^()]*|(?:lower|nonsensitive|sensitive|tostring|trimspace|)\((.*))\)"
)
_DEEPEST: Final = 8


class Written:
    """The arguments of a configuration as its files have them; without files, nothing is known of any."""

    def __init__(self, sources: Sources | None) -> None:
        self._sources = sources

    def is_computed(self, module: ModulePath, block: str, path: tuple[str, ...]) -> bool:
        """Return whether the argument at ``path`` of a block makes something else of the name that it holds.

        ``block`` is as in ``SourceBlock.name``: ``provider.aws.china``, ``module.net``, ``output.region``.
        """
        found = self._sources.block(module, block) if self._sources else None
        return any(not _is_plain(text) for written in (found.written if found else ()) for text in _at(written, path))


def _at(text: str, path: tuple[str, ...]) -> list[str]:
    """Return the expressions at a path of a block, without blanks; none where the block cannot be read."""
    from scopegate.source.parse import UnparsedError, parse_block, text_of

    try:
        bodies = [parse_block(text).body]
    except UnparsedError:
        return []
    for step in path[:-1]:
        bodies = [block.body for body in bodies for block in body.blocks if block.kind == step]
    return [text_of(one.expression) for body in bodies for one in body.attributes if one.name == path[-1]]


def _is_plain(text: str) -> bool:
    for _ in range(_DEEPEST):
        if _PLAIN.fullmatch(text):
            return True
        handed_on = _HANDED_ON.fullmatch(text)
        if handed_on is None:
            return False
        text = handed_on[1] or handed_on[2]
    return False
