"""Reads the key file of a Google service account, which may have been delegated a whole domain."""

from dataclasses import dataclass, field
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from mailbox_operator.decide.bounded import read_json
from mailbox_operator.decide.secret import Secret, missing

KEY_FILE: Final = "service-account.json"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account and the key it signs with."""

    email: str
    key: RSAKey = field(repr=False)


def service_account(secret: Secret) -> ServiceAccount:
    """Read a service account's key file, as Google hands it out.

    Raises:
        Fault: `CredentialsMissing`: it is none.
    """
    try:
        account = read_json(secret.text(KEY_FILE))
        email, key = str(account["client_email"]), str(account["private_key"])
    except (ValueError, KeyError, TypeError):
        problem = f"{KEY_FILE} is no service account key (client_email, private_key)"
        raise missing(secret.name, problem) from None
    return ServiceAccount(email, _signing_key(key, secret.name))


def _signing_key(pem: str, name: str) -> RSAKey:
    problem = f"the private_key of {KEY_FILE} is no RSA private key in PEM form"
    try:
        key = RSAKey.import_key(pem)
    except (JoseError, ValueError, TypeError):
        raise missing(name, problem) from None
    if not key.is_private:
        raise missing(name, problem)
    return key
