"""A review that counts, to be spoilt in one way at a time."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from scopegate.forge.eligibility import Evidence, Tally, tally_of
from scopegate.forge.model import (
    Account,
    Answer,
    Commit,
    Listing,
    PullRequest,
    Push,
    Review,
    ReviewState,
    State,
    Status,
)
from scopegate.forge.people import Hands, hands_in

HEAD = "a" * 40
FINGERPRINT = f"sha256:{'f' * 64}"
PUBLISHED = datetime(2026, 11, 22, 14, 7, tzinfo=UTC)
LATER = PUBLISHED + timedelta(minutes=1)

ADA = Account(1, "ada")
BOB = Account(2, "bob")
EVE = Account(3, "eve")
ROBOT = Account(4, "helper[bot]", is_user=False)

REQUEST = PullRequest(
    number=7,
    author=ADA,
    head_sha=HEAD,
    head_branch="more-regions",
    head_repository="acme/infra",
    head_owner=Account(100, "acme", is_user=False),
    base_sha="b" * 40,
    base_branch="main",
    base_repository="acme/infra",
)


def shown(fingerprint: str, at: datetime) -> Status:
    return Status(State.PENDING, f"0 of 1 signed - {fingerprint.removeprefix('sha256:')}", at)


def approval(account: Account | None = BOB, **fields: object) -> Review:
    review = Review(id=10, account=account, state=ReviewState.APPROVED, at=LATER, commit=HEAD)
    return replace(review, **fields)


def hands(
    request: PullRequest = REQUEST,
    commits: Listing[Commit] | None = None,
    pushes: Listing[Push] | None = None,
    *,
    by_agent: bool = False,
    barred: dict[str, str] | None = None,
) -> Hands:
    made = commits or Listing((Commit("c" * 40, (ADA,), ("Ada",), ("ada@acme.example",)),))
    return hands_in(request, made, pushes or Listing(), by_agent=by_agent, barred=barred or {})


def evidence(*reviews: Review, **fields: object) -> Evidence:
    everything = Evidence(
        head=HEAD,
        fingerprint=FINGERPRINT,
        published=(shown(FINGERPRINT, PUBLISHED),),
        hands=hands(),
        reviews=reviews,
        writers={account.id: Answer.YES for account in (ADA, BOB, EVE, ROBOT)},
    )
    return replace(everything, **fields)


def said(*reviews: Review, **fields: object) -> Tally:
    return tally_of(evidence(*reviews, **fields))


def accepted(tally: Tally) -> list[str]:
    return [person.who for person in tally.accepted]


def rejected(tally: Tally) -> list[tuple[str, str]]:
    return [(rejected.who, rejected.why) for rejected in tally.rejected]
