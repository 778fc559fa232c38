"""The text of the ``configuration`` section as it is written, each different module read once.

A module's content stands in the plan once for each call of it, word for word: a plan of 10,000 resources has a few
hundred calls of a dozen modules. Cost: linear in the bytes for telling modules apart, and in those of the different
modules for reading them.
"""

from typing import Final

import msgspec
from msgspec import Raw

from scopegate.plan.unambiguous import decode_any_depth, decode_members
from scopegate.plan.wire import NULL, Config, ConfigCall, ConfigModule, ConfigProvider

_OBJECT: Final = b"{"


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
        members = decode_members(raw, self._where)
        root = members.pop("root_module", NULL)
        providers = self._values(members).get("provider_config")
        return Config(
            root_module=None if root == NULL else self._module(bytes(root)),
            provider_config=msgspec.convert(providers, dict[str, ConfigProvider] | None),
        )

    def _module(self, text: bytes) -> ConfigModule:
        known = self._modules.get(text)
        if known is None:
            members = decode_members(text, self._where)
            calls = members.pop("module_calls", NULL)
            known = self._modules[text] = msgspec.convert(self._values(members), ConfigModule)
            known.module_calls = self._calls(calls)
        return known

    def _calls(self, raw: Raw) -> dict[str, ConfigCall] | list[object] | None:
        if bytes(memoryview(raw)[:1]) != _OBJECT:
            return msgspec.convert(decode_any_depth(raw, self._where), list[object] | None)
        return {name: self._call(call) for name, call in decode_members(raw, self._where).items()}

    def _call(self, raw: Raw) -> ConfigCall:
        members = decode_members(raw, self._where)
        module = members.pop("module", NULL)
        call = msgspec.convert(self._values(members), ConfigCall)
        call.module = None if module == NULL else self._module(bytes(module))
        return call

    def _values(self, members: dict[str, Raw]) -> dict[str, object]:
        return {name: decode_any_depth(raw, self._where) for name, raw in members.items()}
