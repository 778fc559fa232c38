"""What click and msgspec import at every start and a review does without: loaded when it is used, if ever.

``inspect`` alone takes a twentieth of the time of a small review. click imports it for ``cleandoc``, which every option
with a help text calls; ``uuid``, which click needs, imports ``platform`` for ``system``; ``gettext`` looks for
translations of click's words. msgspec imports two modules to make JSON Schemas, and ``typing_extensions`` where it is
installed, which imports ``inspect``. Of ``csv``, ``datetime`` and ``signal`` the compiled part will do. And annotations
are evaluated that nobody reads.
"""

import os
import sys
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType


class _StandIn(ModuleType):
    """Stands in for a module until it is asked for what it does not have; then that is loaded."""

    def __getattr__(self, name: str) -> object:
        if name == "__path__":  # `from x import y` asks for it; a module that is no package has none
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class _Compiled(_StandIn):
    """Stands in by the compiled part of a module, which has all that we use; the part in Python makes many classes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        compiled = vars(import_module(f"_{name}"))
        self.__dict__.update({key: value for key, value in compiled.items() if not key.startswith("__")})


class _Inspect(_StandIn):
    @staticmethod
    def cleandoc(text: str) -> str:
        """Return a text as ``inspect.cleandoc`` does: without the indentation of its lines and empty ones around."""
        first, *rest = text.expandtabs().split("\n")
        margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
        return "\n".join((first.lstrip(), *(line[margin:] for line in rest))).strip("\n")


class _Platform(_StandIn):
    @staticmethod
    def system() -> str:
        """Return the name of the operating system, as ``platform.system`` does on POSIX."""
        return os.uname().sysname


class _Gettext(_StandIn):
    """Leaves click's words as they are, English like ours; ``gettext`` searches the disk for catalogues of each."""

    @staticmethod
    def gettext(text: str) -> str:
        """Return ``text``, as ``gettext.gettext`` does where there is no catalogue."""
        return text

    @staticmethod
    def ngettext(one: str, several: str, number: int) -> str:
        """Return the singular or the plural, as ``gettext.ngettext`` does where there is no catalogue."""
        return one if number == 1 else several


class _Decimal(_StandIn):
    """Gives msgspec, which asks what a decimal is to know one, a class that nothing is of: no report has decimals."""

    class Decimal:
        """Nothing."""


def import_click() -> None:
    """Import click with stand-ins."""
    for stand_in in (_Inspect("inspect"), _Platform("platform"), _Gettext("gettext")):
        sys.modules.setdefault(stand_in.__name__, stand_in)
    for name in ("csv", "datetime", "signal"):
        with suppress(ImportError):  # another Python may have all of it in Python
            sys.modules.setdefault(name, _Compiled(name))
    _leave_annotations_as_text()
    import_module("click")


def _leave_annotations_as_text() -> None:
    """Let ``typing`` keep what stands in quotes as it is; ``eval``, by which it reads it later, takes text as well.

    The first call of ``compile`` makes a hundred classes of syntax trees, a fortieth of the time of a small review.
    """
    typing.compile = lambda text, *_: text  # type: ignore[attr-defined]


def import_msgspec() -> None:
    """Import msgspec with stand-ins, and without ``typing_extensions``: ``typing`` has all that msgspec takes of it."""
    for name in ("textwrap", "msgspec.inspect"):
        sys.modules.setdefault(name, _StandIn(name))
    with _placed({"decimal": _Decimal("decimal"), "typing_extensions": None}):
        import_module("msgspec")
    _take_annotations_as_types()


@contextmanager
def _placed(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Have imports find these in place of modules that are not loaded, and none for None, until the end."""
    ours = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(ours)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, module in ours.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _take_annotations_as_types() -> None:
    """Let msgspec evaluate only annotations with quotes: others are types, which it would build anew to the same."""
    utils = sys.modules["msgspec._utils"]
    if evaluated := getattr(utils, "_eval_type", None):
        utils._eval_type = lambda found, *names: (  # type: ignore[attr-defined]  # noqa: SLF001 - only a cost
            evaluated(found, *names) if _is_quoted(found) else found
        )


def _is_quoted(found: object) -> bool:
    if isinstance(found, type):
        return False
    return isinstance(found, (str, typing.ForwardRef)) or any(map(_is_quoted, getattr(found, "__args__", ())))
