"""Compares resource versions: which of two views of an object is the newer one."""


def newer(version: str, than: str) -> bool:
    """Compare resource versions; since Kubernetes 1.35 they are numbers that grow (KEP-5504)."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return version != than


def older(version: str, than: str) -> bool:
    """Say whether a resource version is the older one beyond doubt: both are numbers."""
    return version.isdecimal() and than.isdecimal() and int(version) < int(than)
