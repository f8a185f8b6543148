"""Has the API server admit a Mailbox that it then forgets: are the kinds there, and of use?"""

import asyncio
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.cluster.apiserver import connect, own_namespace
from mailbox_operator.cluster.paths import VERSION, object_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.words import Infrastructure, Kind, Provider

ASK_AGAIN_SECONDS: Final = 1.0
SAMPLE: Final[dict[str, Any]] = {
    "apiVersion": f"{GROUP}/{VERSION}",
    "kind": "Mailbox",
    "metadata": {"generateName": "check-"},
    "spec": {
        "address": "check@example.com",
        "provider": Provider.SMTP,
        "infrastructure": Infrastructure.MANAGED,
        "credentialsSecretRef": {"name": "check"},
    },
}


async def check_admission(kubeconfig: str | None, patience: timedelta) -> str:
    """Have a Mailbox admitted by a dry run, in the pod's own namespace; nothing is kept.

    Args:
        kubeconfig: As `connect` takes it.
        patience: How long to try again: CRDs that were just created are not served at once.

    Returns:
        What was found out, in a sentence.

    Raises:
        UnreachableClusterError: There is no cluster to ask.
        ApiServerError: The last refusal, when the time was over.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience.total_seconds()
    namespace = own_namespace() or "default"
    path = f"{object_path(Kind.MAILBOX, namespace)}?dryRun=All&fieldValidation=Strict"
    async with await connect(kubeconfig) as api:
        while True:
            try:
                await api.create(path, SAMPLE)
            except ApiServerError:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(ASK_AGAIN_SECONDS)
            else:
                return f"the API server admits a Mailbox in namespace {namespace}"
