"""Commands that ask the operator for something, and wait until it has answered."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mailbox_operator.clock import now
from mailbox_operator.cluster.reader import find
from mailbox_operator.command.objects import Objects
from mailbox_operator.command.standing import Report
from mailbox_operator.command.targets import CommandError, TooLateError
from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.names import RECONNECT
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Kind

LOOK_SECONDS: Final = 0.5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Changes:
    """Asks for changes.

    Attributes:
        seconds: How long is waited for an answer; 0 for not at all.
        say: Says what was done.
    """

    objects: Objects
    seconds: float
    say: Say

    async def reconnect(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Ask for an attempt now, and wait for what it comes to.

        Raises:
            CommandError: One is suspended, so nothing would happen; or no operator answered in time.
        """
        paused = ", ".join(_named(each) for each in subjects if each.suspended)
        if paused:
            raise CommandError(f"{paused}: suspended, so resume it first")
        asked = now().isoformat()
        for subject in subjects:
            body = {"metadata": {"annotations": {RECONNECT: asked}}}
            await self.objects.api.patch(self.objects.path_of(subject), body)
            self.say(f"{_named(subject)}: asked to reconnect")

        def is_answered(found: Subject) -> bool:
            is_handled = found.status.last_handled_reconnect_at == asked
            return is_handled and found.status.standing is not Standing.PROGRESSING

        return await self._until(subjects, is_answered)

    async def suspend(self, subjects: Sequence[Subject], *, suspended: bool) -> None:
        """Have objects left alone, or looked after again."""
        done = "suspended" if suspended else "resumed"
        for subject in subjects:
            if subject.key.kind is Kind.INFRASTRUCTURE:
                raise CommandError(f"{_named(subject)}: only a Mailbox or a Sender is {done}")
            if subject.suspended is suspended:
                self.say(f"{_named(subject)}: {done} already")
                continue
            body = {"spec": {"suspend": suspended}}
            await self.objects.api.patch(self.objects.path_of(subject), body)
            self.say(f"{_named(subject)}: {done}")

    async def connect(self, subject: Subject, show: Say) -> list[Subject]:
        """Show where a person gives consent, and wait until the mailbox is connected.

        Args:
            subject: The Mailbox.
            show: Shows the address of the page.

        Raises:
            CommandError: It takes no consent, none is needed now, or nobody gave it in time.
        """
        if _is_ready(subject):
            self.say(f"{_named(subject)}: connected already")
            return [subject]
        if not subject.status.consent_url:
            raise CommandError(_no_page(subject))
        show(subject.status.consent_url)
        if self.seconds:
            self.say(f"open it as {subject.address}; waiting until it is connected")
        return await self._until([subject], _is_ready)

    async def _until(
        self, subjects: Sequence[Subject], is_so: Callable[[Subject], bool]
    ) -> list[Subject]:
        """Look at objects again and again until something is so of all of them."""
        if not self.seconds:
            return []
        ends, waiting = monotonic() + self.seconds, list(subjects)
        done = dict[str, Subject]()
        while True:
            for subject in list(waiting):
                found = await self._again(subject)
                if is_so(found):
                    done[found.uid] = found
                    waiting.remove(subject)
            if not waiting:
                return [done[each.uid] for each in subjects]
            if monotonic() > ends:
                left = ", ".join(map(_named, waiting))
                raise TooLateError(
                    f"not within {self.seconds:g} s: {left}. Look at `status`; if nothing"
                    " changes there, see whether an operator runs that takes these objects"
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _again(self, subject: Subject) -> Subject:
        body = await find(self.objects.api, self.objects.path_of(subject))
        if body is None or body["metadata"]["uid"] != subject.uid:
            raise CommandError(f"{_named(subject)}: deleted meanwhile")
        return KINDS[subject.key.kind].parse(body)


def _named(subject: Subject) -> str:
    return f"{subject.key.kind} {subject.key}"


def _is_ready(subject: Subject) -> bool:
    return Report(subject, now()).is_ready


def _no_page(subject: Subject) -> str:
    if not subject.takes_consent:
        return f"{_named(subject)} takes no consent: it connects with a Secret"
    return f"{_named(subject)} has no consent page now: {Report(subject, now()).message}"
