"""Secrets of grants whose Mailbox is gone."""

from collections.abc import Mapping

from lab.stand.manifests import GROUP, Manifest


def kept(home: str, mailbox: str, notes: Mapping[str, str]) -> Manifest:
    """Write the Secret with what a Mailbox was granted, and with these notes.

    Args:
        home: The operator's namespace.
        mailbox: Namespace and name of the Mailbox that is gone.
        notes: Annotations, less the group.
    """
    _, _, name = mailbox.partition("/")
    content = {
        "refresh-token": f"1//{name}",
        "provider": "Google",
        "address": f"{name}@acme.example",
        "consent": "c1",
        "identity": name,
    }
    noted = {"mailbox": mailbox, **notes}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"mailbox-grant-{name}",
            "namespace": home,
            "labels": {f"{GROUP}/grant": "true"},
            "annotations": {f"{GROUP}/{key}": value for key, value in noted.items()},
        },
        "stringData": content,
    }
