"""What a chart's Chart.yaml says to Artifact Hub: its icon, and the kinds that it brings."""

import base64
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
CRDS: Final = ROOT / "crds"
EXAMPLES: Final = ROOT / "docs" / "examples"
SHOWN: Final = ("smtp-private.yaml", "managed-infrastructure.yaml", "sender.yaml")
MARK: Final = "  # `make chart` writes what follows.\n"
ICON: Final = re.compile(r"^icon: .*$", re.MULTILINE)


def about(chart: Path, brings_kinds: bool) -> str:  # noqa: FBT001 - one chart brings them, another not
    """Put into a Chart.yaml what is made from other files.

    Args:
        chart: Its folder. Its annotations are the last key of Chart.yaml.
        brings_kinds: Whether the CRDs are in it.
    """
    text = ICON.sub(f"icon: {icon()}", (chart / "Chart.yaml").read_text())
    if not brings_kinds:
        return text
    listed = {"crds": list(kinds()), "crdsExamples": list(examples())}
    blocks = (annotation(name, content) for name, content in listed.items())
    return text.partition(MARK)[0] + MARK + "".join(blocks)


def icon() -> str:
    """Return the icon as a URL that needs no server."""
    drawn = (ROOT / "helm" / "icon.svg").read_bytes()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"


def annotation(name: str, content: Any) -> str:
    """Write an annotation whose value is YAML itself."""
    written = yaml.safe_dump(content, sort_keys=False, width=120, allow_unicode=True)
    return f"  artifacthub.io/{name}: |\n{textwrap.indent(written, '    ')}"


def kinds() -> Iterator[Mapping[str, str]]:
    """Describe each kind in a sentence."""
    for file in sorted(CRDS.glob("*.yaml")):
        definition = yaml.safe_load(file.read_text())
        (served,) = definition["spec"]["versions"]
        kind = definition["spec"]["names"]["kind"]
        said = served["schema"]["openAPIV3Schema"]["description"]
        yield {
            "kind": kind,
            "version": served["name"],
            "name": definition["metadata"]["name"],
            "displayName": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind),
            "description": f"{said.partition('. ')[0]}.",
        }


def examples() -> Iterator[Mapping[str, Any]]:
    """Take an object of each kind from the examples of the documentation."""
    known = {each["kind"] for each in kinds()}
    for name in SHOWN:
        for found in yaml.safe_load_all((EXAMPLES / name).read_text()):
            if found["kind"] in known:
                yield found
