"""CI measures a little, compares it with the last run, and keeps it for the next one."""

import re
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).parents[3]
JOB: Final = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yaml").read_text())["jobs"][
    "bench"
]
RUNS: Final = "\n".join(step["run"] for step in JOB["steps"] if "run" in step)


def test_ci_compares_the_run_that_it_made_and_keeps_it_as_the_last_one() -> None:
    made = re.search(r"make bench N=\d+ .*OUT=(\S+)", RUNS)
    compared = re.search(
        r'make bench-compare LAST=(\S+) OUT=(\S+) >> "\$GITHUB_STEP_SUMMARY"', RUNS
    )
    kept = re.search(r"mv (\S+) (\S+)", RUNS)

    assert made is not None
    assert compared is not None
    assert kept is not None
    assert made[1] == compared[2] == kept[1]
    assert compared[1] == kept[2] == JOB["steps"][3]["with"]["path"]
