"""The messages of a conversation as a list in the page, and the buttons' words: step through them, one by one.

The arrows are the picture's own: each carries the number of its message (``data-m``), and so does the message's row.
A script (the book's ``step.js``) builds the buttons and shows one message after the other. Without script, and in
print, the picture is whole, and the list tells the same.
"""

from __future__ import annotations

from html import escape

from netlab.picture import LOST, Conversation, Hue, Message
from netlab.show.clockwork import spoken
from netlab.show.conversation import hosts_of, hue_of
from netlab.show.style import legible


def messages(drawing: Conversation) -> str:
    """Return the messages as an HTML list, folded, in the order of time: when, who to whom, what, and the first bytes.

    Each row also has the words that are said of it when the reader steps to it (``data-says``).
    """
    hosts, listed = hosts_of(drawing), sorted(drawing.messages, key=lambda m: m.time)
    rows = [row(n, m, said(m, pair=len(hosts) == 2), hue(m, hosts)) for n, m in enumerate(listed)]
    count = "The one message" if len(rows) == 1 else f"All {len(rows)} messages"
    return f"<details><summary>{count}</summary><ol>{''.join(rows)}</ol></details>"


def hue(m: Message, hosts: list[str]) -> Hue:
    """Return the colour that a message has in the picture."""
    return LOST if m.lost else m.hue or hue_of(m.src, hosts)


def said(m: Message, *, pair: bool) -> str:
    """Return a message in words; between a ``pair`` of hosts it goes without saying to whom.

    >>> said(Message(0.02, "server", "client", "SYN-ACK", 60), pair=True)
    'server sends SYN-ACK at 20 ms, 60 bytes'
    """
    to, lost = "" if pair else f" to {m.dst}", ", lost on the way" if m.lost else ""
    size = f", {weight(m.size)}" if m.size else ""
    return f"{m.src} sends {m.label}{to} at {spoken(m.time)}{size}{lost}"


def weight(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size:,} byte{'' if size == 1 else 's'}"


def row(n: int, m: Message, says: str, hue: Hue) -> str:
    """Return one message's row; an ellipsis says that it has more bytes than are known."""
    cells = {"at": spoken(m.time), "way": f"{m.src} → {m.dst}", "name": m.label, "size": weight(m.size) * bool(m.size)}
    spans = "".join(f'<span class="{name}">{escape(legible(text))}</span>' for name, text in cells.items() if text)
    octets = f"<code>{m.data.hex(' ')}{' …' if len(m.data) < m.size else ''}</code>" if m.data else ""
    return f'<li data-m="{n}" class="nl-{hue.value}" data-says="{escape(legible(says))}">{spans}{octets}</li>'
