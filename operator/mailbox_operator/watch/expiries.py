"""When credentials expire, where somebody wrote that on their Secret: no provider tells it."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Expiry, read_moment
from mailbox_operator.decide.failure.reasons import Move
from mailbox_operator.decide.names import GROUP, annotations_of
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store

EXPIRES: Final = f"{GROUP}/expires-at"
"""Annotation of a Secret: a date, or a time as RFC 3339 has it."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Expiries:
    """What Secrets say of their end."""

    _known: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def note(self, metadata: Mapping[str, Any], *, deleted: bool) -> None:
        """Take in what a Secret says of its end, if anything."""
        place = (metadata["namespace"], metadata["name"])
        told = annotations_of(metadata).get(EXPIRES, "")
        moment = None if deleted or not told else read_moment(told)
        if moment is not None:
            self._known[place] = moment
            return
        self._known.pop(place, None)
        if told and not deleted:
            where = {"namespace": place[0], "secret": place[1], "annotation": EXPIRES}
            log.warning("expiry of a Secret must be a date or an RFC 3339 time", extra=where)

    def in_use(self, store: Store) -> Iterator[Expiry]:
        """Return when the Secrets in use by this installation expire, and who must act then."""
        for (namespace, name), moment in self._known.items():
            users = [*_selected(store.dependents((Topic.SECRET, namespace, name)), store)]
            if users:
                platform = not all(KINDS[key.kind].namespaced for key in users)
                move = Move.PLATFORM if platform else Move.OWNER
                yield Expiry(namespace, name, move, moment)


def _selected(keys: Iterable[Key], store: Store) -> Iterator[Key]:
    """Leave out those that another installation works on."""
    for key in keys:
        subject = store.subject(key)
        if subject is not None and subject.is_selected:
            yield key
