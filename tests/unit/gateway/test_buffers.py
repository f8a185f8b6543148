"""Memory for messages is bounded, and nobody takes all of it."""

from hypothesis import given, strategies as st

from mailbox_operator.gateway.buffers import Buffers

OWNERS = st.sampled_from(["acme.keycloak", "umbrella.shop", "globex.crm"])


def test_one_owner_has_half_at_the_most() -> None:
    buffers = Buffers(100)

    assert buffers.take("acme.keycloak", 50)
    assert not buffers.take("acme.keycloak", 1)


def test_another_owner_has_room_when_one_took_all_it_could() -> None:
    buffers = Buffers(100)
    buffers.take("acme.keycloak", 50)

    assert buffers.take("umbrella.shop", 25)


def test_room_that_was_given_back_can_be_taken() -> None:
    buffers = Buffers(100)
    buffers.take("acme.keycloak", 50)

    buffers.give_back("acme.keycloak", 50)

    assert buffers.held == 0
    assert buffers.take("acme.keycloak", 50)


@given(st.lists(st.tuples(OWNERS, st.integers(0, 60)), max_size=40))
def test_the_total_is_never_exceeded(wishes: list[tuple[str, int]]) -> None:
    buffers = Buffers(100)

    taken = sum(size for owner, size in wishes if buffers.take(owner, size))

    assert buffers.held == taken <= 100
