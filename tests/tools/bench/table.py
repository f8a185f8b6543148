"""`python -m tools.bench.table FILE`: keeps a saved run, and writes its tables into the pages.

Without a file it writes the tables of the run that is kept.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.bench.record import KEPT, ROOT, Record, load, save
from tools.bench.runs import text_of

PAGES: Final = (ROOT / "README.md", ROOT / "docs" / "performance.md")
PART: Final = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def page(text: str, records: Mapping[str, Record]) -> str:
    """Put the tables of the runs between the marks of a page; a part without a run stays."""

    def part(found: re.Match[str]) -> str:
        record = records.get(found[2])
        return found[0] if record is None else f"{found[1]}{text_of(found[2], record)}\n{found[3]}"

    return PART.sub(part, text)


def main(arguments: Sequence[str]) -> int:
    """Keep the run, if one is named, and write the pages."""
    for bench, record in (load(Path(arguments[0])) if arguments else {}).items():
        save(KEPT, bench, record)
    records = load(KEPT)
    for each in PAGES:
        each.write_text(page(each.read_text(), records))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
