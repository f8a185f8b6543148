"""The public directory of submission servers: which server the users of a mail domain submit to.

It is a file of this package, read when a domain is met that no preset kept by hand knows. It finds
servers and proves nobody's address, since a domain may have changed hands since it was written.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

FILE: Final = "submission_servers.txt"


@cache
def directory() -> Mapping[str, Preset]:
    """Return the servers by mail domain; the file is read once."""
    text = (files(__package__) / FILE).read_text(encoding="utf-8")
    return read_directory(text)


@cache
def directory_hosts() -> Mapping[str, Preset]:
    """Return the servers by their own names."""
    return {preset.endpoint.host: preset for preset in directory().values()}


def read_directory(text: str) -> Mapping[str, Preset]:
    """Read the directory.

    Args:
        text: A server a line: host, port, security, form of the user name, and the domains it serves,
            with blanks between them. A line that begins with a number sign is a comment.
    """
    servers = dict[str, Preset]()
    for line in text.splitlines():
        if not line.startswith("#"):
            host, port, security, username, *domains = line.split()
            at = Endpoint(host, int(port), Security(security))
            known = Preset(host, at, tuple(domains), username=UsernameFormat(username))
            servers |= dict.fromkeys(domains, known)
    return MappingProxyType(servers)
