"""What the gateway looks up of a Sender: its Mailboxes by address, and who they are."""

from itertools import count
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.sender import ReadableSender, Sending
from mailbox_operator.decide.sending.choice import Pool
from mailbox_operator.watch.directory import WEIGHED_SECONDS, Directory
from mailbox_operator.watch.store import Store
from unit.make import key, mailbox, sender, spec, unreadable

BY_NAME: Final = sender(Sending(("bob", "jane", "nobody")))
BY_LABEL: Final = sender(Sending((), ()))


class Desk:
    """A store, and a directory whose clock is set by hand."""

    def __init__(self) -> None:
        self.store, self.seconds, self.weighed = Store("operators"), 0.0, list[str]()
        self.versions = count(10)
        self.directory = Directory(self.store, lambda: True, lambda: self.seconds, self.weigh)

    def weigh(self, found: Any) -> float:
        self.weighed.append(found.key.name)
        return float(len(found.address))

    def put(self, name: str, **changes: Any) -> None:
        version = str(next(self.versions))
        own = {"key": key(name), "uid": name, "version": version}
        self.store.upsert(mailbox(spec(address=f"{name}@acme.example"), **(own | changes)))

    def pool(self, asked: ReadableSender) -> Pool:
        self.store.upsert(asked)
        return self.directory.pool(asked)


@pytest.fixture
def desk() -> Desk:
    found = Desk()
    for name in ("bob", "jane"):
        found.put(name)
    return found


@pytest.mark.parametrize("asked", [BY_NAME, BY_LABEL], ids=["names", "selector"])
def test_the_mailboxes_that_exist_are_candidates_by_their_weight(
    desk: Desk, asked: ReadableSender
) -> None:
    found = desk.pool(asked).candidates()

    shares = dict(zip(found.ranked_names, found.weights, strict=True))
    assert shares == {"bob": 16.0, "jane": 17.0}


def test_a_mailbox_that_cannot_be_read_keeps_a_share_and_may_have_any_address(desk: Desk) -> None:
    desk.store.upsert(unreadable(key=key("amy"), uid="amy", version="30"))
    pool = desk.pool(BY_LABEL)

    assert set(pool.candidates().names) == {"amy", "bob", "jane"}
    assert list(pool.at("bob@acme.example")) == ["bob"]
    assert list(pool.at("ceo@acme.example")) == ["amy"]


def test_all_of_few_names_are_looked_at_for_an_address(desk: Desk) -> None:
    pool = desk.pool(BY_NAME)

    assert list(pool.at("ceo@acme.example")) == ["bob", "jane", "nobody"]
    assert pool.find("nobody") is None


def test_hundreds_that_are_selected_are_weighed_once_a_minute_and_after_a_change(
    desk: Desk,
) -> None:
    pool = desk.pool(BY_LABEL)
    for _ in range(3):
        pool.candidates()
    assert sorted(desk.weighed) == ["bob", "jane"]

    desk.put("jane", generation=2)
    pool.candidates()
    assert len(desk.weighed) == 4

    desk.seconds += WEIGHED_SECONDS
    pool.candidates()
    assert len(desk.weighed) == 6
