"""Links of the pages, written for GitHub, lead to the same files in the site."""

from pathlib import Path

import pytest

from tools.site.hooks import begun, described, led, named, outside, path_of, place_of


@pytest.fixture(name="root")
def repository(tmp_path: Path) -> Path:
    """A small repository, with a page that links out of docs/."""
    files = {
        "README.md": "[send](docs/sending.md#replies) [licence](LICENSE) [chart](helm/README.md)",
        "LICENSE": "",
        "helm/README.md": "[values](values.yaml) [cases](ci)",
        "helm/values.yaml": "",
        "helm/ci/one.yaml": "",
        "docs/sending.md": "[up](../README.md#more)",
        "docs/argocd/README.md": "[gone](gone.md)",
        "Makefile": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_page_outside_is_taken_in_with_all_that_it_links_to(root: Path) -> None:
    assert outside(root) == ["LICENSE", "README.md", "helm/README.md", "helm/values.yaml"]


@pytest.mark.parametrize(
    ("path", "text", "written"),
    [
        pytest.param("docs/a.md", "[b](b.md)", "[b](b.md)", id="beside it"),
        pytest.param("docs/a.md", "[b](#x)", "[b](#x)", id="on the page"),
        pytest.param("docs/a.md", "[b](https://c.example/d)", "[b](https://c.example/d)", id="web"),
        pytest.param(
            "docs/a.md", "[r](../README.md#x)", "[r](repository/README.md#x)", id="out of docs"
        ),
        pytest.param(
            "docs/argocd/README.md", "[b](../b.md)", "[b](../b.md)", id="from a folder of docs"
        ),
        pytest.param("README.md", "[b](docs/b.md#x)", "[b](../b.md#x)", id="into docs"),
        pytest.param(
            "helm/README.md", "[r](../README.md)", "[r](../README.md)", id="outside to outside"
        ),
        pytest.param("README.md", "![b](docs/i/b.png)", "![b](../i/b.png)", id="a picture"),
        pytest.param("docs/a.md", "[b](argocd)", "[b](argocd/README.md)", id="a folder's page"),
        pytest.param("helm/README.md", "see [ci/](ci).", "see ci/.", id="a folder without a page"),
        pytest.param("README.md", "`[b](docs/b.md)`", "`[b](docs/b.md)`", id="code in a line"),
        pytest.param(
            "README.md",
            "```\n[b](docs/b.md)\n```\n[b](docs/b.md)",
            "```\n[b](docs/b.md)\n```\n[b](../b.md)",
            id="a block of code",
        ),
        pytest.param("README.md", "[`b` c](docs/b.md)", "[`b` c](../b.md)", id="code in a link"),
    ],
)
def test_a_link_leads_to_the_same_file_in_the_site(
    root: Path, path: str, text: str, written: str
) -> None:
    assert led(text, path, root) == written


@pytest.mark.parametrize("path", ["docs/a.md", "README.md", "helm/values.yaml"])
def test_a_file_is_found_again_by_its_place(path: str) -> None:
    assert path_of(place_of(path)) == path


def test_the_map_of_the_site_names_its_first_page_by_its_folder() -> None:
    places = ("a/index.html", "a/b.html", "a/c/index.html")
    sitemap = "".join(f"<loc>https://pages.example/{place}</loc>" for place in places)

    assert begun(sitemap) == sitemap.replace("/a/index.html", "/a/")
    assert begun("<urlset/>") == "<urlset/>"


@pytest.mark.parametrize(
    ("text", "description"),
    [
        pytest.param("# A\n\nOne. Two.\n\nThree.", "One. Two.", id="the first paragraph"),
        pytest.param("# A\n\nSee [b](b.md) and `c`, **d**.", "See b and c, d.", id="no markup"),
        pytest.param("# A\n\n<!-- x -->\n```\nB\n```\n\nOne\ntwo.", "One two.", id="no code"),
        pytest.param("# A\n\n| a |\n|---|", "", id="a table only"),
        pytest.param(f"# A\n\nB{' b' * 99}", f"B{' b' * 77} ...", id="not too long"),
    ],
)
def test_a_page_is_described_by_its_first_sentences(text: str, description: str) -> None:
    assert described(text) == description


def test_an_empty_cell_is_no_heading() -> None:
    assert (
        named('<th></th><th style="a"></th><th>b</th>') == '<td></td><td style="a"></td><th>b</th>'
    )


def test_the_headings_of_a_page_are_no_part_of_the_site() -> None:
    contents = '<nav class="md-nav" aria-label="{}Reference">'

    assert named(contents.format("")) == contents.format("On this page: ")
