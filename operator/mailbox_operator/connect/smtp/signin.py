"""How one mailbox or relay is signed in to: where, with what, and what a failure there means."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailbox_operator.connect.ports import Gate
from mailbox_operator.connect.smtp.credentials import Credential
from mailbox_operator.connect.smtp.sessions import Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signs in, and where.

    Attributes:
        targets: One server, by each name that its certificate may be for.
        credential: What to log in with.
        ask: Looks whether a login may be tried now, and returns what it passes at the server; raises
            as `Restraint.gate` does.
        explain: Says of a fault there what it means for the Mailbox.
    """

    targets: Sequence[Target]
    credential: Credential
    ask: Callable[[], Gate]
    explain: Callable[[Fault], Fault]

    async def reach(self, attempt: Callable[[Target], Awaitable[Result]]) -> Result:
        """Attempt something at the server, by the first name that its certificate is for.

        Raises:
            Fault: As the attempt does; if no name fits, as it does for the first.
        """
        mistrust: Fault | None = None
        for target in self.targets:
            try:
                return await attempt(target)
            except Fault as fault:
                if fault.reason is not Reason.TLS_VERIFICATION_FAILED:
                    raise
                mistrust = mistrust or fault
        assert mistrust is not None
        raise mistrust
