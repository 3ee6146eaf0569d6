"""A panel's controls as HTML: labels, sliders, menus, buttons. The page's script brings them to life.

Everything is there before any script runs, so that nothing jumps; without script the form stays hidden, because it
could do nothing.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from netlab.live.controls import Control, Value

if TYPE_CHECKING:
    from netlab.live.panel import Panel


def form(panel: Panel) -> str:
    """Return the panel's form. The script finds all that it needs in its attributes."""
    name = escape(panel.name)
    controls = "".join(field(panel.name, one) for one in panel.controls.values())
    return (
        f'<form class="nl-panel" data-panel="{name}" autocomplete="off" novalidate hidden>'
        f'<p class="nl-asks">{escape(panel.asks)}</p><div class="nl-controls">{controls}</div>'
        '<div class="nl-buttons"><button type="submit" class="nl-run">Run it here</button>'
        '<button type="button" class="nl-stop" hidden>Stop</button>'
        '<button type="reset" class="nl-reset">Reset</button>'
        '<progress class="nl-progress" max="1" aria-label="How much is done" hidden></progress></div>'
        '<p class="nl-says" role="status"></p></form>'
    )


def field(panel: str, control: Control) -> str:
    """Return one control with its label and the place where it is told what is wrong."""
    name, label = escape(control.name), escape(control.label)
    ident = f"nl-{escape(panel).replace('.', '-')}-{name}"
    wrong = f'<span class="nl-wrong" id="{ident}-wrong" role="alert"></span>'
    if control.range:
        low, high, step, unit = control.range
        kind = "int" if control.whole else "float"
        limits = f'min="{low:g}" max="{high:g}" step="{step:g}" value="{control.default:g}"'
        behind = f'<span class="nl-unit">{escape(unit)}</span>' if unit else ""
        inner = (
            f'<label for="{ident}">{label}</label>'
            f'<input type="range" {limits} aria-label="{label}, slider" data-twin="{ident}">'
            f'<span class="nl-exact"><input type="text" inputmode="decimal" id="{ident}" name="{name}" '
            f'value="{control.default:g}" data-kind="{kind}" data-low="{low:g}" data-high="{high:g}" size="5" '
            f'data-unit="{escape(unit)}" aria-describedby="{ident}-wrong">{behind}</span>'
        )
    elif control.choices:
        options = "".join(option(choice, choice == control.default, control.unit) for choice in control.choices)
        kind = "text" if isinstance(control.default, str) else "choice"
        inner = (
            f'<label for="{ident}">{label}</label>'
            f'<select id="{ident}" name="{name}" data-kind="{kind}" aria-describedby="{ident}-wrong">{options}</select>'
        )
    else:
        checked = " checked" if control.default else ""
        inner = (
            f'<label for="{ident}">{label}</label>'
            f'<input type="checkbox" id="{ident}" name="{name}" data-kind="switch"{checked}>'
        )
    return f'<div class="nl-control">{inner}{wrong}</div>'


def option(choice: Value, chosen: bool, unit: str) -> str:
    """Return one entry of a menu."""
    text = f"{choice:g}" if isinstance(choice, float) else f"{choice}"
    shown = f"{text} {unit}" if unit else text
    return f'<option value="{escape(text)}"{" selected" if chosen else ""}>{escape(shown)}</option>'
