"""Asks the code host what is needed to tell sign-offs from other reviews, and no more."""

from collections.abc import Iterable, Mapping

from scopegate.forge.eligibility import Evidence, newest_decisive
from scopegate.forge.model import Account, Answer, Review, ReviewState, Status
from scopegate.forge.people import Hands
from scopegate.forge.port import Forge
from scopegate.policy.people import Approval, is_member
from scopegate.policy.sign_off import ANYONE, Block, Rule, ways
from scopegate.verdict.decision import Decision


def groups_asked(decision: Decision) -> tuple[str, ...]:
    """Return every group whose people could open the gate, by any of the ways the policy leaves."""
    rules: list[Rule] = [excess.outcome for excess in decision.excesses if not isinstance(excess.outcome, Block)]
    if not rules:
        return ()
    if further := decision.policy.further:
        rules.append(further)
    found = [group for rule in rules for way in ways(rule) for groups, _ in way for group in groups]
    if glass := decision.policy.break_glass:
        found.extend(glass.groups)
    return tuple(dict.fromkeys(found))


def evidence_from(
    forge: Forge,
    head: str,
    fingerprint: str,
    published: tuple[Status, ...],
    hands: Hands,
    groups: tuple[str, ...],
    teams: Mapping[str, tuple[str, ...]],
    machines: frozenset[str],
) -> Evidence:
    """Return what the code host answers about the reviews of one fingerprint on one head."""
    reviews = forge.reviews()
    people = _approving(reviews, hands, machines)
    named = tuple(group for group in groups if group != ANYONE)
    return Evidence(
        head=head,
        fingerprint=fingerprint,
        published=published,
        hands=hands,
        reviews=reviews,
        writers={account.id: forge.can_write(account) for account in people},
        members={
            (account.id, group): _membership(forge, account, group, teams) for account in people for group in named
        },
        groups=named,
        anyone=ANYONE in groups,
        machines=machines,
    )


def _approving(reviews: Iterable[Review], hands: Hands, machines: frozenset[str]) -> tuple[Account, ...]:
    """Return the accounts whose rights matter: those that approve and are not out for another reason already."""
    return tuple(
        review.account
        for review in newest_decisive(reviews)
        if review.account
        and review.state is ReviewState.APPROVED
        and not review.account.is_bot
        and review.account.login.lower() not in machines
        and not hands.why(review.account, review.email)
    )


def _membership(forge: Forge, account: Account, group: str, teams: Mapping[str, tuple[str, ...]]) -> Answer:
    """Return whether somebody is in a group: by the policy where it names people, else by the code host."""
    kind, _, name = group.partition(":")
    if kind == "user" or (kind == "team" and name in teams):
        return Answer.YES if is_member(Approval(account.login), (group,), teams) else Answer.NO
    return forge.is_member(account, name) if kind == "team" else Answer.UNKNOWN
