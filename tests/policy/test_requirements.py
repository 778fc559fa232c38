"""Who must agree, and the smallest set of people that opens the gate."""

from collections.abc import Iterable

import pytest

from scopegate.errors import PolicyError
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import Terms
from scopegate.policy.model import Excess, Policy
from scopegate.policy.people import Approval, Voices, is_member
from scopegate.policy.sign_off import MOST_WAYS, Block, Combined, SignOff, count_ways, in_words, ways
from scopegate.verdict.decide import Verdict, decide
from scopegate.verdict.requirements import Rejected, Requirement, SignOffs, requirements_of

CN = ("team:cn-owners",)
DNS = ("team:dns",)
TEAMS = {"cn-owners": ("li", "wang"), "dns": ("li", "dora")}
POLICY = Policy("p", (), teams=TEAMS)
ONE_PERSON_MANY_GROUPS = Policy("p", (), teams=TEAMS, distinct_people=False)
AGENTS = Policy("p", (), teams=TEAMS, further=SignOff(1))


def excess(name: str, outcome: SignOff | Combined | Block) -> Excess:
    return Excess(Terms(name, outcome, "w"), LimitKind.REGIONS, {}, (), (), "", "", "", outcome)


def asked(policy: Policy, *outcomes: SignOff | Combined | Block) -> list[tuple[tuple[str, ...], int]]:
    """Return groups and counts of what these outcomes, one excess each, ask."""
    excesses = [excess(f"limit-{number}", outcome) for number, outcome in enumerate(outcomes)]
    return [(r.groups, r.count) for r in requirements_of(excesses, policy)]


def signed(policy: Policy, people: Iterable[str], *outcomes: SignOff | Combined) -> Verdict:
    """Return the verdict after these people agreed."""
    excesses = [excess(f"limit-{number}", outcome) for number, outcome in enumerate(outcomes)]
    return decide(excesses, requirements_of(excesses, policy, SignOffs(tuple(map(Approval, people)))))


def test_nothing_beyond_asks_nobody() -> None:
    assert requirements_of((), AGENTS) == ()
    assert decide((), ()) is Verdict.PASS


def test_the_same_groups_are_asked_once_for_the_largest_count() -> None:
    assert asked(POLICY, SignOff(1), SignOff(2)) == [(("anyone",), 2)]
    assert asked(POLICY, SignOff(2, CN), SignOff(1, CN)) == [(CN, 2)]


def test_different_groups_are_asked_for_different_people() -> None:
    assert asked(POLICY, SignOff(2, CN), SignOff(1, DNS)) == [(CN, 2), (DNS, 1)]
    # li is in both teams, and counts in one of them.
    assert signed(POLICY, ["li", "wang"], SignOff(2, CN), SignOff(1, DNS)) is Verdict.NEEDS_SIGN_OFF
    assert signed(POLICY, ["li", "wang", "dora"], SignOff(2, CN), SignOff(1, DNS)) is Verdict.PASS


def test_people_are_placed_so_that_most_requirements_are_met() -> None:
    # Were li counted for the China team first, nobody would be left for DNS.
    assert signed(POLICY, ["li", "wang"], SignOff(1, CN), SignOff(1, DNS)) is Verdict.PASS


def test_a_policy_may_let_one_person_stand_for_several_groups() -> None:
    assert signed(POLICY, ["li"], SignOff(1, CN), SignOff(1, DNS)) is Verdict.NEEDS_SIGN_OFF
    assert signed(ONE_PERSON_MANY_GROUPS, ["li"], SignOff(1, CN), SignOff(1, DNS)) is Verdict.PASS
    assert signed(ONE_PERSON_MANY_GROUPS, ["li"], SignOff(1, CN), SignOff(2)) is Verdict.NEEDS_SIGN_OFF
    assert signed(ONE_PERSON_MANY_GROUPS, ["li", "eve"], SignOff(1, CN), SignOff(2)) is Verdict.PASS


def test_anyone_counts_everybody_who_agrees() -> None:
    assert asked(POLICY, SignOff(2, CN), SignOff(1)) == [(CN, 2)]
    assert asked(POLICY, SignOff(1, CN), SignOff(3)) == [(CN, 1), (("anyone",), 2)]
    assert signed(POLICY, ["li", "eve"], SignOff(1, CN), SignOff(2)) is Verdict.PASS
    assert signed(POLICY, ["eve", "ada"], SignOff(1, CN), SignOff(2)) is Verdict.NEEDS_SIGN_OFF


def test_every_limit_that_asks_is_named() -> None:
    excesses = [excess("china", SignOff(2, CN)), excess("one-region", SignOff(1))]
    assert [r.why for r in requirements_of(excesses, AGENTS)] == [("china",), ("one-region", "agent-author")]
    assert [r.why for r in requirements_of(excesses, POLICY)] == [("china", "one-region")]


