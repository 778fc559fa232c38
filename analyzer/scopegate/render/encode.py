"""JSON as every form writes it."""

import re
from typing import Final

import msgspec


def as_json(document: object) -> str:
    """Return ``document`` as JSON, indented by two, with a line break at the end."""
    try:
        return indented(document).decode() + "\n"
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can name and UTF-8 cannot
        import json

        return without_commands(json.dumps(document, indent=2).encode()).decode() + "\n"


def indented(document: object) -> bytes:
    """Return ``document`` as JSON in UTF-8, indented by two.

    Raises:
        UnicodeEncodeError: UTF-8 cannot write one of its strings.
    """
    return without_commands(msgspec.json.format(msgspec.json.encode(document), indent=2))


def without_commands(text: bytes) -> bytes:
    r"""Return JSON that may be printed into the log of a job: ``##[`` is written ``##\u005b``, the same string."""
    return re.sub(COMMAND.encode(), rb"##\1\\u005b", text) if b"##" in text else text


COMMAND: Final = r"##(\w*)\["
"""The pattern of what the runner of GitHub or the agent of Azure Pipelines (``##vso[``) takes for a command."""
