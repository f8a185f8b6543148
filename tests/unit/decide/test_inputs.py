"""A status tells whether the inputs are the same, and nothing about them."""

from mailbox_operator.decide.machine.inputs import is_sealed, is_stamped_by, stamp, versions_of


def test_the_same_versions_are_the_same_inputs_without_reading() -> None:
    assert is_stamped_by(stamp("v1", b"contents"), "v1", b"")


def test_the_same_contents_are_the_same_inputs_however_often_they_were_written() -> None:
    assert is_stamped_by(stamp("v1", b"contents"), "v2", b"contents")


def test_other_contents_are_other_inputs() -> None:
    assert not is_stamped_by(stamp("v1", b"contents"), "v2", b"other")


def test_contents_that_were_not_read_are_not_known_to_be_the_same() -> None:
    assert not is_stamped_by(stamp("v1", b"contents"), "v2", b"")
    assert not is_stamped_by(stamp("v1", b""), "v2", b"")


def test_a_status_of_an_older_release_is_told_by_its_versions() -> None:
    assert is_stamped_by("2f60c94a", "2f60c94a", b"contents")
    assert not is_sealed("2f60c94a")


def test_no_inputs_have_no_stamp() -> None:
    assert stamp("", b"") == ""


def test_equal_contents_look_different_in_two_statuses() -> None:
    first, second = stamp("v1", b"contents"), stamp("v2", b"contents")

    assert first.partition(".")[2] != second.partition(".")[2]
    assert (versions_of(first), versions_of(second)) == ("v1", "v2")
