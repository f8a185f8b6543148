"""The tenant's chart, and Helm to render it with; where Helm refuses, the exception has its words."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).parents[3] / "helm" / "mailbox-tenant"
EXTERNAL_SECRETS: Final = "--api-versions=external-secrets.io/v1/ExternalSecret"
Object = Mapping[str, Any]
Values = Mapping[str, Any]
Eventually = Callable[[Callable[[], bool]], None]


class HelmError(Exception):
    """Helm refused; the message is what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart in the hands of somebody with Helm.

    Attributes:
        options: What goes with every command, such as the namespace.
    """

    helm: Path
    options: Sequence[str] = ("--namespace=acme",)

    def run(self, *command: str, values: Values | None = None) -> str:
        """Run Helm, with values on its standard input, and return its standard output.

        Raises:
            HelmError: It failed.
        """
        given = () if values is None else ("--values=-",)
        done = subprocess.run(
            [str(self.helm), *command, *self.options, *given],
            input=yaml.safe_dump(dict(values or {}), allow_unicode=True),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise HelmError(done.stderr)
        return done.stdout

    def text(self, values: Values, *options: str) -> str:
        """Render to YAML."""
        return self.run("template", "acme", str(CHART), *options, values=values)

    def render(self, values: Values, *options: str) -> list[Object]:
        """Render to objects; lists stay what they are."""
        return [each for each in yaml.safe_load_all(self.text(values, *options)) if each]

    def refusal(self, values: Values, *options: str) -> str:
        """Say why Helm refuses to render, which it has to."""
        try:
            text = self.text(values, *options)
        except HelmError as error:
            return str(error)
        raise AssertionError(f"Helm rendered {text}")

    def install(self, values: Values) -> None:
        """Install the release, or upgrade it."""
        self.run("upgrade", "--install", "acme", str(CHART), values=values)

    def uninstall(self) -> None:
        """Take the release away."""
        self.run("uninstall", "acme")


def of_kind(objects: Sequence[Object], kind: str) -> list[Object]:
    """Choose the objects of one kind."""
    return [each for each in objects if each["kind"] == kind]


def only(objects: Sequence[Object], kind: str) -> Object:
    """Choose the one object of a kind."""
    (found,) = of_kind(objects, kind)
    return found


def specs_of(objects: Sequence[Object]) -> Mapping[str, Any]:
    """Read what the Mailboxes say, by their names."""
    return {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "Mailbox")}
