"""The form of the page "Explain my bytes", made from the library's own table of protocols::

    ```{explain}
    ```

A protocol that joins ``netlab.explain.PROTOCOLS`` is in the menu at the next build.
"""

from __future__ import annotations

from base64 import encodebytes
from html import escape
from typing import Any, ClassVar, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from netlab.explain import PROTOCOLS


class Sample(NamedTuple):
    """Bytes to begin with: what they are called, and as what they are pasted."""

    name: str
    text: str


HANDSHAKE = (  # RFC 6455 §1.3, less the headers that are optional
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SAMPLES = [
    Sample("A WebSocket message", "81 85 37 fa 21 3d 7f 9f 4d 51 58"),  # RFC 6455 §5.7
    Sample(
        "A ping, as tcpdump -XX prints it",
        "\t0x0000:  0200 0000 0002 0200 0000 0001 0800 4500  ..............E.\n"
        "\t0x0010:  001c 0001 0000 4001 f6dc c000 0201 c000  ......@.........\n"
        "\t0x0020:  0202 0800 f7fd 0001 0001                 ..........",
    ),
    Sample("A rule broken", "09 85 37 fa 21 3d 7f 9f 4d 51 58"),  # a PING with FIN 0: RFC 6455 §5.5
    Sample("A handshake, in base64", encodebytes(HANDSHAKE).decode().strip()),
]


class Explain(SphinxDirective):
    """The form; a script brings it to life (book/_live/explain.js)."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the form as HTML, which no other format has."""
        return [nodes.raw("", form(), format="html")]


def form() -> str:
    """Return the form: the field, the protocols, samples."""
    options = "".join(f'<option value="{escape(name)}">{escape(one.title)}</option>' for name, one in PROTOCOLS.items())
    samples = "".join(
        f'<button type="button" data-sample="{escape(sample.text)}">{escape(sample.name)}</button>'
        for sample in SAMPLES
    )
    return (
        '<form class="nl-explain" autocomplete="off" hidden>'
        '<label for="nl-bytes">Bytes, in hex or base64, or a hexdump</label>'
        '<textarea id="nl-bytes" name="bytes" rows="6" spellcheck="false" autocapitalize="off" '
        'placeholder="81 85 37 fa 21 3d 7f 9f 4d 51 58"></textarea>'
        '<div class="nl-row"><label>Read them as <select name="protocol"><option value="">what they look like</option>'
        f"{options}</select></label>"
        '<label>Or take a file, a capture or any other: <input type="file" name="file"></label></div>'
        '<div class="nl-row"><button type="submit">Explain</button>'
        '<button type="button" class="nl-stop" hidden>Stop</button><span class="nl-try">Try:</span>'
        f"{samples}</div>"
        '<p class="nl-says" role="status"></p></form>'
        "<noscript><p>This needs a script. In a terminal <code>python -m netlab explain</code> does the same.</p>"
        "</noscript>"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Give MyST the directive."""
    app.add_directive("explain", Explain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
