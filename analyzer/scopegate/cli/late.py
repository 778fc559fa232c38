"""What click and msgspec import at every start and a review does without: loaded when it is used, if ever.

``inspect`` alone takes a twentieth of the time of a small review. click imports it for ``cleandoc``, which every option
with a help text calls; ``gettext`` looks for translations of click's words; of ``threading``, ``uuid`` and ``weakref``
click wants one class each. msgspec imports what makes JSON Schemas, formats beside JSON, and ``typing_extensions``
where it is installed, which imports ``inspect``. Of ``csv``, ``datetime`` and ``signal`` the compiled part will do. And
annotations are evaluated that nobody reads.
"""

import _thread
import sys
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """Stands in for a module until it is asked for what it does not have; then that is loaded."""

    def __getattr__(self, name: str) -> object:
        if name == "__path__":  # `from x import y` asks for it; a module that is no package has none
            raise AttributeError(name)
        return getattr(self._loaded(), name)

    def _loaded(self) -> ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return import_module(self.__name__)


class _Compiled(_StandIn):
    """Stands in by the compiled part of a module, which has all that we use; the part in Python makes many classes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        compiled = vars(import_module(f"_{name}"))
        self.__dict__.update({key: value for key, value in compiled.items() if not key.startswith("__")})


class _JsonSchema(_StandIn):
    """Has what ``msgspec.json`` hands on, and loads what makes JSON Schemas when one is asked for."""

    def schema(self, *given: Any, **options: Any) -> Any:
        """Return what ``msgspec.json.schema`` returns."""
        return self._loaded().schema(*given, **options)

    def schema_components(self, *given: Any, **options: Any) -> Any:
        """Return what ``msgspec.json.schema_components`` returns."""
        return self._loaded().schema_components(*given, **options)


class _Inspect(_StandIn):
    @staticmethod
    def cleandoc(text: str) -> str:
        """Return a text as ``inspect.cleandoc`` does: without the indentation of its lines and empty ones around."""
        first, *rest = text.expandtabs().split("\n")
        margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
        return "\n".join((first.lstrip(), *(line[margin:] for line in rest))).strip("\n")


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


class _Threading(_StandIn):
    """Gives click the one class that it asks for, which is compiled."""

    local = _thread._local  # noqa: SLF001 - `threading` calls it so


class _Uuid(_StandIn):
    """Gives click and msgspec, which ask what a UUID is to know one, a class that nothing is of: we have none."""

    class UUID:
        """Nothing."""

    class SafeUUID:
        """Nothing; msgspec asks for the usual one."""

        unknown = None


class _Weakref(_StandIn):
    """Gives click a place to remember the standard streams in, which need not be weak: they live as long as it."""

    WeakKeyDictionary = dict


class _Decimal(_StandIn):
    """Gives msgspec, which asks what a decimal is to know one, a class that nothing is of: no report has decimals."""

    class Decimal:
        """Nothing."""


def import_click() -> None:
    """Import click with stand-ins."""
    for stand_in in (_Inspect("inspect"), _Gettext("gettext")):
        sys.modules.setdefault(stand_in.__name__, stand_in)
    for name in ("csv", "datetime", "signal"):
        with suppress(ImportError):  # another Python may have all of it in Python
            sys.modules.setdefault(name, _Compiled(name))
    _leave_annotations_as_text()
    with _placed({"threading": _Threading("threading"), "uuid": _Uuid("uuid"), "weakref": _Weakref("weakref")}):
        import_module("click")


def _leave_annotations_as_text() -> None:
    """Let ``typing`` keep what stands in quotes as it is; ``eval``, by which it reads it later, takes text as well.

    The first call of ``compile`` makes a hundred classes of syntax trees, a fortieth of the time of a small review.
    """
    typing.compile = lambda text, *_: text  # type: ignore[attr-defined]


def import_msgspec() -> None:
    """Import msgspec with stand-ins, and without ``typing_extensions``: ``typing`` has all that msgspec takes of it."""
    for name in ("inspect", "msgpack", "toml", "yaml"):
        sys.modules.setdefault(f"msgspec.{name}", _StandIn(f"msgspec.{name}"))
    sys.modules.setdefault("msgspec._json_schema", _JsonSchema("msgspec._json_schema"))
    with _placed({"decimal": _Decimal("decimal"), "uuid": _Uuid("uuid"), "typing_extensions": None}):
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
    """Let msgspec evaluate only what is in quotes as a whole: the rest are types, which it would build once more.

    A type that is in quotes within another it does not know then, and says so when the struct is first decoded.
    """
    utils = sys.modules["msgspec._utils"]
    if evaluated := getattr(utils, "_eval_type", None):
        utils._eval_type = lambda found, *names: (  # type: ignore[attr-defined]  # noqa: SLF001 - only a cost
            evaluated(found, *names) if isinstance(found, typing.ForwardRef) else found
        )
