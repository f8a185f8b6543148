"""The bench of a check makes checks, and says what they cost in bare logins."""

from pathlib import Path

from tools.bench.check.__main__ import Turn, lines, measured
from tools.bench.check.fleet import Fleet
from tools.bench.processes import Mail


async def test_checks_and_bare_logins_are_made_in_turns(tmp_path: Path) -> None:
    with Mail.running(tmp_path, 12) as mail:
        found = await measured(Fleet(12, mail.port, mail.bundle), turns=2, each=5)
        made = await mail.connections()

    assert [each.ratio > 0 for each in found] == [True, True]
    assert made == 5 + 2 * (5 + 5)


def test_the_ratio_is_told_with_its_quartiles() -> None:
    found = [Turn(check=ratio, bare=2.0) for ratio in (2.0, 3.0, 4.0)]

    assert list(lines(found)) == [
        "a check       3.00 ms of processor time",
        "a bare login  2.00 ms",
        "ratio         1.50 (quartiles 1.00 and 2.00)",
    ]
