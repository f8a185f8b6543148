"""Probes come to a verdict as often as the kubelet's do."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from lab.node.probe import Probe


@pytest.mark.parametrize(
    ("answers", "successes", "failures", "verdicts"),
    [
        pytest.param("1", 1, 3, "1", id="one success"),
        pytest.param("00", 1, 3, "", id="too few failures"),
        pytest.param("000", 1, 3, "0", id="enough failures"),
        pytest.param("00100", 1, 3, "1", id="failures not in a row"),
        pytest.param("0000", 1, 3, "00", id="more failures than that"),
        pytest.param("101", 2, 1, "0", id="successes not in a row"),
        pytest.param("1011", 2, 1, "01", id="enough successes"),
    ],
)
async def test_a_probe_gives_the_verdict_of_its_replies(
    answers: str, successes: int, failures: int, verdicts: str
) -> None:
    script = iter(answers)

    async def ask(_: Probe) -> bool:
        answer = next(script, None)
        if answer is None:
            raise EOFError
        return answer == "1"

    probe = Probe("/", 80, 0, 0, 1, successes, failures)

    assert await gathered(probe.verdicts(ask)) == verdicts


async def gathered(given: AsyncIterator[bool]) -> str:
    seen = ""
    with contextlib.suppress(EOFError):
        async for good in given:
            seen += "1" if good else "0"
    return seen