def test_an_agents_change_needs_one_human_more() -> None:
    assert asked(AGENTS, SignOff(1)) == [(("anyone",), 2)]
    assert asked(AGENTS, SignOff(2, CN), SignOff(1)) == [(CN, 2), (("anyone",), 1)]
    assert signed(AGENTS, ["li", "wang"], SignOff(2, CN)) is Verdict.NEEDS_SIGN_OFF
    assert signed(AGENTS, ["li", "wang", "eve"], SignOff(2, CN)) is Verdict.PASS


def test_what_agents_need_more_may_be_of_a_group() -> None:
    policy = Policy("p", (), teams=TEAMS, further=SignOff(1, CN))
    assert asked(policy, SignOff(1, CN)) == [(CN, 2)]
    assert asked(policy, SignOff(1)) == [(CN, 1), (("anyone",), 1)]


ALL = Combined(2, (SignOff(1, CN), SignOff(1)))
ANY = Combined(1, (SignOff(2, CN), SignOff(1, DNS)))
TWO_OF_THREE = Combined(2, (SignOff(1, CN), SignOff(1, DNS), SignOff(1, ("user:ada",))))


def test_within_one_rule_even_anyone_is_somebody_else() -> None:
    assert asked(POLICY, ALL) == [(CN, 1), (("anyone",), 1)]
    assert signed(POLICY, ["li"], ALL) is Verdict.NEEDS_SIGN_OFF
    assert signed(POLICY, ["li", "wang"], ALL) is Verdict.PASS


def test_of_several_ways_the_one_with_the_fewest_people_is_named() -> None:
    assert asked(POLICY, ANY) == [(DNS, 1)]


def test_of_several_ways_any_opens_the_gate() -> None:
    assert signed(POLICY, ["dora"], ANY) is Verdict.PASS
    assert signed(POLICY, ["li", "wang"], ANY) is Verdict.PASS
    assert signed(POLICY, ["wang"], ANY) is Verdict.NEEDS_SIGN_OFF


def test_the_way_that_people_have_begun_is_followed() -> None:
    rule = Combined(1, (SignOff(2, DNS), SignOff(3, CN)))
    policy = Policy("p", (), teams={"cn-owners": ("li", "wang", "wu"), "dns": ("dora", "don")})
    (requirement,) = requirements_of([excess("x", rule)], policy, SignOffs((Approval("li"), Approval("wang"))))
    assert requirement == Requirement(CN, 3, ("x",), ("li", "wang"), suggested=("wu",))


def test_two_of_three_groups() -> None:
    assert signed(POLICY, ["wang", "ada"], TWO_OF_THREE) is Verdict.PASS
    assert signed(POLICY, ["wang"], TWO_OF_THREE) is Verdict.NEEDS_SIGN_OFF
    assert len(ways(TWO_OF_THREE)) == count_ways(TWO_OF_THREE) == 3


def test_twice_one_of_a_group_means_two_of_it() -> None:
    assert ways(Combined(2, (SignOff(1, CN), SignOff(1, CN)))) == (((CN, 2),),)


def test_a_rule_is_said_in_words() -> None:
    assert in_words(ANY) == "2 of team:cn-owners, or 1 of team:dns"
    assert in_words(ALL) == "1 of team:cn-owners, and 1 of anyone"
    assert in_words(TWO_OF_THREE) == "2 of these: 1 of team:cn-owners; 1 of team:dns; 1 of user:ada"
    assert in_words(Combined(2, (ANY, SignOff(1)))) == "(2 of team:cn-owners, or 1 of team:dns), and 1 of anyone"


def test_people_named_in_the_policy_are_suggested() -> None:
    excesses = [excess("x", SignOff(1, CN)), excess("y", SignOff(1, DNS))]
    assert [r.suggested for r in requirements_of(excesses, POLICY)] == [("wang",), ("li",)]
    given = SignOffs((Approval("li"),))
    met, open_ = requirements_of(excesses, POLICY, given)
    assert (met.satisfied_by, met.suggested, open_.satisfied_by, open_.suggested) == (("li",), (), (), ("dora",))


def test_whoever_has_a_hand_in_the_change_cannot_sign_nor_is_suggested() -> None:
    given = SignOffs((Approval("Li"), Approval("wang")), (Rejected("bot[bot]", "a machine"),))
    (requirement,) = requirements_of(
        [excess("x", SignOff(2, CN))], POLICY, given, {"li": "the AI agent worked for them"}
    )
    assert requirement.satisfied_by == ("wang",)
    assert requirement.suggested == ()
    assert requirement.rejected == (
        Rejected("bot[bot]", "a machine"),
        Rejected("Li", "the AI agent worked for them"),
    )


def test_a_membership_that_the_caller_has_proved_counts() -> None:
    approval = Approval("zoe", frozenset({"team:unlisted"}))
    (requirement,) = requirements_of([excess("x", SignOff(1, ("team:unlisted",)))], POLICY, SignOffs((approval,)))
    assert requirement.met
    (requirement,) = requirements_of(
        [excess("x", SignOff(1, ("team:unlisted",)))], POLICY, SignOffs((Approval("zoe"),))
    )
    assert not requirement.met


