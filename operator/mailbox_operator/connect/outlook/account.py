"""Whose mailbox at Microsoft it is: its cloud and tenant, and the account that an id_token names."""

from collections.abc import Mapping
from typing import Any

from mailbox_operator.decide.declared.providers.outlook import (
    SHARED_TENANTS,
    OutlookAccess,
    OutlookApp,
)
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Cloud, Provider


def _access(case: Case) -> OutlookAccess:
    assert isinstance(case.spec.access, OutlookAccess)
    return case.spec.access


def _offered(case: Case) -> OutlookApp | None:
    app = case.offer.apps.get(Provider.OUTLOOK) if case.offer else None
    assert app is None or isinstance(app, OutlookApp)
    return app


def cloud_of(case: Case) -> Cloud:
    """Name the cloud: the platform's word where its app signs in, else the Mailbox's."""
    app = _offered(case)
    return app.cloud if app else _access(case).cloud


def tenant_of(case: Case, secret: Secret | None) -> str:
    """Name the tenant: the Mailbox's word, else the platform's, else that of the tenant's Secret."""
    app, own = _offered(case), secret.text("tenant-id", "") if secret else ""
    return _access(case).tenant or (app.tenant if app else own)


def identity_in(claims: Mapping[str, Any]) -> str:
    """Return the identifier of an account that never changes; empty where it is not named."""
    directory, person = claims.get("tid"), claims.get("oid")
    return f"{directory}/{person}" if directory and person else ""


def login_in(claims: Mapping[str, Any]) -> str:
    """Return the user name (UPN), which Exchange Online wants in XOAUTH2 whatever the address."""
    return str(claims.get("preferred_username") or claims.get("upn") or "")


def account_in(claims: Mapping[str, Any], case: Case, tenant: str) -> str:
    """Return the address that Microsoft vouches for: the user name, or the mail address.

    The `email` claim counts only where a single tenant signs in: a foreign one's administrator sets
    it at will.
    """
    email = str(claims.get("email") or "")
    is_own = (
        tenant.lower() not in SHARED_TENANTS and email.casefold() == case.spec.address.casefold()
    )
    return email if is_own else login_in(claims)
