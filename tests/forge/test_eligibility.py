"""What counts as a sign-off, rule by rule (design of the gate, "What is a valid human sign-off")."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from forge.evidence import (
    ADA,
    BOB,
    EVE,
    FINGERPRINT,
    HEAD,
    LATER,
    PUBLISHED,
    REQUEST,
    ROBOT,
    accepted,
    approval,
    evidence,
    hands,
    rejected,
    said,
    shown,
)
from scopegate.forge.eligibility import newest_decisive, tally_of
from scopegate.forge.model import Account, Answer, Commit, Listing, Push, ReviewState, State, Status

ONE_SECOND = timedelta(seconds=1)


def test_an_approval_by_a_writer_with_no_hand_in_the_change_counts() -> None:
    tally = said(approval())
    assert accepted(tally) == ["bob"]
    assert rejected(tally) == []
    assert tally.sign_offs.given[0].who == "bob"


# ---- the newest decisive review of each person -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [ReviewState.COMMENTED, ReviewState.PENDING])
def test_a_comment_after_an_approval_changes_nothing(state: ReviewState) -> None:
    later = approval(id=11, state=state, at=LATER + ONE_SECOND)
    assert accepted(said(approval(), later)) == ["bob"]


def test_a_comment_alone_is_no_sign_off_and_no_rejection() -> None:
    assert said(approval(state=ReviewState.COMMENTED)) == said()


def test_changes_requested_after_an_approval_take_it_back() -> None:
    later = approval(id=11, state=ReviewState.CHANGES_REQUESTED, at=LATER + ONE_SECOND)
    assert rejected(said(approval(), later)) == [("bob", "asks for changes")]


def test_an_approval_after_changes_requested_counts() -> None:
    later = approval(id=11, at=LATER + ONE_SECOND)
    assert accepted(said(approval(state=ReviewState.CHANGES_REQUESTED), later)) == ["bob"]


def test_a_dismissed_review_does_not_bring_an_older_approval_back() -> None:
    later = approval(id=11, state=ReviewState.DISMISSED, at=LATER + ONE_SECOND)
    tally = said(approval(), later)
    assert accepted(tally) == []
    assert rejected(tally) == [("bob", "their review was dismissed")]


def test_reviews_are_ordered_by_the_servers_time_and_not_by_the_list() -> None:
    later = approval(id=11, state=ReviewState.CHANGES_REQUESTED, at=LATER + ONE_SECOND)
    assert newest_decisive([later, approval()]) == (later,)


def test_of_two_reviews_in_one_second_the_later_number_is_the_newer() -> None:
    later = approval(id=11, state=ReviewState.CHANGES_REQUESTED)
    assert newest_decisive([later, approval()]) == (later,)


def test_a_person_who_changed_their_login_is_still_one_person() -> None:
    renamed = approval(replace(BOB, login="bobby"), id=11, at=LATER + ONE_SECOND)
    assert accepted(said(approval(), renamed)) == ["bobby"]


# ---- a person, and none of those with a hand in the change -----------------------------------------------------------


def test_an_approval_by_an_account_that_is_gone_is_named() -> None:
    assert rejected(said(approval(None))) == [("somebody", "their account is gone")]


@pytest.mark.parametrize("account", [ROBOT, Account(5, "tool", is_user=False), Account(6, "sneaky[bot]")])
def test_a_bot_cannot_sign(account: Account) -> None:
    tally = said(approval(account), writers={account.id: Answer.YES})
    assert rejected(tally) == [(account.login, "not a person's account")]


def test_a_listed_machine_account_cannot_sign() -> None:
    tally = said(approval(replace(BOB, login="Release-Bob")), machines=frozenset({"release-bob"}))
    assert rejected(tally) == [("Release-Bob", "listed as the account of a program")]


def test_the_author_cannot_sign() -> None:
    assert rejected(said(approval(ADA))) == [("ada", "the author of the change")]


@pytest.mark.parametrize(
    "commit",
    [
        Commit("c" * 40, (BOB,)),
        Commit("c" * 40, (ADA, BOB)),
        Commit("c" * 40, emails=("2+bob@users.noreply.github.com",)),
    ],
)
def test_an_author_or_committer_cannot_sign(commit: Commit) -> None:
    tally = said(approval(), hands=hands(commits=Listing((commit,))))
    assert rejected(tally) == [("bob", f"author or committer of {'c' * 12}")]


@pytest.mark.parametrize("word", ["Co-authored-by", "co-authored-by", "Signed-off-by", "On-behalf-of"])
def test_a_co_author_cannot_sign(word: str) -> None:
    message = f"More regions\n\n{word}: Bob <bob@users.noreply.github.com>"
    tally = said(approval(), hands=hands(commits=Listing((Commit("c" * 40, message=message),))))
    assert rejected(tally) == [("bob", f"co-author of {'c' * 12}")]


@pytest.mark.parametrize("line", ["See: <bob@users.noreply.github.com>", "Signed-off-by: bob@users.noreply.github.com"])
def test_who_is_only_named_in_a_message_can_sign(line: str) -> None:
    made = hands(commits=Listing((Commit("c" * 40, message=f"More\n\n{line}"),)))
    assert accepted(said(approval(), hands=made)) == ["bob"]


def test_a_co_author_is_known_by_the_e_mail_of_their_profile() -> None:
    message = "More\n\nCo-authored-by: Bob <Bob@Acme.example>"
    made = hands(commits=Listing((Commit("c" * 40, message=message),)))
    assert rejected(said(approval(email="bob@acme.example"), hands=made)) == [("bob", f"co-author of {'c' * 12}")]


def test_another_scope_that_is_published_after_a_sign_off_does_not_void_it() -> None:
    later = shown(f"sha256:{'0' * 64}", LATER + ONE_SECOND)
    assert accepted(said(approval(), published=(shown(FINGERPRINT, PUBLISHED), later))) == ["bob"]


def test_a_sign_off_before_the_scope_was_published_says_when_it_was() -> None:
    other, own = shown(f"sha256:{'0' * 64}", PUBLISHED), shown(FINGERPRINT, LATER + ONE_SECOND)
    ((who, why),) = rejected(said(approval(), published=(other, own)))
    assert who == "bob"
    assert why.endswith(f"not after this was published ({LATER + ONE_SECOND:%H:%M:%S} UTC)")
    assert rejected(said(approval(), published=(other,))) == [
        ("bob", "approved before the gate said what there is to agree to")
    ]


def test_who_pushed_to_the_branch_cannot_sign() -> None:
    made = hands(pushes=Listing((Push(BOB, PUBLISHED - ONE_SECOND),)))
    assert rejected(said(approval(), hands=made)) == [("bob", "pushed to this branch")]


def test_the_owner_of_a_fork_cannot_sign() -> None:
    fork = replace(REQUEST, head_repository="bob/infra", head_owner=BOB)
    tally = said(approval(), hands=hands(fork))
    assert rejected(tally) == [("bob", "owns the fork that the change comes from")]


def test_the_owner_of_the_repository_itself_can_sign() -> None:
    own = replace(REQUEST, head_owner=BOB)
    assert accepted(said(approval(), hands=hands(own))) == ["bob"]


def test_whom_an_agent_worked_for_cannot_sign() -> None:
    request = replace(REQUEST, author=ROBOT, assignees=(BOB,))
    tally = said(approval(), hands=hands(request, by_agent=True))
    assert rejected(tally) == [("bob", "the AI agent worked for them")]


def test_an_assignee_of_a_persons_change_can_sign() -> None:
    assert accepted(said(approval(), hands=hands(replace(REQUEST, assignees=(BOB,))))) == ["bob"]


def test_on_whose_behalf_an_agent_says_it_works_cannot_sign() -> None:
    request = replace(REQUEST, author=ROBOT, text="Done on behalf of @Bob.")
    tally = said(approval(), hands=hands(request, by_agent=True))
    assert rejected(tally) == [("bob", "the AI agent worked for them")]


def test_whom_the_caller_takes_out_cannot_sign() -> None:
    assert rejected(said(approval(), hands=hands(barred={"bob": "on leave"}))) == [("bob", "on leave")]


@pytest.mark.parametrize("kind", ["commits", "pushes"])
def test_nobody_can_sign_while_somebody_with_a_hand_in_it_may_be_hidden(kind: str) -> None:
    made = hands(**{kind: Listing((), "only 250 of 251 commits are listed")})  # type: ignore[arg-type]
    assert rejected(said(approval(), hands=made)) == [
        ("bob", "who had a hand in the change is not known: only 250 of 251 commits are listed")
    ]


# ---- bound to the head and to what was published ---------------------------------------------------------------------


def test_an_approval_of_an_older_commit_does_not_count() -> None:
    assert rejected(said(approval(commit="0" * 40))) == [("bob", f"approved {'0' * 12}, not the head {'a' * 12}")]


def test_an_approval_of_no_commit_does_not_count() -> None:
    assert rejected(said(approval(commit=None))) == [("bob", "approved no commit, not the head aaaaaaaaaaaa")]


def test_an_old_approval_that_a_rebase_moved_onto_the_head_does_not_count() -> None:
    tally = said(approval(at=PUBLISHED - timedelta(hours=1), commit=HEAD))
    assert rejected(tally) == [("bob", "approved 13:07:00, not after this was published (14:07:00 UTC)")]


def test_an_approval_in_the_second_of_the_publication_does_not_count() -> None:
    assert accepted(said(approval(at=PUBLISHED))) == []


def test_an_approval_one_second_after_the_publication_counts() -> None:
    assert accepted(said(approval(at=PUBLISHED + ONE_SECOND))) == ["bob"]


def test_an_approval_before_anything_was_published_does_not_count() -> None:
    tally = said(approval(), published=())
    assert rejected(tally) == [("bob", "approved before the gate said what there is to agree to")]


def test_an_approval_while_another_scope_was_published_does_not_count() -> None:
    other, here = shown(f"sha256:{'0' * 64}", LATER - ONE_SECOND), shown(FINGERPRINT, PUBLISHED)
    back = shown(FINGERPRINT, LATER + ONE_SECOND)
    tally = said(approval(), published=(here, other, back))
    assert rejected(tally) == [("bob", "approved while another scope was published")]


def test_an_approval_while_there_was_no_verdict_does_not_count_and_says_so() -> None:
    here, none = shown(FINGERPRINT, PUBLISHED), Status(State.ERROR, "no verdict: down", LATER - ONE_SECOND)
    back = shown(FINGERPRINT, LATER + ONE_SECOND)
    tally = said(approval(), published=(here, none, back))
    assert rejected(tally) == [("bob", "approved while the gate had no verdict")]


def test_an_approval_in_the_second_in_which_the_scope_changed_does_not_count() -> None:
    other = shown(f"sha256:{'0' * 64}", LATER)
    assert accepted(said(approval(), published=(shown(FINGERPRINT, PUBLISHED), other))) == []


def test_an_approval_in_the_second_in_which_the_scope_came_back_does_not_count() -> None:
    # What was shown until that second was another scope.
    shown_before = (
        shown(FINGERPRINT, PUBLISHED),
        shown(f"sha256:{'0' * 64}", LATER - ONE_SECOND),
        shown(FINGERPRINT, LATER),
    )
    assert accepted(said(approval(), published=shown_before)) == []


def test_an_approval_while_there_was_no_verdict_does_not_count() -> None:
    broken = Status(State.ERROR, "no verdict: the policy cannot be read", LATER - ONE_SECOND)
    back = shown(FINGERPRINT, LATER + ONE_SECOND)
    assert accepted(said(approval(), published=(shown(FINGERPRINT, PUBLISHED), broken, back))) == []


def test_twelve_digits_are_no_fingerprint() -> None:
    assert Status(State.PENDING, f"0 of 1 signed · {'f' * 12}", PUBLISHED).fingerprint == ""


# ---- who may write, who is a member ----------------------------------------------------------------------------------


def test_who_may_not_write_cannot_sign() -> None:
    assert rejected(said(approval(), writers={2: Answer.NO})) == [("bob", "may not write to the repository")]


@pytest.mark.parametrize("writers", [{}, {2: Answer.UNKNOWN}])
def test_a_permission_that_cannot_be_read_does_not_count(writers: dict[int, Answer]) -> None:
    assert rejected(said(approval(), writers=writers)) == [
        ("bob", "whether they may write to the repository cannot be read with this token")
    ]


def test_a_member_counts_for_the_groups_they_are_in() -> None:
    tally = said(
        approval(),
        groups=("team:cn-owners", "team:dns"),
        members={(2, "team:cn-owners"): Answer.YES, (2, "team:dns"): Answer.NO},
    )
    assert tally.sign_offs.given[0].groups == {"team:cn-owners"}
    assert rejected(tally) == []


NO_MEMBER = {(2, "team:cn-owners"): Answer.NO, (2, "team:dns"): Answer.NO}


def test_a_person_in_none_of_the_groups_is_named() -> None:
    tally = said(approval(), groups=("team:cn-owners", "team:dns"), members=NO_MEMBER)
    assert rejected(tally) == [("bob", "no member of team:cn-owners or team:dns")]


def test_a_person_in_none_of_the_groups_still_counts_where_anybody_does() -> None:
    assert rejected(said(approval(), groups=("team:cn-owners", "team:dns"), members=NO_MEMBER, anyone=True)) == []


@pytest.mark.parametrize("members", [{}, {(2, "team:cn-owners"): Answer.UNKNOWN}])
def test_a_team_that_cannot_be_read_has_no_members_and_it_is_said(members: dict[tuple[int, str], Answer]) -> None:
    tally = said(approval(), groups=("team:cn-owners",), members=members)
    assert tally.sign_offs.given[0].groups == frozenset()
    assert rejected(tally) == [("bob", "cannot read team:cn-owners with this token, so nobody counts as its member")]


def test_each_person_is_judged_on_their_own() -> None:
    tally = tally_of(evidence(approval(), approval(EVE, id=11, commit="0" * 40), approval(ADA, id=12)))
    assert accepted(tally) == ["bob"]
    assert [who for who, _ in rejected(tally)] == ["eve", "ada"]


def test_a_commit_message_of_half_a_million_blanks_is_read_at_once() -> None:
    message = "Co-authored-by:" + " " * 500_000 + "<"
    assert accepted(said(approval(), hands=hands(commits=Listing((Commit("c" * 40, message=message),))))) == ["bob"]


def test_an_empty_e_mail_in_a_commit_is_nobodys() -> None:
    made = hands(commits=Listing((Commit("c" * 40, emails=("",)),)))
    assert accepted(said(approval(), hands=made)) == accepted(said(approval(email=""), hands=made)) == ["bob"]


def test_what_was_shown_is_told_by_the_times_of_statuses_and_not_by_their_order() -> None:
    first, other = shown(FINGERPRINT, PUBLISHED), shown(f"sha256:{'0' * 64}", PUBLISHED + timedelta(seconds=5))
    late = approval(at=PUBLISHED + timedelta(seconds=9))
    for published in ((first, other), (other, first)):
        assert accepted(said(late, published=published)) == []
    early = approval(at=PUBLISHED + timedelta(seconds=3))
    for published in ((first, other), (other, first)):
        assert accepted(said(early, published=published)) == ["bob"]


def test_the_digest_of_a_status_is_read_for_few_reviews_and_not_of_each_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 statuses, all that GitHub keeps of a commit, and 1,000 reviews it was read a million times."""
    read: list[datetime] = []

    def digest(status: Status) -> str:
        read.append(status.at)
        return f"sha256:{status.description[-64:]}"

    monkeypatch.setattr(Status, "fingerprint", property(digest))
    people = [Account(100 + number, f"u{number}") for number in range(50)]
    published = tuple(
        shown(f"sha256:{number:064x}", PUBLISHED - timedelta(seconds=100 - number)) for number in range(99)
    )
    tally = said(
        *(approval(account) for account in people),
        published=(*published, shown(FINGERPRINT, PUBLISHED)),
        writers={account.id: Answer.YES for account in people},
    )
    assert len(accepted(tally)) == 50
    assert len(read) == 100 + 50
