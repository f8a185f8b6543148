"""A release of a chart as Helm would make it, and what is in it."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

OPERATOR: Final = Path(__file__).parents[3] / "helm" / "mailbox-operator"

Object = Mapping[str, Any]


class RefusedError(Exception):
    """Helm does not render these values; the message is what it says."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What Helm made of a chart."""

    objects: tuple[Object, ...]

    def all(self, kind: str) -> list[Object]:
        """Return the objects of a kind."""
        return [each for each in self.objects if each["kind"] == kind]

    def only(self, kind: str, component: str = "") -> Object:
        """Return the one object of a kind, or of a kind and a component."""
        (found,) = [
            each
            for each in self.all(kind)
            if component in ("", each["metadata"]["labels"]["app.kubernetes.io/component"])
        ]
        return found

    @property
    def pod(self) -> Any:
        """Return the pod spec of the Deployment."""
        return self.only("Deployment")["spec"]["template"]["spec"]

    @property
    def container(self) -> Any:
        """Return the container of the Deployment."""
        (found,) = self.pod["containers"]
        return found


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, and the Helm that renders it.

    Attributes:
        release: Its name.
        namespace: The release's.
    """

    helm: Path
    folder: Path
    release: str
    namespace: str = "mail"

    def render(self, *options: str) -> Rendered:
        """Render the chart.

        Raises:
            RefusedError: The values are wrong.
        """
        place = f"--namespace={self.namespace}"
        command = [str(self.helm), "template", self.release, str(self.folder), place, *options]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RefusedError(done.stderr)
        return Rendered(tuple(each for each in yaml.safe_load_all(done.stdout) if each))

    def set(self, **values: Any) -> Rendered:
        """Render it with values; a double underscore stands for a dot."""
        given = [f"{name.replace('__', '.')}={json.dumps(v)}" for name, v in values.items()]
        return self.render(*(f"--set-json={each}" for each in given))
