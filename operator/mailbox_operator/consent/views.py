"""What the page shows of a mailbox: where it stands, what came of a consent, what there is to click."""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.consent.cookies import ConsentResult
from mailbox_operator.consent.flow import case_of
from mailbox_operator.consent.pages import Button, MailboxView, Notice, Tone, TroubleView
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.sentences import OUTCOMES, TROUBLES, UNPROVED, PageWords
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS, PROVIDERS
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.consent import Trouble, mailbox_page
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.status.conditions import Standing

KEPT: Final = "Your access was kept: the mailbox connects automatically once that is corrected."
TESTING_NOTICE: Final = (
    "This access ends in {days} days: the Google app is in Testing. The people who run it can publish"
    " it; until then you will be asked again."
)


def mailbox_view(
    mailbox: Mailbox, ports: ConsentPorts, result: ConsentResult | None
) -> MailboxView:
    """Show a mailbox.

    Args:
        mailbox: The mailbox.
        ports: What is known of the cluster.
        result: What came of the consent that was just given; None if there was none.

    Raises:
        Refused: There is nothing to consent to.
    """
    blocked = _obstacle(mailbox, ports)
    notice = _told(mailbox, result) or _blocked(mailbox, blocked) or _standing(mailbox)
    button = None if blocked else _button(mailbox, result)
    asked = OAUTH_PROVIDERS[mailbox.provider].permissions if mailbox.provider else ()
    return MailboxView(
        address=mailbox.address or mailbox.key.name,
        provider=_provider(mailbox),
        facts=_facts(mailbox),
        details=_details(mailbox, ports),
        permissions=asked if button and button.primary else (),
        notice=notice,
        button=button,
    )


def trouble_view(trouble: Trouble, public_url: str, uid: str) -> TroubleView:
    """Show why a step was not taken."""
    words = TROUBLES[trouble]
    notice = Notice(Tone.BAD, words.heading, words.text)
    return TroubleView(notice, mailbox_page(public_url, uid) if uid else "")


def _obstacle(mailbox: Mailbox, ports: ConsentPorts) -> Fault | None:
    try:
        case_of(mailbox, ports)
    except Fault as fault:
        return fault
    return None


def provider_name(uid: str, ports: ConsentPorts) -> str:
    """Name the provider of a mailbox as people call it."""
    mailbox = ports.mailboxes.find(uid)
    return _provider(mailbox) if mailbox else ""


def _provider(mailbox: Mailbox) -> str:
    return PROVIDERS[mailbox.provider].name if mailbox.provider else "Unreadable"


def _told(mailbox: Mailbox, result: ConsentResult | None) -> Notice | None:
    """Say what came of a consent."""
    if result is None or result.reason not in set(Reason):
        return None
    reason = Reason(result.reason)
    words = _words(mailbox, reason, result.facts)
    if reason is Reason.CONNECTED:
        days = result.facts.get("days", "")
        return Notice(
            Tone.GOOD, words.heading, words.text, TESTING_NOTICE.format(days=days) if days else ""
        )
    if result.kept:
        return Notice(Tone.WAIT, "Allowed, but not connected yet", words.text, KEPT)
    return Notice(Tone.BAD, words.heading, words.text)


def _words(mailbox: Mailbox, reason: Reason, facts: Mapping[str, str]) -> PageWords:
    unproved = reason is Reason.IDENTITY_MISMATCH and not facts.get("account")
    words = UNPROVED if unproved else OUTCOMES.get(reason)
    if words is None:
        return PageWords("Not connected", message_of(mailbox, Fault(reason, facts=facts)))
    known = {
        "address": mailbox.address,
        "provider": _provider(mailbox),
        "account": facts.get("account", ""),
        "login": mailbox.facts.get("login", ""),
        "missing": facts.get("missing") or "a permission",
        "code": facts.get("code") or "no code",
        "client": facts.get("client") or "which the platform knows",
    }
    return PageWords(words.heading.format_map(known), words.text.format_map(known))


def _blocked(mailbox: Mailbox, fault: Fault | None) -> Notice | None:
    if fault is None:
        return None
    words = OUTCOMES.get(fault.reason)
    heading = words.heading if words else "This mailbox cannot be connected yet"
    return Notice(Tone.BAD, heading, message_of(mailbox, fault))


def _standing(mailbox: Mailbox) -> Notice | None:
    """Say where it stands; one that only waits for its first consent needs no words."""
    status = mailbox.status
    ready = status.condition("Ready")
    if ready is None or status.standing is Standing.PROGRESSING:
        return None
    if status.standing is Standing.CONNECTED:
        is_verified = status.reason != Reason.CONNECTED_UNVERIFIED
        text = "There is nothing to do." if is_verified else ready.message
        return Notice(Tone.GOOD, "Connected", text)
    if status.reason == Reason.AWAITING_CONSENT:
        return None
    return Notice(Tone.BAD, "Not connected", ready.message)


def _button(mailbox: Mailbox, result: ConsentResult | None) -> Button | None:
    if result is not None:
        if result.kept:
            return None
        return Button("Try again", choose=result.reason == Reason.IDENTITY_MISMATCH)
    if mailbox.status.standing is Standing.CONNECTED:
        return Button("Connect again", primary=False)
    return Button(f"Continue to {_provider(mailbox)}")


def _facts(mailbox: Mailbox) -> tuple[tuple[str, str], ...]:
    offer = f"Managed: the platform's app ({mailbox.used})"
    return (
        ("Mailbox", mailbox.key.name),
        ("Tenant", mailbox.key.namespace),
        ("Infrastructure", offer if mailbox.used else "Private: the tenant's own app"),
    )


def _details(mailbox: Mailbox, ports: ConsentPorts) -> tuple[tuple[str, str], ...]:
    return (
        ("Redirect URI", ports.redirect_uri),
        ("Mailbox", str(mailbox.key)),
        ("uid", mailbox.uid),
        ("Reason", mailbox.status.reason or "none yet"),
    )
