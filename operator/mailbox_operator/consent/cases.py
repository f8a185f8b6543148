"""Finds what a link is about, and whether a consent could mend it now."""

from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Refused, Trouble, takes_consent


def mailbox_of(uid: str, ports: ConsentPorts) -> Mailbox:
    """Find the Mailbox of a link.

    Raises:
        Refused: It is no more, or was never there.
    """
    mailbox = ports.mailboxes.find(uid)
    if mailbox is None:
        raise Refused(Trouble.MAILBOX_GONE)
    return mailbox


def case_of(mailbox: Mailbox, ports: ConsentPorts) -> Case:
    """Gather what a connection of this Mailbox depends on.

    Raises:
        Refused: It is not connected by consent, or not at all.
        Fault: Its spec or its infrastructure stands in the way.
    """
    if mailbox.problem is not None:
        raise mailbox.problem
    if not takes_consent(mailbox.spec):
        raise Refused(Trouble.NO_CONSENT_NEEDED)
    if mailbox.suspended:
        raise Refused(Trouble.MAILBOX_SUSPENDED, mailbox.uid)
    assert mailbox.spec is not None
    return Case(mailbox, mailbox.spec, ports.mailboxes.infrastructure_for(mailbox), "")
