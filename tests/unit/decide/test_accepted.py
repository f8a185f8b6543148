from mailbox_operator.decide.refusals.accepted import Accepted


def test_a_tenant_with_many_passwords_pushes_out_its_own() -> None:
    accepted = Accepted(most=10)
    accepted.add("team", "healthy")

    for number in range(100):
        accepted.add("evil", str(number))

    assert accepted.has("team", "healthy")
    assert [number for number in range(100) if accepted.has("evil", str(number))] == [
        *range(91, 100)
    ]


def test_an_accepted_password_is_known_in_its_namespace_alone() -> None:
    accepted = Accepted()
    accepted.add("team", "healthy")

    assert not accepted.has("evil", "healthy")


def test_a_password_that_was_refused_is_forgotten() -> None:
    accepted = Accepted()
    accepted.add("team", "healthy")

    accepted.discard("team", "healthy")
    accepted.discard("team", "healthy")

    assert not accepted.has("team", "healthy")
