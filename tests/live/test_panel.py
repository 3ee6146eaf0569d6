"""A panel is a function that knows what may be set; its name is its address."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from netlab.live import Panel, Range, find, panel, panels, progress
from netlab.live import congestion as topic
from netlab.live.panel import listen
from netlab.picture import Axis, Curve, Lines, Picture


def drawn(high: float = 1) -> Picture:
    return Picture("It grows", Lines([Curve("", [(0, high)])], Axis("x"), Axis("y")), f"To {high:g}.", "Look.")


@panel
def growth(
    high: Annotated[int, Range(1, 9, 1)] = 4, law: Literal["one", "two"] = "one", twice: bool = False
) -> Picture:
    """How far
    does it grow?
    """
    return drawn(high * (2 if twice else 1))


def test_a_panel_is_called_as_its_function_is() -> None:
    assert growth().sentence == "To 4."
    assert growth(high=3, twice=True).sentence == "To 6."
    assert growth.asks == "How far does it grow?"
    assert growth.said({}) == "high 4, law one, twice off"
    assert growth.settings({"law": "two"}) == {"high": 4, "law": "two", "twice": False}
    assert repr(growth) == "It grows. To 4."


def test_a_panel_refuses_what_its_controls_do() -> None:
    with pytest.raises(ValueError, match="high is from 1 to 9, not 10"):
        growth(high=10)
    with pytest.raises(ValueError, match=r"growth has no control 'hihg', only high, law, twice"):
        growth(hihg=1)
    with pytest.raises(ValueError, match="no control 'xxx"):
        growth.settings({"x" * 1000: 1})


def nothing_asked(high: Annotated[int, Range(1, 9, 1)] = 4) -> Picture:
    return drawn(high)


def nothing_set() -> Picture:
    """What now?"""
    return drawn()


def no_range(high: int = 4) -> Picture:
    """What now?"""
    return drawn(high)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (nothing_asked, "needs a docstring: what it asks the reader"),
        (nothing_set, "has nothing to set"),
        (no_range, "a panel's high needs Range, Choices, Literal or bool"),
    ],
)
def test_a_function_that_is_no_panel_is_refused(call: Callable[..., Picture], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        panel(call)


def test_a_panel_is_found_by_its_address() -> None:
    assert topic.sawtooth.name == "congestion.sawtooth"
    assert find("congestion.sawtooth") is topic.sawtooth
    found = list(panels())
    assert topic.sawtooth in found
    assert [find(one.name) for one in found] == found
    assert len({one.name for one in found}) == len(found)


NOWHERE = (
    *("", ".", "sawtooth", "congestion", "congestion.", "congestion.rounds", "congestion.sawtooth.call"),
    *("panel.Panel", "os.system", "..congestion.sawtooth", "nowhere.at_all", "congestion.__class__"),
    *("x" * 10_000, "a b.c", "\ud800.x"),
)


@pytest.mark.parametrize("name", NOWHERE, ids=ascii)
def test_what_is_no_panel_is_not_found(name: str) -> None:
    with pytest.raises(ValueError, match="there is no panel") as refused:
        find(name)
    assert len(str(refused.value)) < 100


def test_in_a_notebook_the_defaults_are_shown_with_the_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    def paint(picture: Picture) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/plain": repr(picture)}, {"netlab": {"title": picture.title}}

    monkeypatch.setattr(Picture, "painter", None)
    assert growth._repr_mimebundle_() == ({"text/plain": "It grows. To 4."}, {})
    monkeypatch.setattr(Picture, "painter", paint)
    data, metadata = growth._repr_mimebundle_()
    assert data == {"text/plain": "It grows. To 4."}
    assert metadata["netlab"]["panel"].startswith("<form ")


def test_a_long_run_says_how_far_it_is() -> None:
    heard: list[float] = []
    listen(heard.append)
    progress(0.5)
    listen(lambda done: None)
    progress(1.0)
    assert heard == [0.5]


def test_a_panel_is_a_panel() -> None:
    assert isinstance(growth, Panel)
    assert list(growth.controls) == ["high", "law", "twice"]
