"""A date of a header is read in the forms of HTTP, and never guessed."""

import pytest

from mailbox_operator.decide.cluster.httpdate import read_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", "2015-10-21T07:28:00+00:00", id="IMF"),
        pytest.param("Wednesday, 21-Oct-15 07:28:00 GMT", "2015-10-21T07:28:00+00:00", id="850"),
        pytest.param("Wed Oct 21 07:28:00 2015", "2015-10-21T07:28:00+00:00", id="asctime"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 -0000", "2015-10-21T07:28:00+00:00", id="-0000"),
        pytest.param("Wed, 21 Oct 2015 09:28:00 +0200", "2015-10-21T07:28:00+00:00", id="+0200"),
    ],
)
def test_a_date_is_read_in_utc(text: str, moment: str) -> None:
    found = read_date(text)

    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize("text", ["", "soon", "Wed, 21 Oct 2015 07:28:00", "Wed, 32 Oct 2015"])
def test_a_date_without_its_zone_or_its_parts_is_not_read(text: str) -> None:
    assert read_date(text) is None
