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

_NULL: Final = bytes(NULL)
_NONE_OF_FOUR: Final = (NULL, NULL, NULL, NULL)


class Changes:
    """Takes changes out of one document; what is marked in them is the same for most of a type, and is kept once."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._marks: dict[bytes, tuple[Raw, Raw, Raw, bool]] = {}

    def take(self, change: Change, address: str) -> None:
        """Put copies in the place of what ``change`` holds undecoded, after proof that it names no key twice.

        Raises:
            PlanError: it does, or a value in it is none that Terraform writes.
        """
        before, after = bytes(change.before), bytes(change.after)
        change.before, change.after = Raw(before), Raw(after)
        proved = self._take_marks(change) and _take_rest(change)
        if not (proved and (before == _NULL or keys_stand_once(before)) and (after == _NULL or keys_stand_once(after))):
            self._read_in_full(change, address)

    def copy(self, change: Change) -> None:
        """Put copies in the place of what ``change`` holds undecoded, of which nothing need be proved."""
        change.before, change.after = change.before.copy(), change.after.copy()
        self._take_marks(change)
        _take_rest(change)

    def _take_marks(self, change: Change) -> bool:
        """Return whether what is unknown or sensitive is seen at a glance to name no key twice."""
        originals = change.after_unknown, change.before_sensitive, change.after_sensitive
        text = b"[%b,%b,%b]" % originals
        known = self._marks.get(text)
        if known is None:
            unknown, before, after = originals
            known = self._marks[text] = unknown.copy(), before.copy(), after.copy(), keys_stand_once(text)
        change.after_unknown, change.before_sensitive, change.after_sensitive, proved = known
        return proved

    def _read_in_full(self, change: Change, address: str) -> None:
        try:
            decode_in_full(msgspec.json.encode(change), f"{self._path} has in resource_changes")
        except msgspec.DecodeError as error:
            raise PlanError(
                f"{self._path} has a value in the change of {without_keys(address)!r} that Terraform does not write "
                f"({error}), so what would happen cannot be told; make the plan JSON again with `terraform show -json` "
                "and hand it over unedited."
            ) from None


def _take_rest(change: Change) -> bool:
    """Return whether what few changes have is seen at a glance to name no key twice."""
    rest = change.importing, change.generated_config, change.before_identity, change.after_identity
    if rest == _NONE_OF_FOUR:
        return True
    change.before_identity, change.after_identity = change.before_identity.copy(), change.after_identity.copy()
    return keys_stand_once(b"[%b,%b,%b,%b]" % rest)
