"""A service account, with a key that is worth nothing."""

import json
from functools import cache
from typing import Final

from joserfc.jwk import RSAKey

ROBOT: Final = "robot@project.iam.gserviceaccount.com"


@cache
def key() -> RSAKey:
    """Make the key, once: it takes a moment."""
    return RSAKey.generate_key(2048)


def private_key() -> str:
    """Write the key as Google does."""
    return key().as_pem(private=True).decode()


def public_keys() -> dict[str, str]:
    """Write what the authorization server has to know."""
    return {ROBOT: key().as_pem(private=False).decode()}


def key_file(**changes: object) -> str:
    """Write the file that Google gives to the owner of a service account."""
    content = {"type": "service_account", "client_email": ROBOT, "private_key": private_key()}
    return json.dumps(content | changes)
