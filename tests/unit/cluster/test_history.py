"""A version that is older than the one before says that etcd was restored; no other does."""

import pytest

from mailbox_operator.cluster.history import History, RewoundError


@pytest.mark.parametrize("version", ["7", "8", "", "of another kind"])
def test_a_version_that_is_not_older_beyond_doubt_is_taken_in(version: str) -> None:
    history = History("the Lease", "7")

    history.note(version)

    assert history.version == version


def test_an_older_version_is_told_with_what_it_is_of() -> None:
    history = History("the Lease", "10")

    with pytest.raises(RewoundError, match="the Lease has resourceVersion 9 after 10"):
        history.note("9")
