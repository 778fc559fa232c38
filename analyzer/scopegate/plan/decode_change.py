"""The undecoded parts of changes: taken out of the document, and proved to name no key twice.

The memory of a document is free again when nothing of it is held any more. That is worth a copy where most of a plan
changes: it says every new value twice, and then more is made of it.
"""

from typing import Final

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.address import without_keys
from scopegate.plan.unambiguous import decode_in_full, keys_stand_once
from scopegate.plan.wire import NULL, Change

_NONE_OF_FOUR: Final = (NULL, NULL, NULL, NULL)
_Marks = tuple[Raw, Raw, Raw, bool]
"""What is unknown and what was and is sensitive, and whether that is seen at a glance to name no key twice."""


class Changes:
    """Takes changes out of one document; what is marked in them is the same for most of a type, and is kept once."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._marks: dict[bytes, _Marks] = {}
        self._latest: dict[str, _Marks] = {}

    def take(self, change: Change, kind: str, address: str) -> None:
        """Put copies in the place of what ``change`` holds undecoded, after proof that it names no key twice.

        Raises:
            PlanError: it does, or a value in it is none that Terraform writes.
        """
        change.before, before_is_proved = _taken(change.before)
        change.after, after_is_proved = _taken(change.after)
        marks_are_proved, rest_is_proved = self.share_marks(change, kind), _take_rest(change)
        if not (before_is_proved and after_is_proved and marks_are_proved and rest_is_proved):
            self._read_in_full(change, address)

    def copy(self, change: Change, kind: str) -> None:
        """Put copies in the place of what ``change`` holds undecoded, of which nothing need be proved."""
        change.before, change.after = change.before.copy(), change.after.copy()
        self.share_marks(change, kind)
        _take_rest(change)

    def share_marks(self, change: Change, kind: str) -> bool:
        """Replace marks by the same ones that are kept; return whether it is seen at a glance that no key stands twice.

        Whoever asks for the marks of all instances then looks at a few texts, which do not lie all over the plan.
        """
        marks = self._latest.get(kind)
        if (
            marks is None
            or marks[0] != change.after_unknown
            or marks[1] != change.before_sensitive
            or marks[2] != change.after_sensitive
        ):
            marks = self._latest[kind] = self._marks_of(change)
        change.after_unknown, change.before_sensitive, change.after_sensitive, proved = marks
        return proved

    def _marks_of(self, change: Change) -> _Marks:
        originals = change.after_unknown, change.before_sensitive, change.after_sensitive
        text = b"[%b,%b,%b]" % originals
        known = self._marks.get(text)
        if known is None:
            unknown, before, after = originals
            known = self._marks[text] = unknown.copy(), before.copy(), after.copy(), keys_stand_once(text)
        return known

    def _read_in_full(self, change: Change, address: str) -> None:
        try:
            decode_in_full(msgspec.json.encode(change), f"{self._path} has in resource_changes")
        except msgspec.DecodeError as error:
            raise PlanError(
                f"{self._path} has a value in the change of {without_keys(address)!r} that Terraform does not write "
                f"({error}), so what would happen cannot be told; make the plan JSON again with `terraform show -json` "
                "and hand it over unedited."
            ) from None


def _taken(raw: Raw) -> tuple[Raw, bool]:
    """Return a copy, and whether it is seen at a glance to name no key twice."""
    if raw == NULL:
        return NULL, True
    text = bytes(raw)
    return Raw(text), keys_stand_once(text)


def _take_rest(change: Change) -> bool:
    """Return whether what few changes have is seen at a glance to name no key twice."""
    rest = change.importing, change.generated_config, change.before_identity, change.after_identity
    if rest == _NONE_OF_FOUR:
        return True
    change.before_identity, change.after_identity = change.before_identity.copy(), change.after_identity.copy()
    return keys_stand_once(b"[%b,%b,%b,%b]" % rest)
