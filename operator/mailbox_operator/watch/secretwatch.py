"""Follows Secrets wherever that is needed: everywhere, or in the namespaces that have Mailboxes."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.informer import LONGEST_WAIT_SECONDS, Informer
from mailbox_operator.watch.intake import Intake

LONGEST_REFUSED_SECONDS: Final = 30.0
"""Between two tries in a namespace that may lack a RoleBinding."""
LISTINGS_AT_ONCE: Final = 8


@dataclass(slots=True)
class SecretWatch:
    """The informers of all places."""

    api: ApiReader
    intake: Intake
    scope: Scope
    hearing: Hearing = field(default_factory=Hearing)
    _informers: dict[str, Informer] = field(default_factory=dict)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def informers(self) -> tuple[Informer, ...]:
        """What follows the Secrets of each place."""
        return tuple(self._informers.values())

    def moved(self) -> None:
        """Look again which namespaces have Mailboxes."""
        self._moved.set()

    async def first(self) -> None:
        """Take in the Secrets of all places; a namespace may refuse that, where each has its own right.

        Raises:
            ApiServerError: Some were not listed.
        """
        turns = asyncio.Semaphore(LISTINGS_AT_ONCE)

        async def listed(informer: Informer) -> None:
            async with turns:
                try:
                    await informer.list()
                except ApiServerError as error:
                    if not informer.optional or error.status != HTTPStatus.FORBIDDEN:
                        raise

        self._adjust()
        for found in await asyncio.gather(
            *(listed(each) for each in self._informers.values()), return_exceptions=True
        ):
            if found is not None:
                raise found

    async def run(self) -> None:
        """Follow, and start and stop with the Mailboxes of a namespace; until cancelled."""
        tasks: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._moved.clear()
                self._adjust()
                for place in tasks.keys() - self._informers.keys():
                    tasks.pop(place).cancel()
                    self.intake.secrets_gone(place)
                for place in self._informers.keys() - tasks.keys():
                    tasks[place] = group.create_task(self._informers[place].run())
                await self._moved.wait()

    def _adjust(self) -> None:
        wanted = self.scope.secrets(self.intake.store.homes)
        for place in self._informers.keys() - wanted:
            self.hearing.drop(self._informers.pop(place).path)
        for place in wanted - self._informers.keys():
            self._informers[place] = self._informer(place)

    def _informer(self, place: str) -> Informer:
        optional = self.scope.namespaced and place != self.scope.home
        longest = LONGEST_REFUSED_SECONDS if optional else LONGEST_WAIT_SECONDS
        informer = Informer(
            self.api, self.intake, place, longest, optional=optional, hearing=self.hearing
        )
        if not optional:
            self.hearing.want(informer.path)
        return informer
