"""A panel's controls as HTML: all that the page's script needs, a label for each, and no word that becomes markup."""

from html.parser import HTMLParser
from typing import Annotated, Literal

import pytest

from netlab.live import Choices, Panel, Range, panel, panels
from netlab.live.markup import form
from netlab.picture import Axis, Curve, Lines, Picture


@panel
def shown(
    *,
    long_queue: Annotated[int, Range(4, 120, 4, "packets & more")] = 24,
    loss: Annotated[float, Range(0, 0.5, 0.1)] = 0.1,
    rate: Annotated[float, Choices(0.5, 12, unit="Mbit/s")] = 12,
    law: Literal["Reno", "<b>"] = "<b>",
    sack: bool = True,
    trace: bool = False,
) -> Picture:
    """Is 1 < 2 & "so"?"""
    return Picture("It", Lines([Curve("", [(0, 1)])], Axis("x"), Axis("y")), "It is.", "Look.")


class Form(HTMLParser):
    """The tags of a form, in order, each with its attributes; and the words between them."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(form(panel))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, name: str) -> dict[str, str | None]:
        (found,) = (attrs for _, attrs in self.tags if attrs.get("name") == name)
        return found

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for one, attrs in self.tags if one == tag]


def test_a_form_says_what_its_panel_does() -> None:
    seen = Form(shown)
    assert seen.tags[0][1]["data-panel"] == shown.name
    assert 'Is 1 < 2 & "so"?' in seen.words
    assert "b" not in [tag for tag, _ in seen.tags]
    number = seen.named("long_queue")
    assert {key: number[key] for key in ("type", "value", "data-kind", "data-low", "data-high", "data-unit")} == {
        "type": "text",
        "value": "24",
        "data-kind": "int",
        "data-low": "4",
        "data-high": "120",
        "data-unit": "packets & more",
    }
    slider = seen.all("input")[0]
    assert (slider["data-twin"], slider["min"], slider["max"], slider["step"]) == (number["id"], "4", "120", "4")
    assert seen.named("loss")["data-kind"] == "float"
    assert (seen.named("rate")["data-kind"], seen.named("law")["data-kind"]) == ("choice", "text")
    assert [(one["value"], "selected" in one) for one in seen.all("option")] == [
        ("0.5", False),
        ("12", True),
        ("Reno", False),
        ("<b>", True),
    ]
    assert "12 Mbit/s" in seen.words
    assert ["checked" in seen.named(name) for name in ("sack", "trace")] == [True, False]


@pytest.mark.parametrize("one", [shown, *panels()], ids=lambda one: one.name)
def test_each_control_has_its_label_and_a_place_for_what_is_wrong(one: Panel) -> None:
    seen = Form(one)
    assert seen.open == []
    idents = [attrs["id"] for _, attrs in seen.tags if attrs.get("id")]
    assert len(set(idents)) == len(idents)
    named = [seen.named(name) for name in one.controls]
    assert [label["for"] for label in seen.all("label")] == [attrs["id"] for attrs in named]
    for attrs in named:
        assert f"{attrs['id']}-wrong" in idents
    assert "hidden" in seen.tags[0][1]  # until a script is there
