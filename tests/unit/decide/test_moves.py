"""Who must act while a status gives a reason."""

import pytest

from mailbox_operator.decide.failure.reasons import Move
from mailbox_operator.decide.machine.verdict import move_of
from mailbox_operator.decide.words import Infrastructure
from unit.make import infrastructure, mailbox, oauth_spec, spec


@pytest.mark.parametrize(
    ("subject", "reason", "move"),
    [
        pytest.param(mailbox(), "Connected", Move.NOBODY, id="nothing is wrong"),
        pytest.param(mailbox(), "InvalidCredentials", Move.OWNER, id="the owner's password"),
        pytest.param(mailbox(), "TlsVerificationFailed", Move.OWNER, id="the owner's server"),
        pytest.param(
            mailbox(oauth_spec(infrastructure=Infrastructure.MANAGED)),
            "OAuthAppInvalid",
            Move.PLATFORM,
            id="the platform's app",
        ),
        pytest.param(
            mailbox(oauth_spec()), "OAuthAppInvalid", Move.OWNER, id="the owner's own app"
        ),
        pytest.param(
            mailbox(spec(infrastructure=Infrastructure.MANAGED)),
            "TlsVerificationFailed",
            Move.OWNER,
            id="the owner's server under Managed",
        ),
        pytest.param(
            infrastructure(), "InvalidCredentials", Move.PLATFORM, id="an infrastructure's own"
        ),
        pytest.param(infrastructure(), "Connected", Move.NOBODY, id="a good infrastructure"),
        pytest.param(mailbox(), "SomebodyWroteThis", Move.NOBODY, id="a word of nobody's"),
    ],
)
def test_somebody_has_to_move(subject: object, reason: str, move: Move) -> None:
    assert move_of(subject, reason) is move  # type: ignore[arg-type]  # of either kind


@pytest.mark.parametrize(
    ("message", "move"),
    [
        ("Connections are refused. Platform team: do that.", Move.PLATFORM),
        ("It is. Platform team: none. Mailbox owner: delete mail there, or ask.", Move.OWNER),
        ("It is cut off", Move.ADMIN),
    ],
)
def test_a_message_names_whose_move_it_is(message: str, move: Move) -> None:
    assert move_of(mailbox(), "AccessBlocked", message) is move
