"""A panel: a function of a few settings that returns a picture, and knows what its settings are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from inspect import cleandoc, signature
from pkgutil import iter_modules
from typing import Any, get_type_hints

from netlab.live.controls import Value, control, short
from netlab.picture import Bundle, Picture

ROOM = __name__.rpartition(".")[0]

_heard: list[Callable[[float], object]] = []  # who wants to know how far a run is


class Panel:
    """What ``panel`` makes of a function. Its ``name`` is its address, such as "congestion.sawtooth".

    Raises ``TypeError`` or ``ValueError`` where a parameter does not say what a reader may set, or nothing asks the
    reader a question.
    """

    def __init__(self, call: Callable[..., Picture]) -> None:
        self.call = call
        self.name = f"{call.__module__.removeprefix(f'{ROOM}.')}.{call.__name__}"
        self.asks = " ".join(cleandoc(call.__doc__ or "").split())
        if not self.asks:
            raise TypeError(f"the panel {self.name} needs a docstring: what it asks the reader")
        hints = get_type_hints(call, include_extras=True)
        self.controls = {name: control(one, hints.get(name)) for name, one in signature(call).parameters.items()}
        if not self.controls:
            raise TypeError(f"the panel {self.name} has nothing to set")

    def settings(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Return all settings: those of ``values``, checked, and the defaults of the rest.

        Raises ``ValueError`` for a value that is not possible, and for a name that no control has.
        """
        for name in values:
            if name not in self.controls:
                raise ValueError(f"{self.name} has no control {short(name)}, only {', '.join(self.controls)}")
        return {name: one.read(values.get(name, one.default)) for name, one in self.controls.items()}

    def __call__(self, **values: Value) -> Picture:
        """Return the picture with these settings. Raises ``ValueError`` as ``settings`` does."""
        return self.call(**self.settings(values))

    def said(self, values: Mapping[str, object]) -> str:
        """Return all settings in words: with what a result was made."""
        settings = self.settings(values)
        return ", ".join(one.spoken(settings[name]) for name, one in self.controls.items())

    def __repr__(self) -> str:
        """Return what the picture of the defaults says: a notebook's text."""
        return repr(self())

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        """Show the picture of the defaults in a notebook; in a page the controls stand under it."""
        from netlab.live.markup import form  # noqa: PLC0415 - for notebooks alone

        data, metadata = self()._repr_mimebundle_()
        if page := metadata.get("netlab"):
            page["panel"] = form(self)
        return data, metadata


def panel(call: Callable[..., Picture]) -> Panel:
    """Return the function as a panel (a decorator)."""
    return Panel(call)


def find(name: str) -> Panel:
    """Return the panel of that name, such as "congestion.sawtooth". Raises ``ValueError`` where there is none."""
    topic, _, rest = name.partition(".")
    if topic.isidentifier() and find_spec(f"{ROOM}.{topic}"):
        found = getattr(import_module(f"{ROOM}.{topic}"), rest, None)
        if isinstance(found, Panel):
            return found
    raise ValueError(f"there is no panel {short(name)}")


def panels() -> Iterator[Panel]:
    """Yield every panel of the house, topic by topic."""
    for module in iter_modules(import_module(ROOM).__path__):
        found = vars(import_module(f"{ROOM}.{module.name}")).values()
        yield from (one for one in found if isinstance(one, Panel) and one.name.startswith(f"{module.name}."))


def progress(done: float) -> None:
    """Say how much of a long run is done, from 0 to 1. In a page the reader sees it, elsewhere nothing happens."""
    for listener in _heard:
        listener(done)


def listen(listener: Callable[[float], object]) -> None:
    """Let ``listener`` hear of every run's progress, instead of whoever did before."""
    _heard[:] = [listener]