def test_one_person_who_agrees_twice_is_one_person() -> None:
    assert signed(POLICY, ["li", "li"], SignOff(2)) is Verdict.NEEDS_SIGN_OFF


def test_nobody_can_release_what_is_blocked() -> None:
    blocked = excess("x", Block())
    everybody = SignOffs(tuple(Approval(who) for who in ("li", "wang", "dora", "eve")))
    assert requirements_of([blocked], POLICY, everybody) == ()
    assert decide([blocked], ()) is Verdict.BLOCKED


def test_what_can_be_met_in_too_many_ways_is_refused() -> None:
    rule = Combined(1, tuple(SignOff(1, (f"team:t{number}",)) for number in range(20)))
    with pytest.raises(PolicyError, match="more than 4096 ways"):
        asked(POLICY, rule, rule, rule)


def test_where_one_person_may_stand_for_several_groups_the_largest_group_says_how_many() -> None:
    assert asked(ONE_PERSON_MANY_GROUPS, SignOff(2, CN), SignOff(1, DNS)) == [(CN, 2), (DNS, 1)]


def test_where_one_person_may_stand_for_several_groups_two_are_two_people_of_anyone() -> None:
    outcomes = (SignOff(1, CN), SignOff(1, DNS), SignOff(2))
    assert signed(ONE_PERSON_MANY_GROUPS, ["wang", "dora"], *outcomes) is Verdict.PASS
    assert signed(ONE_PERSON_MANY_GROUPS, ["li"], *outcomes) is Verdict.NEEDS_SIGN_OFF


def test_where_one_person_may_stand_for_several_groups_it_is_still_a_member_of_each() -> None:
    assert signed(ONE_PERSON_MANY_GROUPS, ["eve"], SignOff(1, CN)) is Verdict.NEEDS_SIGN_OFF
    assert signed(ONE_PERSON_MANY_GROUPS, ["dora", "eve"], SignOff(1, CN), SignOff(1, DNS)) is Verdict.NEEDS_SIGN_OFF
    assert signed(ONE_PERSON_MANY_GROUPS, ["li", "li"], SignOff(2, CN)) is Verdict.NEEDS_SIGN_OFF


def test_nobody_is_suggested_where_anybody_would_do() -> None:
    owner, anyone = requirements_of([excess("x", SignOff(1, CN)), excess("y", SignOff(2))], POLICY)
    assert (owner.groups, owner.suggested) == (CN, ("li",))
    assert (anyone.groups, anyone.count, anyone.suggested) == (("anyone",), 1, ())


def test_what_asks_nobody_is_refused_and_not_passed() -> None:
    with pytest.raises(PolicyError, match="the limit 'x' asks nobody, so nobody could agree"):
        requirements_of([excess("x", Combined(0, ()))], POLICY)


def test_so_many_groups_that_nobody_could_gather_them_are_refused() -> None:
    """A thousand groups with one team in common made the search for places deeper than Python goes."""
    crowd = Policy("p", (), teams={"all": tuple(f"p{number}" for number in range(501))})

    def out_of(number: int) -> SignOff:
        return SignOff(1, ("team:all", f"user:u{number}"))

    people = [f"p{number}" for number in range(500)]
    assert signed(crowd, people, *map(out_of, range(500))) is Verdict.PASS
    with pytest.raises(PolicyError, match="more than 500 people"):
        signed(crowd, people, *map(out_of, range(501)))


def test_of_many_people_each_group_looks_at_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    voices = Voices((Approval(f"U{number}", frozenset({f"team:o/t{number}"})) for number in range(900)), {"a": ("u7",)})

    class Counted(tuple[str, ...]):
        def __getitem__(self, number: int) -> str:  # type: ignore[override]
            looked.append(number)
            return super().__getitem__(number)

    monkeypatch.setattr(voices, "people", Counted(voices.people))
    assert voices.of(("team:o/t9", "team:a", "user:u3", "user:nobody")) == ("U3", "U7", "U9")
    assert looked == [3, 7, 9]
    assert voices.of(("team:b", "anyone")) == voices.people


def test_the_ways_of_very_many_rules_are_not_counted() -> None:
    """Counted by how many were chosen so far, 100,000 rules would take hours."""
    people = tuple(SignOff(1, (f"user:u{number}",)) for number in range(100_000))
    assert count_ways(Combined(1, people)) > MOST_WAYS
    assert count_ways(Combined(99_999, people)) > MOST_WAYS
    assert count_ways(Combined(100_000, people)) == 1
    assert count_ways(Combined(2, people[:MOST_WAYS])) == MOST_WAYS * (MOST_WAYS - 1) // 2
    assert count_ways(Combined(2, (Combined(1, people[:3]), Combined(2, people[:4])))) == 18


def test_somebody_in_one_of_several_groups_is_a_member() -> None:
    assert is_member(Approval("Ada"), ("user:bob", "user:ada"), {})
    assert is_member(Approval("ada", frozenset({"team:a"})), ("team:b", "team:a"), {})
    assert not is_member(Approval("ada", frozenset({"team:a"})), ("team:b", "user:bob"), {})
