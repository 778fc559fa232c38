"""Signs of AI agents, as a ratchet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scopegate.policy.agents import Authorship, author_kind, known_signs, signs_of
from scopegate.policy.kinds import AuthorKind

NOTHING = Authorship("dana")


@pytest.mark.parametrize(
    ("authorship", "agent"),
    [
        (replace(NOTHING, account="kiro-agent[bot]"), "Kiro"),
        (replace(NOTHING, account="Copilot"), "Copilot"),
        (replace(NOTHING, logins=("dana", "cursoragent")), "Cursor"),
        (replace(NOTHING, logins=("claude[bot]",)), "Claude Code"),
        (replace(NOTHING, names=("Kiro Agent",)), "Kiro"),
        (replace(NOTHING, emails=("NoReply@anthropic.com",)), "Claude Code"),
        (replace(NOTHING, branch="codex/fix-costs"), "Codex"),
        (replace(NOTHING, text="Fixes it.\n\nGenerated with [Claude Code](x)"), "Claude Code"),
    ],
)
def test_an_agent_shows_itself(authorship: Authorship, agent: str) -> None:
    signs = signs_of(authorship, known_signs())
    assert [sign.agent for sign in signs] == [agent]
    assert author_kind(AuthorKind.HUMAN, signs) is AuthorKind.AGENT


def test_a_change_without_signs_is_what_was_stated() -> None:
    assert signs_of(replace(NOTHING, branch="my/codex/fix", text="by Codex"), known_signs()) == ()
    assert author_kind(AuthorKind.UNKNOWN, ()) is AuthorKind.UNKNOWN
    assert author_kind(AuthorKind.HUMAN, ()) is AuthorKind.HUMAN


@given(st.sampled_from(AuthorKind), st.sets(st.sampled_from(known_signs())), st.sampled_from(known_signs()))
def test_a_further_sign_never_makes_an_agent_less_of_one(
    stated: AuthorKind, signs: set[object], further: object
) -> None:
    if author_kind(stated, signs) is AuthorKind.AGENT:  # type: ignore[arg-type]
        assert author_kind(stated, [*signs, further]) is AuthorKind.AGENT  # type: ignore[list-item]
