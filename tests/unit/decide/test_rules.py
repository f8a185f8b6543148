"""Every reason has a sentence that its reader can act upon."""

import string
from datetime import timedelta
from typing import Final

import pytest

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Move, Reason, ReasonFamily, Retry, Rule
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.failure.smtp_replies import TABLE
from mailbox_operator.decide.failure.smtp_reply import Row
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.status.conditions import LONGEST_MESSAGE
from mailbox_operator.decide.words import Infrastructure
from unit.make import ENDPOINT, infrastructure, mailbox, oauth_spec, sender, spec, unreadable

HOST: Final = f"{'smtp.' * 48}acme.example"
FACTS: Final = {
    "host": HOST,
    "endpoint": f"{HOST}:587",
    "code": "535 5.7.139",
    "other": ", and port 465 with TLS does not answer either",
    "advice": " at https://myaccount.acme.example/apppasswords",
    "page": " at status.consentURL",
    "missing": "https://outlook.office.com/SMTP.Send",
    "problem": "it must be a plain ASCII address such as jane@acme.example",
    "security": "STARTTLS",
    "trouble": "TlsVerificationFailed",
    "field": "spec.smtp.caSecretRef.name",
    "connected": "11 of 12",
    "lacking": "; acme/bob: GrantRevoked",
    "name_or_labels": "the name jane, bob, noreply",
}
NOBODY: Final = "No action needed"
MANAGED: Final = Infrastructure.MANAGED
SUBJECTS: Final[dict[str, Subject]] = {
    "Private": mailbox(),
    "Managed": mailbox(spec(infrastructure=MANAGED, smtp=SmtpAccess())),
    "Managed, own host": mailbox(spec(infrastructure=MANAGED)),
    "Private, OAuth": mailbox(oauth_spec()),
    "Managed, OAuth": mailbox(oauth_spec(infrastructure=MANAGED, secret=None)),
    "unreadable": unreadable(),
    "infrastructure": infrastructure(),
    "sender": sender(),
}
every_reason = pytest.mark.parametrize("reason", Reason)
every_subject = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)


def test_every_reason_has_a_rule() -> None:
    assert list(RULES) == list(Reason)


@every_subject
@every_reason
@pytest.mark.parametrize("facts", [{}, FACTS], ids=["no facts", "facts"])
def test_a_sentence_says_what_is_wrong_then_who_then_what_to_do(
    subject: Subject, reason: Reason, facts: dict[str, str]
) -> None:
    message = message_of(subject, Fault(reason, facts=facts))

    wrong, _, rest = message.partition(". ")
    who, _, todo = rest.partition(": ")
    assert wrong[0].isupper()
    assert who in {NOBODY, *Move}
    assert todo.endswith(".")


@every_subject
@every_reason
def test_a_sentence_fits_into_a_condition(subject: Subject, reason: Reason) -> None:
    message = message_of(subject, Fault(reason, facts=FACTS))

    assert len(message) <= LONGEST_MESSAGE
    assert message.isprintable()
    assert not set("{}") & set(message)


@every_reason
def test_a_rule_asks_for_facts_that_have_a_neutral_word(reason: Reason) -> None:
    rule = RULES[reason]
    texts = (rule.what, rule.todo, rule.managed_todo)

    asked = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}

    known = {*FACTS, "address", "secret", "infrastructure", "login", "recurrence"}
    assert asked <= known


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_person_who_must_move_is_named(rule: Rule) -> None:
    if rule.retry in {Retry.PERSON, Retry.DEPENDENCY}:
        assert rule.move is not Move.NOBODY
    assert bool(rule.managed_todo) is (rule.managed_move is not None)


@every_reason
def test_a_platform_is_told_of_its_own_trouble(reason: Reason) -> None:
    message = message_of(infrastructure(), Fault(reason))

    assert f". {NOBODY}: " in message or f". {Move.PLATFORM}: " in message


@pytest.mark.parametrize(
    ("subject", "reason", "who"),
    [
        ("Private", Reason.HOST_NOT_FOUND, Move.OWNER),
        ("Managed", Reason.HOST_NOT_FOUND, Move.PLATFORM),
        ("Managed, own host", Reason.HOST_NOT_FOUND, Move.OWNER),
        ("Private, OAuth", Reason.HOST_NOT_FOUND, Move.PLATFORM),
        ("Private, OAuth", Reason.OAUTH_APP_INVALID, Move.OWNER),
        ("Managed, OAuth", Reason.OAUTH_APP_INVALID, Move.PLATFORM),
        ("Managed, OAuth", Reason.CONSENT_INCOMPLETE, Move.OWNER),
        ("Managed", Reason.INVALID_CREDENTIALS, Move.OWNER),
        ("unreadable", Reason.INVALID_SPEC, Move.OWNER),
    ],
)
def test_the_move_is_that_of_the_side_that_brought_the_input(
    subject: str, reason: Reason, who: Move
) -> None:
    assert f". {who}: " in message_of(SUBJECTS[subject], Fault(reason))


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            Fault(Reason.INVALID_CREDENTIALS, facts={"endpoint": str(ENDPOINT), "code": "535"}),
            (
                "The username or password was refused by smtp.acme.example:587 (535). Mailbox owner:"
                " correct `username` and `password` in Secret jane."
            ),
        ),
        (
            Fault(Reason.CONNECTION_TIMEOUT),
            (
                "No answer comes from the mail server. Mailbox owner: check host and port (587 is"
                " STARTTLS, 465 is TLS); the operator keeps retrying."
            ),
        ),
        (
            Fault(Reason.CONSENT_INCOMPLETE),
            (
                "Permissions were not fully granted: a permission is missing. Mailbox owner: give"
                " consent as jane@acme.example and click Allow on every screen, or put a"
                " refresh-token with all permissions into Secret jane."
            ),
        ),
    ],
)
def test_each_rule_reads_well(fault: Fault, sentence: str) -> None:
    assert message_of(mailbox(), fault) == sentence


@pytest.mark.parametrize(
    "family", [ReasonFamily.PERMISSIONS, ReasonFamily.SETTINGS, ReasonFamily.APP_PASSWORD]
)
def test_each_of_the_three_things_has_a_reason(family: ReasonFamily) -> None:
    assert [reason for reason, rule in RULES.items() if rule.family is family]


def test_a_fault_learns_without_forgetting() -> None:
    wait = timedelta(minutes=1)
    fault = Fault(
        Reason.RATE_LIMITED, "x", facts={"host": "a"}, retry_after=wait, certain=False
    ).with_facts(host="b", code="421")

    assert fault.facts == {"host": "a", "code": "421"}
    assert (fault.detail, fault.retry_after, fault.certain) == ("x", wait, False)


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_has_words_that_name_who_acts(finding: Finding) -> None:
    words = WORDS_OF[finding]
    facts = {name: FACTS.get(name, "x") for name in ("endpoint", "host", "code")}

    for reason in words.reasons:
        message = message_of(mailbox(), Fault(reason, facts=facts, finding=finding))

        assert message.endswith(".")
        assert f". {words.move}: " in message
        assert len(message) <= LONGEST_MESSAGE


@pytest.mark.parametrize("row", [row for row in TABLE if row.finding], ids=lambda row: row.finding)
def test_the_table_of_replies_uses_findings_under_their_reasons(row: Row) -> None:
    assert row.finding
    assert row.reason in WORDS_OF[row.finding].reasons


def test_a_finding_outlives_what_is_learned_later() -> None:
    fault = Fault(Reason.ACCESS_BLOCKED, finding=Finding.MAILBOX_FULL).with_facts(host="a")

    assert fault.finding is Finding.MAILBOX_FULL
