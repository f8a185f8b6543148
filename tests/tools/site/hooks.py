"""Fits the pages of the repository into a site: mkdocs loads this file, as `.mkdocs.yml` says.

Pages link as GitHub takes it, relative to their own file, out of docs/ as well. In the site docs/ is
the top, and each other file that a page links to is below `repository/`. So the site needs no
address of the repository, and works offline.
"""

import importlib
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = "docs/"
OUTSIDE: Final = "repository/"
PUBLISHED: Final = "MIKE_DOCS_VERSION"
"""mike sets it, and only then versions.json is beside the pages."""
CODE: Final = r"(?P<code>^ *(?P<fence>```+)[^\n]*\n.*?^ *(?P=fence) *$|`[^`\n]+`)"
TEXT: Final = r"!?\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
TARGET: Final = r"\((?![a-z]+:)(?P<path>[^()#\s]+)(?P<anchor>#[^()\s]*)?\)"
FENCED: Final = re.compile(r"^(```+).*?^\1$|<!--.*?-->|^ {4}.*?$", re.MULTILINE | re.DOTALL)
MARKUP: Final = re.compile(r"[*`]|<[^>]*>|\]\([^)]*\)|[\[\]]")
SEARCH: Final = '<div class="md-search" data-md-component="search" role="dialog"'
CONTENTS: Final = '<nav class="md-nav" aria-label="'
EMPTY: Final = re.compile(r"<th([^>]*)></th>")
SHOWN: Final = 160
"""As many letters of a description are shown."""
LINK: Final = re.compile(f"{CODE}|{TEXT}{TARGET}", re.MULTILINE | re.DOTALL)


def place_of(path: str) -> str:
    """Say where a file of the repository is in the site."""
    return path.removeprefix(DOCS) if path.startswith(DOCS) else OUTSIDE + path


def path_of(place: str) -> str:
    """Say which file of the repository is at a place of the site."""
    return place.removeprefix(OUTSIDE) if place.startswith(OUTSIDE) else DOCS + place


def target_of(path: str, link: str, root: Path = ROOT) -> str | None:
    """Name the file that a link leads to; None if that is a folder without a page."""
    target = normpath(join(dirname(path), link))
    if not (root / target).is_dir():
        return target
    page = f"{target}/README.md"
    return page if (root / page).is_file() else None


def targets(text: str, path: str, root: Path = ROOT) -> Iterator[str]:
    """Name the files that a page links to; a link that leads nowhere is for mkdocs to report."""
    for found in LINK.finditer(text):
        target = found["path"] and target_of(path, found["path"], root)
        if target and (root / target).is_file():
            yield target


def outside(root: Path = ROOT) -> list[str]:
    """List the files out of docs/ that pages link to, and those that such pages link to."""
    known = {str(page.relative_to(root)) for page in (root / DOCS).rglob("*.md")}
    waiting = sorted(known)
    while waiting:
        page = waiting.pop()
        found = {*targets((root / page).read_text(), page, root)} - known
        known |= found
        waiting += sorted(each for each in found if each.endswith(".md"))
    return sorted(each for each in known if not each.startswith(DOCS))


def led(text: str, path: str, root: Path = ROOT) -> str:
    """Write the links of a page as the site takes them; one to a folder becomes its text."""

    def link(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        target = target_of(path, found["path"], root)
        if target is None:
            return found["text"]
        there = relpath(place_of(target), dirname(place_of(path)) or ".")
        begin = found[0].rpartition("](")[0]
        return f"{begin}]({there}{found['anchor'] or ''})"

    return LINK.sub(link, text)


def is_foreign(script: Any) -> bool:
    """Say whether a script would come from elsewhere."""
    return "://" in str(script)


def on_config(config: Any) -> Any:
    """Leave out what a browser would fetch from elsewhere; offer the versions, if published."""
    if PUBLISHED in os.environ:
        config.extra["version"] = {"provider": "mike", "alias": True}
    polyfills = config.extra.get("polyfills", [])
    config.extra["polyfills"] = [each for each in polyfills if not is_foreign(each)]
    own = [each for each in config.extra_javascript if not is_foreign(each)]
    config.extra_javascript[:] = own
    return config


def on_files(files: Any, config: Any) -> Any:
    """Take in the files out of docs/."""
    file = importlib.import_module("mkdocs.structure.files").File
    for path in outside():
        files.append(file.generated(config, place_of(path), abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the links of a page as the site takes them."""
    return led(markdown, path_of(page.file.src_uri))


def on_post_template(output_content: str, template_name: str, **_: Any) -> str:
    """Name the first page by its folder, where the choice of a version looks for it; see `named`."""
    return begun(output_content) if template_name == "sitemap.xml" else named(output_content)


def begun(sitemap: str) -> str:
    """Write the address of the first page of a map as that of its folder."""
    places: list[str] = re.findall(r"<loc>([^<]*/)index\.html</loc>", sitemap)
    first = min(places, key=lambda place: place.count("/"), default="")
    return sitemap.replace(f"<loc>{first}index.html</loc>", f"<loc>{first}</loc>")


def on_page_context(context: Any, page: Any, **_: Any) -> Any:
    """Give a page a description, which search engines show."""
    page.meta.setdefault("description", described(page.markdown or ""))
    return context


def described(text: str) -> str:
    """Take the first sentences of a page, as many as a search engine shows."""
    paragraphs = re.split(r"\n\s*\n", FENCED.sub("", text))
    prose = (each.strip() for each in paragraphs if re.match(r"\s*[A-Z*`\[]", each))
    plain = MARKUP.sub("", LINK.sub(lambda found: found["text"] or found[0], next(prose, "")))
    return textwrap.shorten(plain, SHOWN, placeholder=" ...")


def on_post_page(output: str, **_: Any) -> str:
    """Write a page so that programs which read it aloud can tell its parts apart."""
    return named(output)


def named(page: str) -> str:
    """Give each landmark a name of its own, and make no heading of an empty cell."""
    searched = page.replace(SEARCH, f'{SEARCH} aria-label="Search"')
    parted = searched.replace(CONTENTS, f"{CONTENTS}On this page: ")
    return EMPTY.sub(r"<td\1></td>", parted)
