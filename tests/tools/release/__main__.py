"""The steps of .github/workflows/release.yaml that are longer than a line."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.release.changelog import CHANGELOG, ChangelogError
from tools.release.charts import pack, push
from tools.release.notes import notes
from tools.release.places import SERVER, Places
from tools.release.versions import ReleaseError, check

ROOT: Final = Path(__file__).parents[3]
FAILED: Final = 1


def main(line: Sequence[str] | None = None) -> int:
    """Check, describe or pack a release, named by its tag."""
    asked = arguments(sys.argv[1:] if line is None else line)
    try:
        places = Places(asked.repository, check(asked.tree, asked.tag), asked.server)
        for each in STEPS[asked.step](asked, places):
            print(each)
    except (ReleaseError, ChangelogError) as error:
        print(f"tools.release: {error}", file=sys.stderr)
        return FAILED
    return 0


def check_version(_: argparse.Namespace, places: Places) -> list[str]:
    """Write where everything goes, as outputs of a step."""
    return [
        f"version={places.version}",
        f"image={places.image}",
        f"charts={places.charts}",
    ]


def write_notes(asked: argparse.Namespace, places: Places) -> list[str]:
    """Write the notes of the release."""
    return [notes((asked.tree / CHANGELOG).read_text(), places)]


def pack_charts(asked: argparse.Namespace, places: Places) -> list[str]:
    """Pack the charts, and name the packages."""
    return [str(each) for each in pack(asked.tree, places, asked.helm, asked.into)]


def push_charts(asked: argparse.Namespace, places: Places) -> list[str]:
    """Push the packages, and name what has to be signed."""
    return list(push(sorted(asked.into.glob("*.tgz")), places, asked.helm))


STEPS: Final[Mapping[str, Callable[[argparse.Namespace, Places], list[str]]]] = {
    "check-version": check_version,
    "notes": write_notes,
    "pack-charts": pack_charts,
    "push-charts": push_charts,
}


def arguments(line: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="tools.release", description=main.__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    for name, step in STEPS.items():
        each = steps.add_parser(name, help=step.__doc__)
        each.add_argument("--tag", required=True, help="such as v0.1.0")
        each.add_argument("--repository", required=True, help="owner and name")
        each.add_argument("--server", default=SERVER, help="where the repository is")
        each.add_argument("--tree", type=Path, default=ROOT, help="the working copy")
        if name.endswith("charts"):
            each.add_argument("--helm", type=Path, default=Path("helm"), help="the program")
            each.add_argument("--into", type=Path, required=True, help="folder of the packages")
    return parser.parse_args(line)


if __name__ == "__main__":
    sys.exit(main())
