"""A real Prometheus, which scrapes operators and evaluates the chart's rules."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import yaml

from lab.controlplane.health import answers
from lab.controlplane.ports import free_ports
from lab.controlplane.process import Process
from lab.stand.eventually import eventually

INSTALL: Final = "apt-get install -y --no-install-recommends prometheus"
EVERY: Final = "1s"
ROOT: Final = Path(__file__).parents[3]
RULES: Final = ROOT / "helm" / "mailbox-operator" / "files" / "rules.yaml"

Series = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """An operator to scrape.

    Attributes:
        address: Host and port.
        pod: What the label of its pod says.
        job: That of its label; the operator's unless told.
    """

    address: str
    pod: str
    job: str = "mailbox-operator"


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    @classmethod
    @contextmanager
    def running(
        cls, folder: Path, targets: Sequence[Target], rules: Path = RULES
    ) -> Iterator[Self]:
        """Run it for as long as the block.

        Args:
            folder: For its data, configuration and log.
            targets: What it scrapes.
            rules: What it evaluates.
        """
        program = shutil.which("prometheus")
        assert program, f"prometheus is missing: {INSTALL}"
        configuration = folder / "prometheus.yaml"
        configuration.write_text(yaml.safe_dump(_configuration(targets, rules)))
        port = free_ports(1)[0]
        process = Process(_command(program, configuration, port), folder / "prometheus.log")
        process.start()
        try:
            process.wait_until(lambda: answers(port, "/-/ready"))
            yield cls(f"http://127.0.0.1:{port}")
        finally:
            process.stop()

    async def query(self, expr: str) -> Sequence[Series]:
        """Evaluate an expression now."""
        found: Sequence[Series] = (await self._get("query", query=expr))["result"]
        return found

    async def query_range(
        self, expr: str, start: float, end: float, step: float
    ) -> Sequence[Series]:
        """Evaluate an expression from one time to another, both in seconds since 1970."""
        answer = await self._get("query_range", query=expr, start=start, end=end, step=step)
        found: Sequence[Series] = answer["result"]
        return found

    async def alerts(self, alert: str, /, **labels: str) -> Sequence[Mapping[str, str]]:
        """Return the labels of the alerts of a name that fire now and have these labels."""
        found = (await self._get("alerts"))["alerts"]
        firing = [each["labels"] for each in found if each["state"] == "firing"]
        wanted = labels | {"alertname": alert}
        return [found for found in firing if wanted.items() <= found.items()]

    async def until_alert(self, alert: str, /, **labels: str) -> Mapping[str, str]:
        """Wait until an alert fires."""
        return (await eventually(lambda: self.alerts(alert, **labels), within=40))[0]

    async def until_silent(self, alert: str, /, **labels: str) -> None:
        """Wait until an alert has resolved."""
        await eventually(lambda: self.alerts(alert, **labels), lambda found: not found, within=40)

    async def _get(self, what: str, **asked: str | float) -> Any:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}/api/v1/{what}", params=asked) as response,
        ):
            answer = await response.json()
        assert answer["status"] == "success", answer
        return answer["data"]


def promtool(*arguments: str, folder: Path = ROOT, input: str = "") -> str:  # noqa: A002 - subprocess' word
    """Run Prometheus' own tool; return what it says, which is an error where it finds any."""
    tool = shutil.which("promtool")
    assert tool, f"promtool is missing: {INSTALL}"
    done = subprocess.run(
        [tool, *arguments], cwd=folder, capture_output=True, text=True, check=False, input=input
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def hasty_rules(folder: Path) -> Path:
    """Copy the rules for a test: as they are shipped, but nobody waits for as long as they do."""
    content = yaml.safe_load(RULES.read_text())
    for rule in (rule for group in content["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = EVERY
    copy = folder / "rules.yaml"
    copy.write_text(yaml.safe_dump(content))
    return copy


def _configuration(targets: Sequence[Target], rules: Path) -> dict[str, Any]:
    jobs = [
        {
            "job_name": name,
            "honor_labels": True,
            "static_configs": [
                {"targets": [each.address], "labels": {"namespace": "mail", "pod": each.pod}}
                for each in targets
                if each.job == name
            ],
        }
        for name in dict.fromkeys(each.job for each in targets)
    ]
    return {
        "global": {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY},
        "rule_files": [str(rules)],
        "scrape_configs": jobs,
    }


def _command(program: str, configuration: Path, port: int) -> list[str]:
    return [
        program,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={configuration.parent / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
