"""Pod specs: what of one is understood here, what is passed over on purpose, and no third thing.

Passed over: where a pod runs and what it may use up (one node, no limits), how its image is pulled,
its seccomp profile, and names of Services in its environment. Whatever else is not understood is
refused, so that no part of a chart stays untested without anybody knowing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from lab.node.image import Image
from lab.node.probe import Probe
from lab.stand.cluster import Object

POD: Final = (
    "containers volumes restartPolicy terminationGracePeriodSeconds serviceAccountName "
    "securityContext automountServiceAccountToken nodeName"
)
POD_PASSED_OVER: Final = (
    "nodeSelector tolerations affinity topologySpreadConstraints priorityClassName priority "
    "preemptionPolicy schedulerName dnsPolicy dnsConfig enableServiceLinks imagePullSecrets "
    "serviceAccount"
)
CONTAINER: Final = (
    "name image command args env envFrom ports volumeMounts startupProbe livenessProbe "
    "readinessProbe lifecycle securityContext"
)
CONTAINER_PASSED_OVER: Final = (
    "imagePullPolicy resources terminationMessagePath terminationMessagePolicy"
)
SECURITY: Final = (
    "runAsNonRoot runAsUser runAsGroup fsGroup fsGroupChangePolicy readOnlyRootFilesystem "
    "allowPrivilegeEscalation privileged capabilities seccompProfile"
)


class UnsupportedError(Exception):
    """A pod spec says something that this node does not do."""


class ConfigError(Exception):
    """A container cannot be started as things are; a change elsewhere may mend that."""

    reason: ClassVar = "CreateContainerConfigError"


class ImageError(ConfigError):
    """The image is not here."""

    reason: ClassVar = "ErrImagePull"


def only(found: Mapping[str, Any], known: str, where: str) -> None:
    """Refuse fields that are not known.

    Raises:
        UnsupportedError: There is one.
    """
    if unknown := sorted(found.keys() - set(known.split())):
        raise UnsupportedError(f"tests/lab/node does not support {', '.join(unknown)} in {where}")


@dataclass(frozen=True, slots=True)
class Security:
    """Who the process is, and what it may write; it has no capability in any case."""

    user: int
    group: int
    files_group: bool
    read_only_root: bool

    @classmethod
    def parse(cls, pod: Object, container: Object, image: Image) -> Self:
        """Read the contexts of a pod and of its container, which overrides the pod's.

        Raises:
            ConfigError: It must not be root and would be.
        """
        both = pod | container.get("securityContext", {})
        only(both, SECURITY, "securityContext")
        only(both.get("capabilities", {}), "drop", "capabilities")
        if both.get("privileged"):
            raise UnsupportedError("tests/lab/node does not support privileged containers")
        user = both.get("runAsUser", image.user[0])
        if both.get("runAsNonRoot") and user == 0:
            raise ConfigError("container has runAsNonRoot and image will run as root")
        group = both.get("runAsGroup", image.user[1])
        return cls(user, group, "fsGroup" in both, bool(both.get("readOnlyRootFilesystem")))


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of a container, each of them optional."""

    startup: Probe | None
    liveness: Probe | None
    readiness: Probe | None


@dataclass(frozen=True, slots=True)
class Spec:
    """A pod with one container, as far as it matters here.

    Attributes:
        pod: The object it is read from.
    """

    pod: Object = field(repr=False)

    def check(self) -> None:
        """Refuse what this node does not do.

        Raises:
            UnsupportedError: The pod asks for it.
        """
        spec = self.pod["spec"]
        only(spec, f"{POD} {POD_PASSED_OVER}", "a pod")
        if len(spec["containers"]) > 1:
            raise UnsupportedError("tests/lab/node does not support a second container")
        only(self.container, f"{CONTAINER} {CONTAINER_PASSED_OVER}", "a container")
        for port in self.container.get("ports", ()):
            only(port, "name containerPort protocol", "ports")
        only(self.container.get("lifecycle", {}), "preStop", "lifecycle")
        only(self._hook, "sleep", "preStop")
        self.probes()

    @property
    def container(self) -> Object:
        """What the pod says of its only container."""
        return dict(self.pod["spec"]["containers"][0])

    def probes(self) -> Probes:
        """Read the container's probes."""
        kinds = ("startup", "liveness", "readiness")
        return Probes(*(_probe(self.container, kind) for kind in kinds))

    @property
    def ports(self) -> Mapping[str, int]:
        """The numbers of its ports by name."""
        ports = self.container.get("ports", ())
        return {each["name"]: each["containerPort"] for each in ports if "name" in each}

    @property
    def grace_seconds(self) -> int:
        """The time from the request to end until it is killed."""
        return int(self.pod["spec"]["terminationGracePeriodSeconds"])

    @property
    def pause_seconds(self) -> int:
        """What goes by of that before the request, by a preStop hook."""
        return int(self._hook.get("sleep", {}).get("seconds", 0))

    @property
    def _hook(self) -> Object:
        return dict(self.container.get("lifecycle", {}).get("preStop", {}))

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return str(self.pod["metadata"]["namespace"])

    @property
    def uid(self) -> str:
        """What no other pod ever has."""
        return str(self.pod["metadata"]["uid"])

    @property
    def labels(self) -> Mapping[str, str]:
        """The pod's labels."""
        return dict(self.pod["metadata"].get("labels", {}))

    def port(self, port: int | str) -> int:
        """Find the number of a port that may have a name."""
        return port if isinstance(port, int) else self.ports[port]

    def restarts_after(self, code: int) -> bool:
        """Tell whether the container is to run again after it ended so."""
        policy = self.pod["spec"]["restartPolicy"]
        return policy == "Always" or (policy == "OnFailure" and code != 0)


def _probe(container: Object, kind: str) -> Probe | None:
    found = container.get(f"{kind}Probe")
    if found is None:
        return None
    only(
        found,
        "httpGet initialDelaySeconds periodSeconds timeoutSeconds failureThreshold "
        "successThreshold",
        f"a {kind} probe",
    )
    only(found["httpGet"], "path port scheme", "httpGet")
    if found["httpGet"]["scheme"] != "HTTP":
        raise UnsupportedError("tests/lab/node does not support probes by HTTPS")
    return Probe.parse(found)
