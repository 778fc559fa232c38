"""A client of Terraform's plugin protocol, just large enough to let a provider plan (``refresh.asked``).

Field numbers are those of ``tfplugin5.proto`` (hashicorp/terraform, docs/plugin-protocol), which version 6 shares. The
packages it needs are no dependencies of scopegate: ``pip install grpcio msgpack``.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Values = dict[str, Any]


class Unknown:
    """A value that is known only after apply."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a provider plans: the object after the change, the paths that replace it, and why it refused, if it did."""

    after: Values | None
    replaced: tuple[str, ...] = ()
    refused: str | None = None


class Plugin:
    """A started provider."""

    def __init__(self, path: Path, configuration: Values) -> None:
        """Start the provider at ``path``, without any setting of this machine; credentials are made up."""
        import grpc

        environment = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": "/nonexistent",
            "PATH": "/usr/bin:/bin",
        }
        self._process = subprocess.Popen(  # noqa: S603 - the provider that the caller names
            [str(path), "-debug"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        attachment = _attachment(self._process)
        unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(f"unix:{attachment['Addr']['String']}", options=unlimited)
        self._version = attachment["ProtocolVersion"]
        configure = "Configure" if self._version == 5 else "ConfigureProvider"
        self._call(configure, _field(1, b"1.11.4") + _field(2, _dynamic(configuration)))

    def plan(self, type: str, prior: Values | None, proposed: Values, configured: Values) -> Planned:  # noqa: A002
        """Return what the provider plans for a change of one object; a call that fails refuses it.

        One that takes too long ends the provider as well, so that the rest of its type is refused at once.
        """
        import grpc

        request = (
            _field(1, type.encode())
            + _field(2, _dynamic(prior))
            + _field(3, _dynamic(proposed))
            + _field(4, _dynamic(configured))
        )
        try:
            answer = _fields(self._call("PlanResourceChange", request))
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:  # it asks its cloud, and would for every argument
                self._process.kill()
                self._process.wait()
            return Planned(None, refused=f"the call failed: {error.code().name}")
        refusals = [text for severity, text in map(_diagnostic, answer.get(4, [])) if severity == 1]
        after = _value(answer[1][0]) if 1 in answer else None
        return Planned(after, tuple(map(_path, answer.get(2, []))), refusals[0] if refusals else None)

    @property
    def has_crashed(self) -> bool:
        """Whether the provider is gone: some panic on objects that no cloud would have made."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End the provider."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _call(self, method: str, request: bytes) -> bytes:
        answer: bytes = self._channel.unary_unary(f"/tfplugin{self._version}.Provider/{method}")(request, timeout=10)
        return answer


@contextmanager
def plugin(path: Path, configuration: Values) -> Iterator[Plugin]:
    """Yield a started provider and end it."""
    started = Plugin(path, configuration)
    try:
        yield started
    finally:
        started.stop()


def _attachment(process: subprocess.Popen[str]) -> Values:
    for line in process.stdout or ():
        if found := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line):
            document: dict[str, Values] = json.loads(found[1])
            return next(iter(document.values()))
    raise ValueError("the provider ended without saying where it listens")


# --- protocol buffers: enough of them for these messages


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes((*encoded, number))


def _fields(message: bytes) -> dict[int, list[Any]]:
    """Return the values of a message by field number: numbers, or bytes that stand for a string or a message."""
    found: dict[int, list[Any]] = {}
    position = 0
    while position < len(message):
        tag, position = _read_varint(message, position)
        value: int | bytes
        value, position = _read_varint(message, position)
        if tag & 7 == 2:
            position, value = position + value, message[position : position + value]
        found.setdefault(tag >> 3, []).append(value)
    return found


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[position]
        position += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, position


def _diagnostic(message: bytes) -> tuple[int, str]:
    fields = _fields(message)
    return fields.get(1, [0])[0], fields.get(2, [b""])[0].decode()


def _path(message: bytes) -> str:
    """Return an AttributePath without its indexes and keys."""
    steps = (_fields(step) for step in _fields(message).get(1, []))
    return ".".join(step[1][0].decode() for step in steps if 1 in step)


def _dynamic(value: Values | None) -> bytes:
    import msgpack

    return _field(1, msgpack.packb(value, default=_encode_unknown, use_bin_type=True))


def _encode_unknown(value: object) -> Any:
    import msgpack

    if isinstance(value, Unknown):
        return msgpack.ExtType(0, b"\0")
    raise TypeError(f"{value!r} is no value of Terraform")


def _value(message: bytes) -> Values | None:
    import msgpack

    (encoded,) = _fields(message)[1]
    value: Values | None = msgpack.unpackb(encoded, ext_hook=lambda *_: UNKNOWN, raw=False, strict_map_key=False)
    return value


def provider_block(schema: Mapping[str, Any], given: Values) -> Values:
    """Return a provider block with these arguments and all others left out."""
    block = schema["provider"]["block"]
    names = (*block.get("attributes", {}), *block.get("block_types", {}))
    nested = {name: absent(spec) for name, spec in block.get("block_types", {}).items()}
    return dict.fromkeys(names) | nested | given


def absent(nested: Mapping[str, Any]) -> Any:
    """Return the value of a nested block that is not there."""
    match nested["nesting_mode"]:
        case "single" | "group":
            return None
        case "map":
            return {}
        case _:
            return []
