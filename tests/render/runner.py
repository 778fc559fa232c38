"""How GitHub's runner finds commands in the lines of a log, and how the agent of Azure Pipelines does.

Written down from actions/runner, ``src/Runner.Common/ActionCommand.cs`` (``TryParseV2``, then ``TryParse``), and from
microsoft/azure-pipelines-agent, ``src/Agent.Worker/Command.cs`` (``TryParse``).
"""

from dataclasses import dataclass

_REGISTERED = frozenset(
    {"add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path"}
    | {"notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"}
)


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def commands_in(log: str) -> list[Command]:
    """Return what the runner would carry out; it splits a log at every line break that .NET knows."""
    lines = log.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [command for line in lines if (command := _second_form(line) or _first_form(line) or _of_azure(line))]


def _second_form(line: str) -> Command | None:
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    if name not in _REGISTERED:
        return None
    pairs = dict(part.split("=", 1) for part in properties.strip().split(",") if "=" in part)
    return Command(name, {key: _unescaped(value) for key, value in pairs.items()}, _unescaped(line[end + 2 :]))


def _first_form(line: str) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, _ = line[start + 3 : end].partition(" ")
    return Command(name, {}, line[end + 1 :]) if name in _REGISTERED else None


def _of_azure(line: str) -> Command | None:
    start = line.lower().find("##vso")
    rest = line[max(start, 0) :]
    left, right = rest.find("["), rest.find("]")
    if start < 0 or rest[:left].lower() != "##vso" or right - left < 3:
        return None
    name, _, properties = rest[left + 1 : right].partition(" ")
    pairs = dict(part.split("=", 1) for part in properties.split(";") if "=" in part)
    return Command(name, pairs, rest[right + 1 :]) if name.count(".") == 1 else None


def _unescaped(text: str) -> str:
    for token, replacement in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(replacement, token)
    return text
