"""What is noted about messages on their way out: what they waited for, and the logins they needed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from lab.servers.smtp import Stage
from mailbox_operator.decide.words import MessagePhase
from system.connect.sending.senders import Out


@dataclass(slots=True)
class Noted:
    """Keeps what it is told."""

    phases: list[MessagePhase] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)

    def message_phase(self, phase: MessagePhase, /) -> AbstractContextManager[None]:
        """Keep a phase that ended."""
        return self._lasting(phase)

    def logged_in(self, *, accepted: bool) -> None:
        """Keep a login."""
        self.logins.append(accepted)

    @contextmanager
    def _lasting(self, phase: MessagePhase) -> Iterator[None]:
        try:
            yield
        finally:
            self.phases.append(phase)


def watched(out: Out) -> Noted:
    """Have it noted what a way out tells."""
    out.opener.progress = noted = Noted()
    return noted


async def test_a_message_waits_for_its_turn_and_opens_a_session_only_where_none_is_open(
    out: Out,
) -> None:
    noted = watched(out)

    await out.send()
    await out.send()

    queue, login, send = MessagePhase
    assert noted.phases == [queue, login, send, queue, send]
    assert noted.logins == [True]
    assert (out.way_out.sessions, out.way_out.idle_sessions) == (1, 1)


async def test_a_login_that_is_refused_is_told_and_not_told_again_for_those_that_wait(
    out: Out,
) -> None:
    noted = watched(out)
    out.behave(replies={Stage.AUTH: b"535 5.7.8 no"})

    await out.send()
    await out.send()

    queue, login, _ = MessagePhase
    assert noted.phases == [queue, login, queue]
    assert noted.logins == [False]
