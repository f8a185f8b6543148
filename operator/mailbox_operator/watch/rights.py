"""Asks the API server at the start whether the operator may list and watch what it has to.

A replica without one of these rights would work and miss what happens, so it does not become ready,
and says which one it lacks. Who may ask is not a right of the chart's: everybody may.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from mailbox_operator.cluster.apiserver import ApiServer, ApiServerError
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.secrets import secret_path
from mailbox_operator.watch.hearing import PATH, name_of

REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
AGAIN_SECONDS: Final = 2.0
AT_ONCE: Final = 8
VERBS: Final = ("list", "watch")
UNKNOWN: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Answers of an API server that nobody may ask; then the listing and the watches find out."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Rights:
    """What the operator may do where it listens.

    Attributes:
        missing: Verb and resource of each right that it lacks.
        trouble: Why that is not known now; empty if it is.
    """

    api: ApiServer
    scope: Scope
    missing: tuple[str, ...] = ()
    trouble: str = ""
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def granted(self) -> None:
        """Return once all of them are there."""
        while True:
            if await self._are_there():
                return
            await asyncio.sleep(AGAIN_SECONDS)

    def troubles(self) -> list[str]:
        """Say which rights are missing, or why that is not known."""
        lacking = [f"the right to {each} is missing: update the chart" for each in self.missing]
        return lacking or ([f"the API server: {self.trouble}"] if self.trouble else [])

    async def _are_there(self) -> bool:
        try:
            found = await self._all_lacking()
        except ApiServerError as error:
            if error.status in UNKNOWN:
                log.info("rights not known", extra={"error": str(error)})
                return True
            if str(error) != self.trouble:
                log.warning("rights not known yet", extra={"error": str(error)})
            self.trouble = str(error)
            return False
        missing, self.trouble = tuple(each for each in found if each), ""
        for each in sorted({*missing} - {*self.missing}):
            log.warning("right missing", extra={"right": each})
        self.missing = missing
        return not missing

    async def _all_lacking(self) -> list[str]:
        """Ask for all of them; the texts of those that are there are empty.

        Raises:
            ApiServerError: One was not answered.
        """
        asked = (self._lacking(*each) for each in self._needed())
        found = await asyncio.gather(*asked, return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return [each for each in found if isinstance(each, str)]

    def _needed(self) -> Iterator[tuple[str, str]]:
        """Name each verb and path; Secrets of tenants are theirs to admit, where that is so."""
        for path in (*self.scope.followed, *map(secret_path, sorted(self.scope.secrets(())))):
            for verb in VERBS:
                yield verb, path

    async def _lacking(self, verb: str, path: str) -> str:
        """Name the right if it is missing; empty if it is there."""
        found = PATH.search(path)
        assert found is not None
        group, namespace, resource = (part or "" for part in found.groups())
        wanted = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": wanted},
        }
        async with self._turns:
            review = await self.api.create(REVIEWS, body)
        return "" if review["status"]["allowed"] else f"{verb} {name_of(path)}"
