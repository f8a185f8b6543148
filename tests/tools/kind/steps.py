"""What is done in a cluster of kind, in order: each step is one command, and has to succeed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.kind.manifests import (
    HOME,
    SCRAPER,
    TENANT,
    Object,
    credentials,
    knocking,
    mailbox,
    namespaces,
    values,
    written,
)

HELM: Final = Path(__file__).parents[3] / "helm"
OPERATOR: Final = HELM / "mailbox-operator"
DEFINITIONS: Final = HELM / "mailbox-crds"
RELEASE: Final = "mailbox-operator"
REASON: Final = '{.status.conditions[?(@.type=="Ready")].reason}'
WAIT: Final = ("--wait", "--timeout=4m")
APPLY: Final = ("apply", "--server-side", "--filename=-")


@dataclass(frozen=True, slots=True)
class Step:
    """One command.

    Attributes:
        says: What it proves or does, for the log.
        program: `kind`, `kubectl` or `helm`.
        given: What it reads from standard input.
    """

    says: str
    program: str
    arguments: tuple[str, ...]
    given: str = ""


def steps(cluster: str, node: str, image: str) -> Iterator[Step]:
    """List all steps, from no cluster to an uninstall.

    Args:
        cluster: The name of the cluster.
        node: The image of its node.
        image: The operator's image, which Docker has.
    """
    make = ("create", "cluster", f"--name={cluster}", f"--image={node}", "--wait=3m")
    yield Step("a cluster of one node", "kind", make)
    load = ("load", "docker-image", image, f"--name={cluster}")
    yield Step("the image is on the node", "kind", load)
    yield Step("namespaces", "kubectl", APPLY, written(*namespaces()))
    yield installed(image, "the chart runs under the Pod Security Standard restricted")
    yield Step("helm test", "helm", ("test", RELEASE, f"--namespace={HOME}"))
    yield from attempts()
    yield from fences(image)
    yield installed(image, "an upgrade goes through", "--set=replicaCount=3")
    yield from handed_over(image)


def installed(image: str, says: str, *options: str) -> Step:
    """Install or upgrade the operator's chart, and wait for its pods."""
    place = (f"--namespace={HOME}", "--values=-")
    command = ("upgrade", "--install", RELEASE, str(OPERATOR), *place, *WAIT, *options)
    return Step(says, "helm", command, json.dumps(values(image)))


def attempts() -> Iterator[Step]:
    """See that the operator looks at a Mailbox, at its Secret, and asks the cluster's name service."""
    yield Step("a Mailbox", "kubectl", APPLY, written(mailbox()))
    yield reason("CredentialsMissing")
    yield Step("its Secret", "kubectl", APPLY, written(credentials()))
    yield reason("HostNotFound")


def reason(wanted: str) -> Step:
    """Wait until the Mailbox gives a reason."""
    asked = (f"--for=jsonpath={REASON}={wanted}", "--timeout=2m")
    return Step(
        f"its reason is {wanted}", "kubectl", ("wait", "mailbox/jane", f"-n={TENANT}", *asked)
    )


def knocks(image: str) -> list[Object]:
    """Make the pods that try the NetworkPolicies."""
    metrics, gateway = f"{RELEASE}-metrics", f"{RELEASE}-gateway"
    return [
        knocking(image, SCRAPER, metrics, 8080, "open"),
        knocking(image, TENANT, metrics, 8080, "closed"),
        knocking(image, TENANT, gateway, 587, "open"),
    ]


def fences(image: str) -> Iterator[Step]:
    """See that the network of the cluster enforces the chart's NetworkPolicies."""
    pods = knocks(image)
    yield Step("pods knock", "kubectl", APPLY, written(*pods))
    for pod in pods:
        place = pod["metadata"]
        asked = ("--for=jsonpath={.status.phase}=Succeeded", "--timeout=1m")
        command = ("wait", f"pod/{place['name']}", f"-n={place['namespace']}", *asked)
        yield Step(f"{place['name']} from {place['namespace']}", "kubectl", command)


def handed_over(image: str) -> Iterator[Step]:
    """Give the CRDs a release of their own; no Mailbox goes with the operator's release."""
    yield installed(image, "the operator's release leaves the CRDs", "--set=crds.enabled=false")
    own = ("upgrade", "--install", "mailbox-crds", str(DEFINITIONS), f"--namespace={HOME}")
    force = ("--take-ownership", "--force-conflicts", *WAIT)
    yield Step("the chart of the CRDs takes them over", "helm", (*own, *force))
    for release in (RELEASE, "mailbox-crds"):
        gone = ("uninstall", release, f"--namespace={HOME}", *WAIT)
        yield Step(f"{release} is uninstalled", "helm", gone)
    yield Step("the Mailbox is still there", "kubectl", ("get", "mailbox/jane", f"-n={TENANT}"))


def evidence() -> Iterator[Step]:
    """List what helps to understand a failure."""
    yield Step("pods", "kubectl", ("get", "pods", "--all-namespaces", "--output=wide"))
    yield Step("events", "kubectl", ("events", "--all-namespaces"))
    yield Step("mailboxes", "kubectl", ("get", "mailboxes", "--all-namespaces", "--output=yaml"))
    for component in ("operator", "gateway"):
        chosen = (f"--selector=app.kubernetes.io/component={component}", "--tail=200", "--prefix")
        yield Step(f"log of the {component}", "kubectl", ("logs", f"-n={HOME}", *chosen))
