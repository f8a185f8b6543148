"""The command line at a server without the definitions, and with an output that nobody reads."""

import os
import subprocess
import sys

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from lab.stand.operator_process import environment
from mailbox_operator.command.objects import Objects
from mailbox_operator.command.targets import CommandError, Target
from mailbox_operator.decide.words import Kind


async def not_found(_: web.Request) -> web.Response:
    return web.Response(status=404, text="404 page not found")


async def forbidden(_: web.Request) -> web.Response:
    return web.Response(status=403)


async def test_a_cluster_without_the_definitions_asks_for_an_install() -> None:
    async with answering(not_found) as api:
        with pytest.raises(CommandError, match="does not know the kind Mailbox: install the oper"):
            await Objects(api, "acme").chosen([], Kind.MAILBOX)


async def test_a_name_that_is_not_there_is_named() -> None:
    async with answering(not_found) as api:
        with pytest.raises(CommandError, match="there is no Sender app in namespace acme"):
            await Objects(api, "acme").chosen([Target(Kind.SENDER, "app")], Kind.SENDER)


async def test_what_may_not_be_read_around_an_object_is_left_out() -> None:
    async with answering(forbidden) as api:
        assert await Objects(api, "acme").readable(Kind.SENDER) == []


def test_an_output_that_nobody_reads_ends_the_program_without_a_word() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "mailbox_operator", "completion", "bash"]

    done = subprocess.run(
        command, env=environment(), stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")
