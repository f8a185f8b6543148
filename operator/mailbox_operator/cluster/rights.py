"""Asks the API server whether the operator may do what it has to.

A replica that may not list and watch would work and miss what happens, so it does not become ready,
and says which right it lacks. One that lacks another right works on, but says what breaks. Who may
ask is not a right of the chart's: everybody may.

All is asked once, at the start. What is missing is asked for again until it is there, and all of it
after a write was refused; so an operator that has its rights asks for nothing.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import PATH, REVIEWS, secret_path
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.cluster.rights import Right, rights

LOOK_AGAIN_SECONDS: Final = 2.0
LACKING_SECONDS: Final = 10.0
REFUSED_SECONDS: Final = 30.0
AT_ONCE: Final = 8
VERBS: Final = ("list", "watch")
UNKNOWN: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Answers of an API server that nobody may ask; then the listing and the watches find out."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Rights:
    """What the operator may do.

    Attributes:
        lease: Name of its Lease.
        missing: The rights to list and watch that it lacks.
        lacking: The other ones that it lacks.
        trouble: Why that is not known now; empty if it is.
        refused_seconds: Between two looks at all of them, however many writes are refused.
        lacking_seconds: Between two looks while one is missing that this replica works without.
    """

    api: ApiServer
    scope: Scope
    lease: str = "mailbox-operator"
    missing: tuple[Right, ...] = ()
    lacking: tuple[Right, ...] = ()
    trouble: str = ""
    refused_seconds: float = REFUSED_SECONDS
    lacking_seconds: float = LACKING_SECONDS
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def granted(self) -> None:
        """Return once all rights to list and watch are there, and it is known of the others."""
        while True:
            if await self._are_there():
                break
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await self._look()

    async def run(self) -> None:
        """Ask again while a right is missing, or after a refusal; until cancelled."""
        while True:
            await asyncio.sleep(self.lacking_seconds if self.lacking else self.refused_seconds)
            if not self.lacking:
                await self.api.refused.wait()
                self.api.refused.clear()
            await self._look()

    def troubles(self) -> list[str]:
        """Say which rights to list and watch are missing, or why that is not known."""
        lacks = [each.lack for each in self.missing]
        return lacks or ([f"the API server: {self.trouble}"] if self.trouble else [])

    def lacks(self) -> list[str]:
        """Say which other rights are missing, and what breaks."""
        return [each.lack for each in self.lacking]

    @property
    def count(self) -> int:
        """How many rights are missing."""
        return len(self.missing) + len(self.lacking)

    async def _are_there(self) -> bool:
        try:
            found = await self._lacking_of(self._heard())
        except ApiServerError as error:
            if error.status in UNKNOWN:
                log.info("rights of the operator not known", extra={"error": str(error)})
                return True
            if str(error) != self.trouble:
                log.warning("rights of the operator not known yet", extra={"error": str(error)})
            self.trouble = str(error)
            return False
        self._tell(self.missing, found)
        self.missing, self.trouble = found, ""
        return not found

    async def _look(self) -> None:
        """Find out which of the other rights are missing, unless nobody says so now."""
        try:
            found = await self._lacking_of(rights(self.scope.duties, self.lease))
        except ApiServerError as error:
            log.info("rights of the operator not known", extra={"error": str(error)})
            return
        self._tell(self.lacking, found)
        self.lacking = found

    @staticmethod
    def _tell(before: tuple[Right, ...], now: tuple[Right, ...]) -> None:
        for each in now:
            if each not in before:
                extra = {"right": str(each), "breaks": each.breaks or "all"}
                log.warning("right missing", extra=extra)
        for each in before:
            if each not in now:
                log.info("right granted", extra={"right": str(each)})

    async def _lacking_of(self, needed: Iterable[Right]) -> tuple[Right, ...]:
        """Ask for rights; return those that are missing.

        Raises:
            ApiServerError: One was not answered.
        """
        asked = list(needed)
        found = await asyncio.gather(*map(self._ask_for, asked), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return tuple(right for right, has in zip(asked, found, strict=True) if not has)

    def _heard(self) -> Iterator[Right]:
        """Name what is listed and watched; Secrets of tenants are theirs to admit, where that is so."""
        for path in (*self.scope.followed, *map(secret_path, sorted(self.scope.secrets(())))):
            found = PATH.search(path)
            assert found is not None
            group, namespace, resource = (part or "" for part in found.groups())
            for verb in VERBS:
                yield Right(verb, group, resource, namespace)

    async def _ask_for(self, right: Right) -> bool:
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": _attributes(right)},
        }
        async with self._turns:
            review = await self.api.create(REVIEWS, body)
        return bool(review["status"]["allowed"])


def _attributes(right: Right) -> dict[str, Any]:
    resource, _, subresource = right.resource.partition("/")
    return {
        "verb": right.verb,
        "group": right.group,
        "resource": resource,
        "subresource": subresource,
        "namespace": right.namespace,
        "name": right.name,
    }
