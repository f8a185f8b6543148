"""Every reply of the table, played by a real server to the real client, means what the table says."""

from dataclasses import replace

import pytest

from lab.servers.authority import Authority
from lab.servers.smtp import Stage
from mailbox_operator.connect.smtp.credentials import Bearer, Credential, Password
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind
from system.connect.cases import GOOD, JANE, PASSWORD, TOKEN, refusal_of
from system.connect.conftest import Serve
from unit.tables.replies import REPLIES
from unit.tables.reply import Row


def credential(row: Row) -> Credential:
    if row.login is LoginKind.PASSWORD:
        return Password(JANE, PASSWORD, app_password=row.app_password)
    return Bearer(JANE, TOKEN, app_only=row.login is LoginKind.APP_TOKEN)


@pytest.mark.parametrize("row", REPLIES, ids=lambda row: row.id)
async def test_means_what_the_table_says(serve: Serve, authority: Authority, row: Row) -> None:
    server = await serve(replace(GOOD, replies={Stage[row.stage.name]: row.reply}))

    fault = await refusal_of(server, authority, credential(row))

    told = (fault.reason, fault.retry_after, fault.certain)
    assert told == (row.reason, row.retry_after, row.certain)
    assert server.connections == 1


async def test_the_smtp_client_sends_nothing_after_a_challenge_to_plain(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, replies={Stage.AUTH: b"334 more"}))

    fault = await refusal_of(server, authority)

    assert (fault.reason, fault.facts["code"]) == (Reason.UNKNOWN, "334")
