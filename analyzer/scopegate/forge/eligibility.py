"""Which reviews are sign-offs, and why each other one is none: pure, from what the code host answered.

A sign-off is the newest decisive review of a person, approving, on the head commit, given while our own status on that
commit carried the fingerprint. The commit alone proves nothing: a force-push of the same patch moves
an old approval onto the new head (max-sixty/tend#884, kamp-us/phoenix#5215), and the same patch on another base can be
another plan.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

from msgspec import Struct, field

from scopegate.forge.model import Account, Answer, Review, ReviewState, Status
from scopegate.forge.people import MACHINE, Hands
from scopegate.policy.people import Approval
from scopegate.verdict.requirements import Rejected, SignOffs

_DECISIVE = frozenset({ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED})


class Evidence(Struct, frozen=True, dict=True):
    """What the code host answered about one fingerprint on one head.

    ``published`` are our own statuses on ``head``, oldest first. ``writers`` and ``members`` hold the answers for the
    accounts that were asked about; one that is missing is unknown. ``groups`` are the named groups that are asked, and
    ``anyone`` whether everybody eligible is asked as well.
    """

    head: str
    fingerprint: str
    published: tuple[Status, ...]
    hands: Hands
    reviews: tuple[Review, ...] = ()
    writers: Mapping[int, Answer] = field(default_factory=dict)
    members: Mapping[tuple[int, str], Answer] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    anyone: bool = False
    machines: frozenset[str] = frozenset()

    @cached_property
    def moments(self) -> tuple[list[datetime], list[Status]]:
        """When each status was published, and the statuses, oldest first."""
        statuses = sorted(self.published, key=lambda status: status.at)
        return [status.at for status in statuses], statuses

    @cached_property
    def first_shown(self) -> datetime | None:
        """When the fingerprint was published first, None where it was not."""
        return next((status.at for status in self.published if status.fingerprint == self.fingerprint), None)


class Accepted(Struct, frozen=True):
    """A review that counts, for the audit record."""

    who: str
    review: int
    at: datetime
    groups: frozenset[str]


class Tally(Struct, frozen=True):
    """The reviews, told apart; every decisive review of the newest of each person is in one of the two.

    ``approved_at`` are the times of all approvals, of whatever head and whether they count or not.
    """

    accepted: tuple[Accepted, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    approved_at: tuple[datetime, ...] = ()

    @property
    def sign_offs(self) -> SignOffs:
        """The same as the decision takes it."""
        return SignOffs(tuple(Approval(person.who, person.groups) for person in self.accepted), self.rejected)


def newest_decisive(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """Return the newest decisive review of each account; comments and pending reviews decide nothing.

    A dismissed review is the newest word as well: an older approval does not come back.
    """
    decisive = [
        (review.at, review.id, review.account.id, review)
        for review in reviews
        if review.state in _DECISIVE and review.account and review.at
    ]
    return tuple({account: review for _, _, account, review in sorted(decisive, key=lambda row: row[:2])}.values())


def tally_of(evidence: Evidence) -> Tally:
    """Return which reviews count as sign-offs, and why each other approval or withdrawn one does not."""
    accepted: list[Accepted] = []
    rejected: list[Rejected] = [
        Rejected("somebody", "their account is gone")
        for review in evidence.reviews
        if review.account is None and review.state is ReviewState.APPROVED
    ]
    for review in newest_decisive(evidence.reviews):
        if review.account is None or review.at is None:
            continue
        who = review.account.login
        if why := why_not(review, review.account, evidence):
            rejected.append(Rejected(who, why))
        else:
            accepted.append(Accepted(who, review.id, review.at, _groups_of(review.account, evidence)))
            rejected.extend(Rejected(who, why) for why in _unproved(review.account, evidence))
    approved = (review.at for review in evidence.reviews if review.state is ReviewState.APPROVED and review.at)
    return Tally(tuple(accepted), tuple(rejected), tuple(approved))


def why_not(review: Review, account: Account, evidence: Evidence) -> str:
    """Return why a review is no sign-off, or nothing; what is not known speaks against it."""
    if review.state is ReviewState.DISMISSED:
        return "their review was dismissed"
    if review.state is ReviewState.CHANGES_REQUESTED:
        return "asks for changes"
    if account.is_bot:
        return "not a person's account"
    if account.login.lower() in evidence.machines:
        return MACHINE
    if why := evidence.hands.why(account, review.email):
        return why
    if evidence.hands.gap:
        return f"who had a hand in the change is not known: {evidence.hands.gap}"
    return _not_bound(review, evidence) or _not_writing(account, evidence)


def _not_bound(review: Review, evidence: Evidence) -> str:
    if review.commit != evidence.head:
        return f"approved {(review.commit or 'no commit')[:12]}, not the head {evidence.head[:12]}"
    return _not_shown(review.at, evidence) if review.at else "approved at a time that is not known"


def _not_shown(at: datetime, evidence: Evidence) -> str:
    """Return why somebody who approved ``at`` a moment cannot have seen the fingerprint; seconds are all that is told.

    What was shown is the newest status before the review, and any of its very second.
    """
    times, statuses = evidence.moments
    newest_before = max(0, bisect_left(times, at) - 1)
    shown = {status.fingerprint for status in statuses[newest_before : bisect_right(times, at)]}
    first = evidence.first_shown
    if first is None:
        return "approved before the gate said what there is to agree to"
    if at <= first:
        return f"approved {at:%H:%M:%S}, not after this was published ({first:%H:%M:%S} UTC)"
    if shown == {evidence.fingerprint}:
        return ""
    return "approved while the gate had no verdict" if shown == {""} else "approved while another scope was published"


def _not_writing(account: Account, evidence: Evidence) -> str:
    match evidence.writers.get(account.id, Answer.UNKNOWN):
        case Answer.YES:
            return ""
        case Answer.NO:
            return "may not write to the repository"
        case Answer.UNKNOWN:
            return "whether they may write to the repository cannot be read with this token"


def _groups_of(account: Account, evidence: Evidence) -> frozenset[str]:
    return frozenset(g for g in evidence.groups if evidence.members.get((account.id, g)) is Answer.YES)


def _unproved(account: Account, evidence: Evidence) -> Iterator[str]:
    """Yield for which of the groups that are asked this person does not count, where that is worth saying."""
    answers = {group: evidence.members.get((account.id, group), Answer.UNKNOWN) for group in evidence.groups}
    for group, answer in answers.items():
        if answer is Answer.UNKNOWN:
            yield f"cannot read {group} with this token, so nobody counts as its member"
    if answers and not evidence.anyone and set(answers.values()) == {Answer.NO}:
        yield f"no member of {' or '.join(answers)}"
