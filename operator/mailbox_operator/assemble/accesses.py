"""Builds what keeps access tokens at hand for the gateways, if there are any."""

from collections.abc import Callable, Iterator
from time import time

from mailbox_operator.assemble.outside import Outside
from mailbox_operator.cluster.accesses import HandedOver
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.connect.oauth.accesses import AccessKeeper
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.store import Store


def access_keeper(
    api: ApiServer,
    namespace: str,
    store: Store,
    out: Outside,
    on_trouble: Callable[[Key], None],
) -> AccessKeeper:
    """Build it.

    Args:
        api: Where tokens are handed over.
        namespace: The operator's own.
        store: Knows Senders and Mailboxes.
        out: Has the tokens.
        on_trouble: Hears of each Mailbox that there is no token for.
    """
    return AccessKeeper(
        lambda: wanted(store),
        out.authorizers,
        HandedOver(api, namespace),
        ApiServerError,
        on_trouble,
        time,
    )


def wanted(store: Store) -> Iterator[Case]:
    """Name the mailboxes that Senders send through by token, each once, if they are connected."""
    named = {
        Key(Kind.MAILBOX, sender.key.namespace, name)
        for sender in store.subjects()
        if isinstance(sender, ReadableSender) and not sender.suspended
        for name in sender.selects
    }
    for key in named:
        seen = store.seen(key)
        if seen is None or not isinstance(seen.subject, ReadableMailbox):
            continue
        if not seen.subject.spec.access.oauth:
            continue
        try:
            infrastructure = store.infrastructure_for(seen.subject)
        except Fault:
            continue
        case = Case(seen.subject, infrastructure, seen.version)
        if case.proved and not seen.subject.suspended:
            yield case
