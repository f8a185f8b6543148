"""The rows and the tables of the runs in a file, of either bench."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tools.bench import report
from tools.bench.gateway import report as gateway
from tools.bench.record import Record
from tools.bench.tables import Row

OPERATOR: Final = "operator"
GATEWAY: Final = "gateway"


def rows_of(bench: str, record: Record) -> Sequence[Row]:
    """Compare the figures of a run with the goals."""
    if bench == OPERATOR:
        return list(report.rows(record.figures, record.sizes["Mailboxes"]))
    return list(gateway.rows(record.figures, record.sizes["crowd"]))


def text_of(bench: str, record: Record) -> str:
    """Write the tables of a run, below the commit that was measured."""
    return "\n\n".join([str(record), *_tables(bench, record)])


def _tables(bench: str, record: Record) -> Iterator[str]:
    found = rows_of(bench, record)
    if bench == OPERATOR:
        yield report.table(found)
        return
    yield gateway.comparison(record.figures)
    yield gateway.table(found)


def values_of(records: Mapping[str, Record]) -> Mapping[str, Row]:
    """List the rows of all runs, by what they say."""
    return {row.what: row for bench, record in records.items() for row in rows_of(bench, record)}
