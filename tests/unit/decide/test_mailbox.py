import json
from datetime import timedelta
from typing import Any
from weakref import ref

from lab.stand.specs import MANAGED_GOOGLE, SMTP
from mailbox_operator.decide.declared.mailbox import UnreadableMailbox, parse_mailbox
from mailbox_operator.decide.names import RECONNECT
from mailbox_operator.decide.words import Infrastructure

METADATA = {
    "name": "jane",
    "namespace": "mail",
    "uid": "8f3c",
    "generation": 2,
    "resourceVersion": "41",
    "annotations": {RECONNECT: "now" * 100},
}


def test_the_mailbox_reader_reads_an_object() -> None:
    found = parse_mailbox({"metadata": METADATA, "spec": MANAGED_GOOGLE | {"suspend": True}})

    assert (str(found.key), found.uid, found.generation, found.version) == (
        "mail/jane",
        "8f3c",
        2,
        "41",
    )
    assert found.suspended
    assert found.infrastructure is Infrastructure.MANAGED


def test_the_mailbox_reader_cuts_a_request_to_what_the_status_can_echo() -> None:
    found = parse_mailbox({"metadata": METADATA, "spec": SMTP})

    assert found.reconnect == ("now" * 100)[:256]


def test_the_mailbox_reader_reads_an_object_with_a_spec_it_cannot_read() -> None:
    found = parse_mailbox({"metadata": {"name": "jane"}, "spec": {}})

    assert isinstance(found, UnreadableMailbox)
    assert (found.infrastructure, found.suspended, found.check_interval) == (
        Infrastructure.PRIVATE,
        False,
        timedelta(minutes=10),
    )


def test_the_mailbox_reader_refuses_a_name_that_fits_into_no_label() -> None:
    found = parse_mailbox({"metadata": {"name": "n" * 64}, "spec": SMTP})

    assert isinstance(found, UnreadableMailbox)
    assert found.problem.facts["field"] == "metadata.name"


class Body(dict[str, Any]):
    """An object as it came, which can be referred to weakly."""


def test_a_spec_that_cannot_be_read_is_not_kept_in_memory() -> None:
    spec = Body(SMTP | {"password": "not here"})
    content = ref(spec)

    found = parse_mailbox({"metadata": METADATA, "spec": spec})
    del spec

    assert isinstance(found, UnreadableMailbox)
    assert content() is None


def test_what_many_mailboxes_have_in_common_is_kept_once() -> None:
    endpoint = {"host": "smtp.acme.example", "port": 587, "security": "STARTTLS"}
    metadata = METADATA | {"creationTimestamp": "2026-11-23T12:00:00Z"}
    body = json.dumps({"metadata": metadata, "spec": SMTP, "status": {"endpoint": endpoint}})

    one, other = (parse_mailbox(json.loads(body)) for _ in range(2))

    assert one.key.namespace is other.key.namespace
    assert one.created is other.created
    assert one.status.endpoint is not None
    assert other.status.endpoint is not None
    assert one.status.endpoint.host is other.status.endpoint.host
