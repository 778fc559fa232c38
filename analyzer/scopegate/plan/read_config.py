"""The text of the ``configuration`` section as it is written, each different module read once.

A module's content stands in the plan once for each call of it, word for word: a plan of 10,000 resources has a few
hundred calls of a dozen modules. Cost: linear in the bytes for telling modules apart, and in those of the different
modules for reading them.
"""

import msgspec
from msgspec import Raw, Struct

from scopegate.plan.unambiguous import decode_any_depth, decode_object
from scopegate.plan.wire import NULL, Config, ConfigCall, ConfigModule, ConfigProvider


class _CallText(Struct, gc=False, omit_defaults=True):
    """A module block, its parts undecoded."""

    source: Raw = NULL
    expressions: Raw = NULL
    count_expression: Raw = NULL
    for_each_expression: Raw = NULL
    depends_on: Raw = NULL
    version_constraint: Raw = NULL
    module: Raw = NULL


class _ModuleText(Struct, gc=False, omit_defaults=True):
    """A module's content, its parts undecoded but for the calls, of which most of it is made."""

    resources: Raw = NULL
    module_calls: dict[str, _CallText] | list[Raw] | None = None
    outputs: Raw = NULL
    variables: Raw = NULL


class _ConfigText(Struct, gc=False, omit_defaults=True):
    """``configuration``, its parts undecoded."""

    root_module: _ModuleText | None = None
    provider_config: Raw = NULL


_CONFIG = msgspec.json.Decoder(_ConfigText)
_MODULE = msgspec.json.Decoder(_ModuleText)


def read_config(raw: Raw, where: str) -> Config:
    """Return the configuration after proof that no object in it names a key twice; equal modules are one object.

    Raises:
        PlanError: a key is repeated.
        RecursionError: modules are nested absurdly.
        msgspec.DecodeError: it is not as Terraform writes it.
    """
    return _Reader(where).config(raw)


class _Reader:
    def __init__(self, where: str) -> None:
        self._where = where
        self._modules: dict[bytes, ConfigModule] = {}

    def config(self, raw: Raw) -> Config:
        text = decode_object(raw, _CONFIG, self._where)
        return Config(
            root_module=self._content(text.root_module) if text.root_module else None,
            provider_config=msgspec.convert(
                self._values(text).get("provider_config"), dict[str, ConfigProvider] | None
            ),
        )

    def _module(self, text: bytes) -> ConfigModule:
        known = self._modules.get(text)
        if known is None:
            known = self._modules[text] = self._content(decode_object(Raw(text), _MODULE, self._where))
        return known

    def _content(self, text: _ModuleText) -> ConfigModule:
        content = msgspec.convert(self._values(text), ConfigModule)
        calls = text.module_calls
        if isinstance(calls, dict):
            content.module_calls = {name: self._call(call) for name, call in calls.items()}
        elif calls is not None:
            content.module_calls = [decode_any_depth(call, self._where) for call in calls]
        return content

    def _call(self, text: _CallText) -> ConfigCall:
        module, text.module = text.module, NULL
        rest = decode_any_depth(msgspec.json.encode(text), self._where)  # small, so it is read in one go
        call = msgspec.convert(rest, ConfigCall)
        call.module = None if module == NULL else self._module(bytes(module))
        return call

    def _values(self, text: Struct) -> dict[str, object]:
        """Return what the undecoded parts of ``text`` say."""
        parts = ((name, getattr(text, name)) for name in text.__struct_fields__)
        return {name: decode_any_depth(raw, self._where) for name, raw in parts if isinstance(raw, Raw) and raw != NULL}
