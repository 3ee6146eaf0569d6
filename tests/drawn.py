"""What a figure really draws: each line of words with its place, asked of the renderer while it draws."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from math import cos, hypot, radians, sin
from typing import Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure

Corner = tuple[float, float]


class Word(NamedTuple):
    """A line of words, its size in px, and the four corners of what it covers, in px from the top left."""

    text: str
    size: float
    corners: tuple[Corner, ...]

    def shares(self) -> Iterator[tuple[float, float]]:
        """Yield the directions of its sides."""
        for (x0, y0), (x1, y1) in (self.corners[:2], self.corners[1:3]):
            yield x1 - x0, y1 - y0

    def outside(self, width: float, height: float, slack: float = 1.0) -> bool:
        """Whether it leaves a canvas of this size by more than ``slack`` px."""
        return any(not (-slack <= x <= width + slack and -slack <= y <= height + slack) for x, y in self.corners)

    def meets(self, other: "Word", slack: float = 0.0) -> bool:
        """Whether two lines of words overlap by more than ``slack`` px: no line separates them."""
        for dx, dy in (*self.shares(), *other.shares()):
            mine, theirs = ([x * dx + y * dy for x, y in word.corners] for word in (self, other))
            if min(max(mine) - min(theirs), max(theirs) - min(mine)) <= slack * hypot(dx, dy):
                return False
        return True


@contextmanager
def watched(words: list[Word]) -> Iterator[None]:
    """Keep what the renderer is asked to write."""
    draw = RendererAgg.draw_text

    def draw_text(self: RendererAgg, *args: Any, **named: Any) -> None:
        _, x, y, text, font, angle = args[:6]
        wide, _, down = self.get_text_width_height_descent(text, font, False)
        size, turn = font.get_size_in_points(), radians(angle)
        across, up = (cos(turn), -sin(turn)), (-sin(turn), -cos(turn))  # y runs down
        low, high = min(down, size * 0.15), size * 0.74  # to the height of a capital: the least that must stay apart
        spots = [(0, -low), (wide, -low), (wide, high), (0, high)]
        corners = ((x + a * across[0] + b * up[0], y + a * across[1] + b * up[1]) for a, b in spots)
        words.append(Word(text, size, tuple(corners)))
        draw(self, *args, **named)

    RendererAgg.draw_text = draw_text
    try:
        yield
    finally:
        RendererAgg.draw_text = draw


def words_of(figure: Figure) -> list[Word]:
    """Return every line of words that ``figure`` draws at 72 dots per inch, where a px is a px."""
    words: list[Word] = []
    figure.set_dpi(72)
    with watched(words):
        FigureCanvasAgg(figure).draw()
    return [word for word in words if word.text.strip()]


def collisions(words: list[Word], slack: float = 0.0) -> list[tuple[str, str]]:
    """Return the pairs of words that overlap by more than ``slack`` px."""
    return [(a.text, b.text) for a, b in combinations(words, 2) if a.meets(b, slack)]
