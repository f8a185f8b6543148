"""Builds what keeps access tokens at hand for the gateways, if there are any."""

from collections.abc import Callable, Iterator
from time import time

from mailbox_operator.assemble.outside import Outside
from mailbox_operator.cluster.accesses import HandedOver
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.connect.oauth.accesses import AccessKeeper
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.store import Store


def access_keeper(
    handed_over: HandedOver,
    store: Store,
    out: Outside,
    on_trouble: Callable[[Key], None],
    is_ours: Callable[[Mailbox], bool],
    *,
    has_gateway: bool,
) -> AccessKeeper:
    """Build it. Without a gateway it takes back what was handed over while there was one.

    Args:
        handed_over: Where tokens are handed over.
        store: Knows Senders and Mailboxes.
        out: Has the tokens.
        on_trouble: Hears of each Mailbox that there is no token for.
        is_ours: Whether this replica works on a mailbox; others hand over for the rest.
        has_gateway: Whether anybody reads them.
    """
    return AccessKeeper(
        lambda: wanted(store, is_ours) if has_gateway else (),
        lambda mailbox: case_of(store, mailbox),
        out.authorizers,
        handed_over,
        ApiServerError,
        on_trouble,
        time,
        is_foreign=lambda uid: is_foreign(store.find(uid), is_ours),
    )


def wanted(store: Store, is_ours: Callable[[Mailbox], bool]) -> Iterator[ReadableMailbox]:
    """Name our mailboxes that Senders send through by token, each once, if they are connected.

    It is asked every second, so nothing is digested here, nor compared with selectors.
    """
    named = {
        Key(Kind.MAILBOX, sender.key.namespace, name)
        for sender in store.pools.senders()
        if not sender.suspended
        for name in store.pools.names_for(sender)
    }
    for found in map(store.subject, named):
        if isinstance(found, ReadableMailbox) and is_ours(found) and is_sent_through(found):
            yield found


def is_foreign(mailbox: Mailbox | None, is_ours: Callable[[Mailbox], bool]) -> bool:
    """Say whether a Mailbox is there, and for another operator or replica to work on."""
    return mailbox is not None and not is_ours(mailbox)


def is_sent_through(mailbox: ReadableMailbox) -> bool:
    """Say whether mail can go out through it, by token."""
    return mailbox.spec.access.oauth and is_connected(mailbox)


def is_connected(mailbox: ReadableMailbox) -> bool:
    """Say whether the status calls the present spec connected."""
    status = mailbox.status
    is_judged = status.observed_generation == mailbox.generation
    return is_judged and status.standing is Standing.CONNECTED and not mailbox.suspended


def case_of(store: Store, mailbox: ReadableMailbox) -> Case | None:
    """Return a mailbox with its inputs, if the verdict in its status is about these very inputs."""
    seen = store.seen(mailbox.key)
    try:
        infrastructure = store.infrastructure_for(mailbox)
    except Fault:
        return None
    case = Case(mailbox, infrastructure, seen.version) if seen else None
    return case if case and case.proved else None
