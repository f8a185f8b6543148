"""A consent wakes its mailbox, on whichever replica it came in; a rotation does not."""

from typing import Any, Final

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import CONSENT, GRANT, grant_name
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.store import Store
from unit.make import mailbox, oauth_spec, spec

JANE: Final = mailbox(oauth_spec())


class Woken:
    def __init__(self) -> None:
        self.keys: list[Key] = []

    def changed(self, key: Key, change: Change) -> None:
        self.keys.append(key)

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


def grant(version: int, consent: str = "", uid: str = JANE.uid) -> dict[str, Any]:
    annotations = {CONSENT: consent} if consent else {}
    return {
        "metadata": {
            "name": grant_name(uid),
            "namespace": "operators",
            "uid": "s",
            "resourceVersion": str(version),
            "labels": {GRANT: "true"},
            "annotations": annotations,
        }
    }


def told(*secrets: dict[str, Any], deleted: bool = False) -> tuple[Woken, Intake]:
    woken = Woken()
    intake = Intake(Store("operators"), woken)
    intake.store.upsert(JANE)
    for each in secrets:
        intake.take_secret(each)
    if deleted:
        intake.take_secret(secrets[-1], deleted=True)
    return woken, intake


def version(intake: Intake) -> str:
    seen = intake.store.seen(JANE.key)
    assert seen is not None
    return seen.version


def test_a_consent_wakes() -> None:
    woken, intake = told(grant(1, "c1"))
    _, before = told()

    assert woken.keys == [JANE.key]
    assert version(intake) != version(before)


def test_another_one_wakes_again() -> None:
    woken, _ = told(grant(1, "c1"), grant(2, "c2"))

    assert woken.keys == [JANE.key, JANE.key]


def test_a_rotation_does_not_wake() -> None:
    woken, intake = told(grant(1, "c1"), grant(2, "c1"))
    _, before = told(grant(1, "c1"))

    assert woken.keys == [JANE.key]
    assert version(intake) == version(before)


def test_a_rotated_token_of_the_tenants_does_not_wake() -> None:
    woken, _ = told(grant(1), grant(2))

    assert woken.keys == []


def test_a_grant_that_was_deleted_wakes() -> None:
    woken, _ = told(grant(1, "c1"), deleted=True)

    assert woken.keys == [JANE.key, JANE.key]


def test_a_grant_of_somebody_else_wakes_nobody() -> None:
    woken, _ = told(grant(1, "c1", uid="other"))

    assert woken.keys == []


def test_a_mailbox_by_password_has_no_such_input() -> None:
    woken = Woken()
    intake = Intake(Store("operators"), woken)
    intake.store.upsert(mailbox(spec()))

    intake.take_secret(grant(1, "c1"))

    assert woken.keys == []
