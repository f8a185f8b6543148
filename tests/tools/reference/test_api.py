"""docs/api.md describes the kinds as the definitions do."""

import pytest

from tools.reference.api import KINDS, PAGE, definition, page, prose, rows, type_of


def test_the_page_of_the_api_is_that_of_the_definitions() -> None:
    text = PAGE.read_text()

    assert page(text) == text, "run `make docs`"


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_described_with_its_rules_and_columns(name: str) -> None:
    kind, text = definition(name)["names"]["kind"], PAGE.read_text()

    parts = (kind, f"{kind}: spec", f"{kind}: status", f"{kind}: rules", f"{kind}: columns")
    assert [part for part in parts if f"# {part}\n" not in text] == []


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "enum": ["A", "B"]}, "`A` or `B`"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"type": "array", "items": {"type": "object"}}, "list of object"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "map to string"),
    ],
)
def test_a_type_is_named(field: dict[str, object], named: str) -> None:
    assert type_of(field) == named


def test_fields_within_a_list_are_described_as_well() -> None:
    inner = {"type": "string", "description": "Its name."}
    item = {"type": "object", "properties": {"name": inner}, "required": ["name"]}
    listed = {"type": "array", "description": "All.", "items": item, "default": []}

    assert list(rows("spec", {"properties": {"presets": listed}})) == [
        "| `spec.presets` | list of object | `[]` | All. |",
        "| `spec.presets[].name` | string, required |  | Its name. |",
    ]


def test_what_markdown_would_take_for_markup_is_shown_as_it_is() -> None:
    assert prose("*.acme.example | <b>\n\nMore.") == r"\*.acme.example \| &lt;b><br>More."
