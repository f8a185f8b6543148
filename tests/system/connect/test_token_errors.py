"""Every refusal of the table, played by a real token endpoint, means what the table says."""

import pytest

from lab.attempts import refusal
from lab.servers.oauth import Failure
from lab.servers.service_account import key_file
from mailbox_operator.decide.words import Provider
from system.connect.cases import case
from system.connect.oauth import World
from unit.tables.oauth import GOOGLE, OAUTH_ERRORS, Row

MICROSOFT = [row for row in OAUTH_ERRORS if row not in GOOGLE]


def failure(row: Row, suberror: str) -> Failure:
    words = {"error": row.error, "error_description": row.description, suberror: row.suberror}
    return Failure(row.status, {name: word for name, word in words.items() if word})


@pytest.mark.parametrize("row", GOOGLE, ids=lambda row: row.id)
async def test_google_means_what_the_table_says(world: World, row: Row) -> None:
    world.holds(**{"service-account.json": key_file()})
    world.knows(fail=failure(row, "error_subtype"))

    fault = await refusal(world.google.connect(case(Provider.GOOGLE, grant=row.grant)))

    assert (fault.reason, world.tally) == (row.reason, (1, 0))


@pytest.mark.parametrize("row", MICROSOFT, ids=lambda row: row.id)
async def test_microsoft_means_what_the_table_says(world: World, row: Row) -> None:
    world.knows(fail=failure(row, "suberror"))

    fault = await refusal(
        world.outlook.connect(case(Provider.OUTLOOK, grant=row.grant, tenant="contoso.example"))
    )

    assert (fault.reason, world.tally) == (row.reason, (1, 0))
    assert fault.facts["host"] == "the token endpoint"
