"""JSON as every form writes it."""

import msgspec

from scopegate.render.escape import without_commands


def as_json(document: object) -> str:
    r"""Return ``document`` as JSON, indented by two, with a line break at the end.

    It may be printed into the log of a workflow, so ``##[`` is written ``##\u005b``, which is the same string.
    """
    return without_commands(_encoded(document)) + "\n"


def _encoded(document: object) -> str:
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can name and UTF-8 cannot
        import json

        return json.dumps(document, indent=2)
