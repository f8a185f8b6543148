"""Each release keeps its pages: a reader chooses a version, and the newest release is `latest`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser

from tools.site.__main__ import main, named
from tools.site.hooks import DOCS, ROOT, outside
from tools.site.reading import BROWSED, DESKTOP, opened, serving

COPIED: Final = (".mkdocs.yml", "tests/tools/site/hooks.py")
PERSON: Final = {"NAME": "A test", "EMAIL": "test@example.org"}
ENVIRONMENT: Final[Mapping[str, str]] = {
    **os.environ,
    **{f"GIT_{who}_{key}": PERSON[key] for who in ("AUTHOR", "COMMITTER") for key in PERSON},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "PYTHONPATH": str(ROOT / "tests"),
    "SITE_URL": "https://pages.example/operator/",
}
pytestmark = pytest.mark.timeout(300)  # builds all pages three times, on a machine that may be busy

PAGE: Final = "concepts.html"
PUBLISHED: Final = {
    "As it was.": ["--tag=v0.1.0"],
    "As it is.": ["--tag=v0.2.1"],
    "As it will be.": [],
}


def run(tree: Path, *command: str) -> None:
    """Run a command in a tree, with no configuration of git but the tree's."""
    subprocess.run(command, cwd=tree, env=ENVIRONMENT, check=True, capture_output=True, text=True)


def repository(tree: Path) -> None:
    """Make a repository of what the site is made of."""
    for folder in (DOCS, "helm"):
        shutil.copytree(ROOT / folder, tree / folder)
    for path in (*COPIED, *outside()):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    run(tree, "git", "init", "--initial-branch=main")


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish two releases and main, each from a commit of its own; return what a host delivers."""
    tree = tmp_path_factory.mktemp("tree")
    repository(tree)
    page = tree / DOCS / "concepts.md"
    written = page.read_text()
    for text, tag in PUBLISHED.items():
        page.write_text(f"{written}\n{text}\n")
        run(tree, "git", "add", ".")
        run(tree, "git", "commit", "--message", text)
        run(tree, sys.executable, "-m", "tools.site", f"--tree={tree}", *tag)
    delivered = tmp_path_factory.mktemp("delivered")
    run(delivered, "git", "clone", "--branch=gh-pages", str(tree), ".")
    return delivered


def test_a_version_keeps_its_pages_and_the_newest_release_is_the_latest(versions: Path) -> None:
    found = json.loads((versions / "versions.json").read_text())

    assert [(each["version"], each["title"], each["aliases"]) for each in found] == [
        ("dev", "dev", []),
        ("0.2", "0.2.1", ["latest"]),
        ("0.1", "0.1.0", []),
    ]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("0.1", "As it was."),
        ("0.2", "As it is."),
        ("latest", "As it is."),
        ("dev", "As it will be."),
    ],
)
def test_each_version_says_what_it_said(versions: Path, version: str, text: str) -> None:
    page = (versions / version / PAGE).read_text()

    assert [each for each in PUBLISHED if f"<p>{each}</p>" in page] == [text]


@BROWSED
async def test_a_reader_changes_the_version_and_stays_on_the_page(
    versions: Path, browser: Browser
) -> None:
    with serving(versions) as address:
        page, asked = await opened(browser, f"{address}/", DESKTOP)
        await page.wait_for_url(f"{address}/latest/")
        await page.goto(f"{address}/latest/{PAGE}")
        chooser = page.get_by_label("Select version")
        await chooser.wait_for()
        shown = await page.locator(".md-version__link").all_inner_texts()

        await chooser.focus()
        await page.get_by_role("link", name="0.1.0").click()
        await page.wait_for_url(f"{address}/0.1/{PAGE}")
        old = await page.get_by_text("As it was.", exact=True).count()
        await page.close()

    assert ([each.split() for each in shown], old, asked) == (
        [["dev"], ["0.2.1latest"], ["0.1.0"]],
        1,
        [],
    )


@pytest.mark.parametrize(
    ("known", "version", "names"),
    [
        pytest.param([], "0.1.0", ["0.1", "latest"], id="the first"),
        pytest.param(["dev", "0.9"], "0.10.0", ["0.10", "latest"], id="a newer one"),
        pytest.param(["0.10"], "0.10.3", ["0.10", "latest"], id="a fix of the latest"),
        pytest.param(["0.10"], "0.9.4", ["0.9"], id="a fix of an older one"),
        pytest.param(["0.10"], "dev", ["dev"], id="main"),
    ],
)
def test_a_version_is_named(known: list[str], version: str, names: list[str]) -> None:
    assert named(known, version) == names


def test_a_tag_that_is_no_version_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--tag=main", f"--tree={tmp_path}"]) == 1
    assert "the tag main is no version such as v0.1.0" in capsys.readouterr().err
