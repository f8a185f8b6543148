"""Keeps what browsers are out with where every replica sees it: one Secret for each request.

Used ones stay, emptied, until they are swept away: a second use is told from a late one, and what
was begun within the last minutes is limited, by all replicas and across restarts. Each request is
written first and counted afterwards, so of those that come at the same time none is overlooked.
"""

import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.listing import Listing
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import METADATA_ONLY
from mailbox_operator.cluster.secretdata import decoded_value, encoded_value
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Pending, digest
from mailbox_operator.decide.grants.begun import Begun, surplus
from mailbox_operator.decide.machine.consent import LIFETIME, Refused, Trouble
from mailbox_operator.decide.names import PENDING_CONSENT
from mailbox_operator.decide.status.conditions import TIME_FORMAT

REQUEST_FIELD: Final = "request"
ORIGIN: Final = "mailbox-operator.io/consent-origin"

Manifest = Mapping[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PendingRequests:
    """The Secrets of pending requests, in the operator's own namespace."""

    api: ApiServer
    namespace: str

    async def put(self, pending: Pending, now: datetime, most: int) -> None:
        """Keep a request, one of so many of its Mailbox; what is too many is dropped.

        Raises:
            Refused: It is too many itself, or the cluster does not take it.
        """
        content = encoded_value(json.dumps(asdict(pending)))
        body = {
            "metadata": {
                "name": _name(pending.request.state),
                "labels": {PENDING_CONSENT: pending.uid},
                "annotations": {ORIGIN: pending.origin},
            },
            "type": PENDING_CONSENT,
            "data": {REQUEST_FIELD: content},
        }
        own = _order(await self._call(self.api.create(self._path(), body)))
        since = (now - LIFETIME).strftime(TIME_FORMAT)
        found = await self._list_of(pending.uid)
        lately = [x for x in found if x["metadata"]["creationTimestamp"] > since]
        # Who comes later counts for itself: so everybody comes to the same end.
        begun = [_begun(each) for each in sorted(lately, key=_order) if _order(each) <= own]
        await self._drop(surplus(begun, most), pending)

    async def find(self, state: str) -> Pending:
        """Read the request that a state belongs to; it is not used up by that.

        Raises:
            Refused: There is none, or it was used; or the cluster does not answer.
        """
        found = await self._call(self.api.get(self._path(_name(state))))
        content = (found.get("data") or {}).get(REQUEST_FIELD)
        if content is None:
            raise Refused(Trouble.LINK_USED, found["metadata"]["labels"].get(PENDING_CONSENT, ""))
        fields = json.loads(decoded_value(content))
        return Pending(**{**fields, "request": AuthorizationRequest(**fields["request"])})

    async def use(self, pending: Pending) -> None:
        """Use a request up: of all who try, one succeeds.

        Raises:
            Refused: Somebody was first, or the cluster does not answer.
        """
        emptied = [
            {"op": "remove", "path": f"/data/{REQUEST_FIELD}"}
        ]  # fails where there is none any more
        path = self._path(_name(pending.request.state))
        try:
            await self.api.patch(path, emptied, JSON_PATCH)
        except ApiServerError as error:
            if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                raise Refused(Trouble.LINK_USED, pending.uid) from error
            raise _refused(error) from error

    async def _list_of(self, uid: str) -> Sequence[Manifest]:
        labels = f"{PENDING_CONSENT}={uid}"
        listing = Listing(self.api, self._path(), METADATA_ONLY, labels=labels)
        try:
            return [each async for each in listing.items()]
        except ApiServerError as error:
            raise _refused(error) from error

    async def _drop(self, begun: Sequence[Begun], own: Pending) -> None:
        """Delete requests, of all replicas the same ones.

        Raises:
            Refused: The own one is among them.
        """
        for each in begun:
            try:
                await self.api.delete(self._path(each.name), {})
            except ApiServerError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    log.warning("started consent not deleted", extra={"error": str(error)})
        if _name(own.request.state) in {each.name for each in begun}:
            raise Refused(Trouble.TOO_MANY_ATTEMPTS, own.uid)

    async def _call(self, call: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
        try:
            return await call
        except ApiServerError as error:
            raise _refused(error) from error

    def _path(self, name: str = "") -> str:
        return secret_path(self.namespace, name)


def _name(state: str) -> str:
    return f"mailbox-authorization-{digest(state)[:40]}"


def _order(secret: Manifest) -> tuple[str, int]:
    """Return what orders Secrets as they were created; times have only seconds.

    Source:
        KEP-5504, comparable resource versions.
    """
    metadata = secret["metadata"]
    return metadata["creationTimestamp"], int(metadata["resourceVersion"])


def _begun(secret: Manifest) -> Begun:
    metadata = secret["metadata"]
    address, _, browser = (metadata.get("annotations") or {}).get(ORIGIN, "").partition("/")
    return Begun(metadata["name"], address, browser)


def _refused(error: ApiServerError) -> Refused:
    gone = error.status == HTTPStatus.NOT_FOUND
    return Refused(Trouble.LINK_EXPIRED if gone else Trouble.CLUSTER_UNAVAILABLE)
