"""The grammar of Terraform addresses.

``module.a["x"].data.aws_vpc.main[0]`` is a sequence of steps; keys are integers or quoted HCL strings that may hold
dots, brackets, quotes and newlines, so an address is never split at ``.``. The printed form is Terraform's own
(hashicorp/terraform, internal/addrs/instance_key.go, ``toHCLQuotedString``: HCL escapes, ``\\u`` for what is not
printable, and ``$${``/``%%{`` for a literal ``${``/``%{``). ``parse`` and ``str`` are inverse to each other.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

from scopegate.errors import PlanError
from scopegate.pattern import Pattern

InstanceKey = int | str | None
"""The key of one instance: an integer for ``count``, a string for ``for_each``, None without either."""


class Mode(StrEnum):
    """What kind of block an address names; the value is Terraform's own ``mode``."""

    MANAGED = "managed"
    DATA = "data"
    EPHEMERAL = "ephemeral"

    # A mode is equal to its text, so it has its hash, too; what Enum gives it is another, and slow: it is in every key.
    __hash__ = str.__hash__


class ModuleStep(Struct, frozen=True):
    """One ``module.name[key]`` step."""

    name: str
    key: InstanceKey = None

    def __str__(self) -> str:
        """Terraform's own spelling."""
        return f"module.{self.name}{format_key(self.key)}"


ModuleAddress = tuple[ModuleStep, ...]
"""The instance of a module, outermost step first; the root module is ``()``."""

ModulePath = tuple[str, ...]
"""The call names that lead to a module of the configuration, without keys; the root module is ``()``."""


class ConfigAddress(Struct, frozen=True):
    """A resource block of the configuration: an address without instance keys."""

    module: ModulePath
    mode: Mode
    type: str
    name: str

    def __str__(self) -> str:
        """Terraform's own spelling."""
        steps = [f"module.{name}" for name in self.module]
        return ".".join([*steps, format_resource(self.mode, self.type, self.name)])


class ResourceAddress(Struct, frozen=True):
    """One resource instance."""

    module: ModuleAddress
    mode: Mode
    type: str
    name: str
    key: InstanceKey = None

    @property
    def config(self) -> ConfigAddress:
        """The block this instance is made from."""
        return ConfigAddress(module_path(self.module), self.mode, self.type, self.name)

    def __str__(self) -> str:
        """Terraform's own spelling."""
        steps = [str(step) for step in self.module]
        return ".".join([*steps, format_resource(self.mode, self.type, self.name) + format_key(self.key)])


def in_stack(stack: str, address: str) -> str:
    """Return an address as reports on several plans write it: ``network: aws_vpc.main``; as it is without a stack."""
    return f"{stack}: {address}" if stack else address


def told_apart(address: str, stacks: Iterable[str]) -> tuple[str, str]:
    """Return the one of ``stacks`` that an address of a report begins with, and the address in it."""
    named = (stack for stack in stacks if address.startswith(in_stack(stack, "")))
    stack = max(named, key=len, default="")
    return stack, address.removeprefix(in_stack(stack, ""))


def without_keys(address: str) -> str:
    """Return an address for an error message, at most 200 characters of it, with its string keys left out.

    A key may be a secret, and where reading fails nobody can tell any more what is marked as one.
    """
    return _QUOTED.sub('["…"]', address)[:200]


def with_keys(address: str, shown: Callable[[str], str]) -> str:
    """Return an address with each of its string keys replaced by what ``shown`` makes of it."""
    return _STRING_KEY.sub(lambda match: format_key(shown(_key_of(match))), address)


def string_keys(address: str) -> list[str]:
    """Return the string keys of an address, outermost first."""
    if "\\" in address or "{" in address:
        return list(map(_unescaped, _STRING_KEY.findall(address)))
    return address.split('"')[1::2]  # nothing is escaped, so each quote begins or ends a key


def _key_of(match: re.Match[str]) -> str:
    return _unescaped(match[1])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_unescape, text) if "\\" in text or "{" in text else text


def module_path(module: ModuleAddress) -> ModulePath:
    """Return the call names of a module instance, its keys dropped."""
    return tuple(step.name for step in module)


def format_resource(mode: Mode, resource_type: str, name: str) -> str:
    """Return ``type.name`` with the prefix of its mode."""
    prefix = "" if mode is Mode.MANAGED else f"{mode.value}."
    return f"{prefix}{resource_type}.{name}"


