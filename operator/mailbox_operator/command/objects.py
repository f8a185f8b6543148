"""Reads the objects that a command is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.command.targets import CommandError, Target
from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.words import Kind


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a cluster.

    Attributes:
        namespace: Of tenants' objects; empty for all namespaces.
    """

    api: ApiServer
    namespace: str

    async def bodies(self, kind: Kind) -> list[Mapping[str, Any]]:
        """Read all objects of a kind, in order.

        Raises:
            ApiServerError: They cannot be read.
        """
        found = await self.api.get(object_path(kind, self._scope(kind)))
        items: list[Mapping[str, Any]] = found["items"]
        return sorted(items, key=_place)

    async def all(self, kind: Kind) -> list[Subject]:
        """Read the same, as the operator understands them."""
        return [KINDS[kind].parse(body) for body in await self.bodies(kind)]

    async def readable(self, kind: Kind) -> list[Subject]:
        """Read all of a kind; none, where there is no right to, or no such kind."""
        try:
            return await self.all(kind)
        except ApiServerError as error:
            if error.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                raise
            return []

    async def one(self, target: Target) -> Subject:
        """Read one object.

        Raises:
            CommandError: There is none of that name.
            ApiServerError: It cannot be read.
        """
        found = await find(self.api, self.path(target))
        if found is None:
            is_tenants = KINDS[target.kind].namespaced
            where = f" in namespace {self.namespace}" if is_tenants else ""
            raise CommandError(f"there is no {target}{where}")
        return KINDS[target.kind].parse(found)

    async def chosen(self, targets: Sequence[Target], kind: Kind) -> list[Subject]:
        """Read the objects that were named; all of a kind, if none was.

        Raises:
            CommandError: There is none of that name, or the cluster does not know the kind.
            ApiServerError: They cannot be read.
        """
        if targets:
            return [await self.one(each) for each in targets]
        try:
            return await self.all(kind)
        except ApiServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise CommandError(
                f"the cluster does not know the kind {kind}: install the operator's chart,"
                " or choose another --context"
            ) from error

    def path(self, target: Target) -> str:
        """Return the path of an object."""
        return object_path(target.kind, self._scope(target.kind), target.name)

    def path_of(self, subject: Subject) -> str:
        """Return the path of an object that was read."""
        return object_path(subject.key.kind, subject.key.namespace, subject.key.name)

    def _scope(self, kind: Kind) -> str:
        return self.namespace if KINDS[kind].namespaced else ""


def _place(body: Mapping[str, Any]) -> tuple[str, str]:
    metadata = body["metadata"]
    return metadata.get("namespace", ""), metadata["name"]
