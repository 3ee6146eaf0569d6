"""The page's drawings (book/_live/draw) on a bench: a server with the book's letters and colours, and a blank page.

python -m tests.page.draw_gallery FOLDER [NAME ...]     beside matplotlib's, as screenshots: light, dark, on a phone
"""

import json
import shutil
import sys
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from playwright.sync_api import BrowserContext, Page

from netlab.picture import Picture
from tests.page.conftest import NAMES, QUIET, ROOT, Quiet, driver, served

PLOT = "_live/node_modules/@observablehq/plot/dist/plot.umd.min.js"
D3 = "_live/node_modules/d3/dist/d3.min.js"
RULES = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'"
)
BLANK = f"""<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>bench</title>
<link rel="icon" href="_static/favicon.svg"><link rel="stylesheet" href="_static/custom.css">
<script src="{D3}"></script><script src="{PLOT}"></script></head>
<body class="bd-article" style="margin: 0; background: var(--nl-paper); color: var(--nl-ink); font-family: Inter">
</body></html>"""


class Bench(Quiet):
    """Serves the book's sources, and a blank page under the rules that the book's pages live by."""

    def send_head(self) -> BytesIO | BinaryIO | None:
        if self.path != "/":
            return super().send_head()
        body = BLANK.encode()
        self.send_response(200)
        for name, value in {"Content-Type": "text/html", "Content-Security-Policy": RULES}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", f"{len(body)}")
        self.end_headers()
        return BytesIO(body)


def workbench() -> AbstractContextManager[str]:
    """Serve the bench on a free port; the address is what it gives."""
    return served(Bench, ROOT / "book")


def opened(context: BrowserContext, address: str) -> Page:
    """Open the bench, with the drawings' code and the book's letters loaded."""
    page = context.new_page()
    page.goto(address)
    page.evaluate("async () => { window.book = await import('/_live/draw/index.js'); await book.ready() }")
    return page


def plain(picture: Picture) -> dict[str, Any]:
    """Return a picture as a page receives it: as JSON, which has no numbers without end."""
    text = json.dumps(picture.data())
    data: dict[str, Any] = json.loads(text, parse_constant=lambda _: None)
    return data


SHOW = """([pairs, width]) => {
  for (const [theirs, data] of pairs) {
    const row = document.createElement('div');
    row.style = 'display: flex; gap: 40px; padding: 14px 20px; align-items: flex-start; border-bottom: 1px dotted #888';
    for (const one of [theirs, data]) {
      const side = document.createElement('div');
      side.className = 'nl-fig';
      side.style = `width: ${width}px; flex: none; container-type: normal`;
      if (typeof one === 'string') side.innerHTML = one;
      else side.append(book.draw(one, { width, Plot, d3 }));
      row.append(side);
    }
    document.body.append(row);
  }
}"""


def main(folder: Path, names: list[str]) -> None:
    """Write the screenshots."""
    from netlab.show.page import drawing  # noqa: PLC0415 - matplotlib is for this alone
    from netlab.show.paint import svg  # noqa: PLC0415
    from tests.gallery import pictures  # noqa: PLC0415

    shown = {name: one for name, one in pictures().items() if not names or name in names}
    program = next(filter(None, map(shutil.which, NAMES)))
    with workbench() as address, driver() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        for theme, width in (("light", 680), ("dark", 680), ("light", 344), ("dark", 344)):
            context = chromium.new_context(viewport={"width": 2 * width + 80, "height": 800})
            page = opened(context, address)
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            pairs = [
                [drawing(svg(one, width), "mine", name).replace("class='nl-mine'", ""), plain(one)]
                for name, one in shown.items()
            ]
            page.evaluate(SHOW, [pairs, width])
            page.screenshot(path=folder / f"{theme}-{width}.png", full_page=True)
            context.close()
        chromium.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
