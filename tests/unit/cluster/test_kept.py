"""What was read of Secrets is kept within bytes, and nobody pushes out what others need."""

from mailbox_operator.cluster.kept import ENTRY_BYTES, KeptSecrets
from mailbox_operator.decide.declared.secret import Secret

KIB = 1024


def secret(name: str = "jane", size: int = KIB) -> Secret:
    return Secret(name, {"ca.crt": b"x" * size})


def names(kept: KeptSecrets, namespace: str, *candidates: str) -> list[str]:
    return [name for name in candidates if kept.find(namespace, name)]


def test_a_secret_is_found_again_in_its_version() -> None:
    kept = KeptSecrets()

    kept.keep("acme", "v1", secret())

    found = kept.find("acme", "jane")
    assert found is not None
    assert (found.version, found.secret) == ("v1", secret())


def test_bytes_are_bounded_and_not_entries() -> None:
    kept = KeptSecrets(most_bytes=100 * KIB)

    for number in range(50):
        kept.keep("acme", "v1", secret(str(number), 40 * KIB))

    assert kept.size <= 100 * KIB
    assert names(kept, "acme", "47", "48", "49") == ["48", "49"]


def test_the_least_recently_used_gives_way() -> None:
    kept = KeptSecrets(most_bytes=100 * KIB)
    kept.keep("acme", "v1", secret("a", 40 * KIB))
    kept.keep("acme", "v1", secret("b", 40 * KIB))
    kept.find("acme", "a")

    kept.keep("acme", "v1", secret("c", 40 * KIB))

    assert names(kept, "acme", "a", "b", "c") == ["a", "c"]


def test_a_namespace_with_much_pushes_out_its_own_and_not_those_of_others() -> None:
    kept = KeptSecrets(most_bytes=100 * KIB)
    kept.keep("good", "v1", secret("jane"))

    for number in range(500):
        kept.keep("evil", "v1", secret(str(number), 20 * KIB))

    assert kept.find("good", "jane") is not None


def test_a_secret_above_the_budget_is_not_kept() -> None:
    kept = KeptSecrets(most_bytes=10 * KIB)

    kept.keep("acme", "v1", secret(size=20 * KIB))

    assert (kept.find("acme", "jane"), kept.size) == (None, 0)


def test_whatever_is_forgotten_counts_no_more() -> None:
    kept = KeptSecrets()
    kept.keep("acme", "v1", secret())
    kept.keep("acme", "v2", secret())
    assert kept.size == KIB + ENTRY_BYTES

    kept.forget("acme", "jane")
    kept.forget("acme", "jane")

    assert (kept.find("acme", "jane"), kept.size) == (None, 0)