_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def format_key(key: InstanceKey) -> str:
    """Return ``[0]``, ``["a"]`` or nothing, as Terraform prints it."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = _TEMPLATE_MARKER.sub(r"\1\1", "".join(map(_escape, key)))
    return f'["{escaped}"]'


def _escape(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


_TEMPLATE_MARKER = Pattern(r"([$%])(?={)")
_WORD = Pattern(r"[^.\[]+")
_LARGEST_INTEGER_KEY = 2**63 - 1
# Terraform takes no sign and no number beyond 64 bits here ("must be a whole number, between ...").
_INTEGER_KEY = Pattern(r"\[(0|[1-9][0-9]{0,18})\]")
_STRING_KEY = Pattern(
    r"""\["((?:[^"\\]++|\\[nrt"\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+)"\]""",
)
# Also what only begins like a key: in an error message more may be left out than is one.
_QUOTED = Pattern(r'\["(?:[^"\\]|\\.)*(?:"\]|.*)', re.DOTALL)
_ESCAPE = Pattern(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\(.)|([$%])\4(?={)")


class Scanner:
    """Reads an address or a reference from left to right. Mutable, used within one call only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def rest(self) -> str:
        """What was not read yet."""
        return self.text[self.position :]

    def at_end(self) -> bool:
        """Whether everything was read."""
        return self.position == len(self.text)

    def take(self, literal: str) -> bool:
        """Read ``literal`` if it stands here."""
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        return True

    def identifier(self) -> str | None:
        """Read an HCL identifier, or nothing: any letters of Unicode, digits, ``_`` and, after the first, ``-``."""
        match = _WORD.match(self.text, self.position)
        if match is None or not _is_identifier(match.group()):
            return None
        self.position = match.end()
        return match.group()

    def key(self) -> InstanceKey:
        """Read ``[0]`` or ``["a"]``; None where no literal key stands here."""
        if not self.text.startswith("[", self.position):
            return None
        if match := _INTEGER_KEY.match(self.text, self.position):
            number = int(match.group(1))
            if number > _LARGEST_INTEGER_KEY:
                return None
            self.position = match.end()
            return number
        if match := _STRING_KEY.match(self.text, self.position):
            self.position = match.end()
            return _key_of(match)
        return None


def _is_identifier(word: str) -> bool:
    # \w of the re module knows no combining marks, which names in many scripts are written with.
    return word[0] != "-" and word.replace("-", "_").isidentifier()


def _unescape(match: re.Match[str]) -> str:
    short, long, character, marker = match.groups()
    if short or long:
        return _code_point(short or long)
    return marker or _UNESCAPED[character]


def _code_point(digits: str) -> str:
    number = int(digits, 16)
    is_character = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_character else "�"


def parse_resource_address(text: str) -> ResourceAddress:
    """Return the resource instance that ``text`` names.

    Raises:
        PlanError: ``text`` is not an address of Terraform's grammar.
    """
    scanner = Scanner(text)
    module = _module_steps(scanner)
    mode = _mode(scanner)
    resource_type = scanner.identifier()
    name = scanner.identifier() if scanner.take(".") else None
    if resource_type is None or name is None or resource_type == "module":
        raise _not_an_address(text)
    key = scanner.key()
    if not scanner.at_end():
        raise _not_an_address(text)
    return ResourceAddress(module, mode, resource_type, name, key)


def parse_module_address(text: str) -> ModuleAddress:
    """Return the steps of ``module.a["x"].module.b``; the empty string is the root module.

    Raises:
        PlanError: ``text`` is not the address of a module.
    """
    steps: list[ModuleStep] = []
    position = 0
    while position < len(text):
        step = _PLAIN_STEP.match(text, position)
        if step is None:
            return _parse_any_module_address(text)
        name, number, key = step.groups()
        steps.append(ModuleStep(name, int(number) if number else key))
        position = step.end()
    return tuple(steps)


# As nearly all steps are written: no letters beyond ASCII, nothing escaped in the key. A plan has thousands of modules.
_PLAIN_STEP = Pattern(
    r"""module\.([A-Za-z_][A-Za-z0-9_-]*)(?:\[(0|[1-9][0-9]{0,17})\]|\["([^"\\$%]*)"\])?(?:\.(?=m)|\Z)"""
)


def _parse_any_module_address(text: str) -> ModuleAddress:
    scanner = Scanner(f"{text}.")
    module = _module_steps(scanner)
    if text and not scanner.at_end():
        raise _not_an_address(text)
    return module


def module_around(text: str) -> ModuleAddress:
    """Return the module instance that an address begins with, whatever it is that stands there: ``action.a.b`` too."""
    return _module_steps(Scanner(text))


def _module_steps(scanner: Scanner) -> ModuleAddress:
    steps: list[ModuleStep] = []
    while True:
        start = scanner.position
        # "module" may also be a resource's own name, so a step counts only with its closing dot.
        if scanner.take("module.") and (name := scanner.identifier()) is not None:
            step = ModuleStep(name, scanner.key())
            if scanner.take("."):
                steps.append(step)
                continue
        scanner.position = start
        return tuple(steps)


def _mode(scanner: Scanner) -> Mode:
    if scanner.take("data."):
        return Mode.DATA
    if scanner.take("ephemeral."):
        return Mode.EPHEMERAL
    return Mode.MANAGED


def _not_an_address(text: str) -> PlanError:
    before_the_key = text.partition('["')[0][:200]
    return PlanError(
        f"{before_the_key!r} is not a Terraform address, so the resource it stands for cannot be told from others; "
        "make the plan JSON again with `terraform show -json` and hand it over unedited."
    )
