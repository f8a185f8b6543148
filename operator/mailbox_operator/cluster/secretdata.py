"""Writes and reads the values of Secrets as the API server has them: in base64."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any


def encoded_value(value: str | bytes) -> str:
    """Write a value as a Secret has it."""
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def encoded(values: Mapping[str, str | bytes]) -> dict[str, str]:
    """Write what a Secret contains."""
    return {key: encoded_value(value) for key, value in values.items()}


def decoded_value(encoded: object) -> bytes:
    """Read a value; empty where it is none."""
    try:
        return base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except (binascii.Error, ValueError):
        return b""


def values_of(secret: Mapping[str, Any]) -> Mapping[str, bytes]:
    """Return what a Secret contains; a value that cannot be read is empty."""
    data = secret.get("data") or {}
    return {key: decoded_value(data[key]) for key in data}
