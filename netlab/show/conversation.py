"""Who sent what to whom, and when: a sequence diagram on a real clock."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes

from netlab.picture import CLIENT, GREY, LOST, SERVER, Conversation, Hue, Message, Note
from netlab.show.clockwork import Heights, Moments, key, order, spoken, tick
from netlab.show.marks import PLAIN, arrow, box, bracket, canvas, cell, cross, label, rule, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import INK, INKS, LEAD, PAPER, PHONE, SMALL, Ink, fits, text_width, wrapped

BAND = 9  # px: how wide the band is that some messages travel in


class Lane(NamedTuple):
    """A host's line: where it is, its colour, and on which side of it there is room for words (−1: left)."""

    x: float
    hue: Hue
    side: int


class Scene(NamedTuple):
    """All that the parts of a conversation need to know of each other."""

    ax: Axes
    drawing: Conversation
    moments: Moments
    lanes: dict[str, Lane]
    width: float
    numbers: list[int]  # of the messages, in the order of time

    def height(self, time: float) -> float:
        """Return the height of an instant: when its last message had arrived, or when its first one left."""
        pairs = zip(self.drawing.messages, self.moments.heights, strict=True)
        arrived = [h.arrives for m, h in pairs if key(m.time + m.delay) == key(time) and not m.lost]
        return max(arrived) if arrived else self.moments.at[key(time)]

    def since(self, time: float) -> str:
        """Return the mark of what is seen from an instant on: from the first message of the last burst until then."""
        times = [key(m.time) for m in self.drawing.messages]
        burst = max((one for one in times if one <= key(time)), default=min(times))
        return f"a{min(n for n, one in zip(self.numbers, times, strict=True) if one == burst)}"


def conversation(ax: Axes, drawing: Conversation, width: float, shared: Shared = ALONE) -> Plan:
    """Draw who sent what to whom, down a real clock: arrows slant by their delay, a long silence is cut short.

    Each message's marks carry its number, so that a page can step through them.
    """
    others = [time for b in drawing.brackets for time in (b.start, b.stop)] + [note.time for note in drawing.notes]
    moments = tick(drawing.messages, others)
    scene = Scene(ax, drawing, moments, lanes_of(drawing, width), width, order(drawing.messages))
    stamped = stamps(scene)
    taken = remark(scene, stamped)
    lowest = max([h.arrives for h in moments.heights] + [words.y + words.high - 8 for words in taken])
    plan = canvas(ax, width, lowest + 20)
    for host in scene.lanes:
        draw_lane(scene, host, lowest + 16)
    left, *_, right = sorted(lane.x for lane in scene.lanes.values())
    for gap in moments.silences:
        small(ax, (left + right) / 2, (gap.top + gap.bottom) / 2, gap.words, bbox=PLAIN)
    for n, m, h in zip(scene.numbers, drawing.messages, moments.heights, strict=True):
        deliver(scene, m, h, f"m{n}")
        entitle(scene, m, h, taken, f"m{n}")
    for b in drawing.brackets:
        x, ends = left - stamp_room(drawing) - 2, (scene.height(b.start), scene.height(b.stop))
        bracket(ax, x, *ends, b.text, gid=scene.since(b.stop))
    return plan


def lanes_of(drawing: Conversation, width: float) -> dict[str, Lane]:
    """Return each host's lane, in the order in which the hosts appear, as far apart as the words beside them allow."""
    hosts, room = hosts_of(drawing), []
    for end in (hosts[0], hosts[-1]):
        notes = [line for note in drawing.notes if note.host == end for line in said(note, width)]
        widest = max([text_width(line, SMALL) + 12 for line in notes], default=0)
        room.append(max(stamp_room(drawing), text_width(end, bold=True) / 2 + 13, widest))
    named = [text_width(line, SMALL) for b in drawing.brackets for line in b.text.split("\n")]
    left, right = room[0] + (max(named) + 16 if named else 0), width - room[1]
    xs = [left + n * (right - left) / (len(hosts) - 1) for n in range(len(hosts))]
    return {
        host: Lane(x, hue_of(host, hosts), 1 if n else -1) for n, (host, x) in enumerate(zip(hosts, xs, strict=True))
    }


def hosts_of(drawing: Conversation) -> list[str]:
    """Return everybody who sends or is sent something, in the order in which they appear."""
    return list(dict.fromkeys(host for m in drawing.messages for host in (m.src, m.dst)))


def hue_of(host: str, hosts: list[str]) -> Hue:
    """Return a host's colour: the first one's is the client's, the last one's the server's."""
    return CLIENT if host == hosts[0] else SERVER if host == hosts[-1] else GREY


def stamp_room(drawing: Conversation) -> float:
    """Return how many px the widest time takes beside its lane."""
    return max(text_width(spoken(m.time), SMALL) for m in drawing.messages) + 12


def said(note: Note, width: float) -> list[str]:
    """Return a note in lines: a phone has no room for long ones beside a lane."""
    return wrapped(note.text, max(72, width * 0.22), SMALL)


def draw_lane(scene: Scene, host: str, bottom: float) -> None:
    """Draw a host's name and its line, dotted where time was cut."""
    (x, hue, _), wide = scene.lanes[host], text_width(host, bold=True) + 22
    rule(scene.ax, (x, 28), (x, bottom), INKS[hue].line, zorder=1)
    for gap in scene.moments.silences:
        rule(scene.ax, (x, gap.top), (x, gap.bottom), PAPER, 3, zorder=1.5)
        rule(scene.ax, (x, gap.top), (x, gap.bottom), INKS[hue].line, dashes=(1, 3), zorder=1.6)
    box(scene.ax, Box(x - wide / 2, 2, wide, 26), INKS[hue], zorder=2)
    label(scene.ax, x, 15.5, host, INKS[hue], ha="center", fontweight=600)


def ink_of(m: Message, scene: Scene) -> Ink:
    """Return a message's colour: its own, or else its sender's; a lost one is brown."""
    return INKS[LOST if m.lost else m.hue or scene.lanes[m.src].hue]


def deliver(scene: Scene, m: Message, h: Heights, mark: str) -> None:
    """Draw one message's way. A lost one ends early, in a cross."""
    ax, x0, x1, ink = scene.ax, scene.lanes[m.src].x, scene.lanes[m.dst].x, ink_of(m, scene)
    side = 1 if x1 > x0 else -1
    if m.lost:
        x, y = x0 + (x1 - x0) * 0.72, h.leaves + (h.arrives - h.leaves) * 0.72
        rule(ax, (x0, h.leaves), (x, y), ink.line, 1.6, zorder=3, gid=mark)
        cross(ax, x, y, gid=mark)
        small(ax, x + side * 9, y, "lost", ink, ha="left" if side > 0 else "right", zorder=5, gid=mark)
        return
    if m.hue:  # a band is seen in grey, too
        rule(ax, (x0 + side * 2, h.leaves), (x1 - side * 6, h.arrives), ink.tint, BAND, zorder=2.5, gid=mark)
    arrow(ax, (x0 + side * 2, h.leaves), (x1 - side * 2, h.arrives), ink.line, zorder=3, gid=mark)


def entitle(scene: Scene, m: Message, h: Heights, taken: list[Box], mark: str) -> None:
    """Write a message's name and size on its line, off its middle, where no other name is yet."""
    x0, x1, ink = scene.lanes[m.src].x, scene.lanes[m.dst].x, ink_of(m, scene)
    long = abs(x1 - x0)
    text = fits(m.label, long * (0.72 if m.lost else 1) - 26, bold=True)
    size = f"{m.size} B" if m.size and scene.width >= PHONE else ""
    wide = text_width(text, bold=True) + (text_width(size, SMALL) + 7 if size else 0)
    room = min(0.5, (wide / 2 + 9) / long)  # a fraction of the way, so that neither end is covered
    shares = [0.36] if m.lost else [min(max(share, room), 1 - room) for share in (0.46, 0.32, 0.6, 0.24, 0.7)]
    spots = [Box(x0 + (x1 - x0) * at - wide / 2, h.leaves + (h.arrives - h.leaves) * at - 9, wide, 18) for at in shares]
    spot = next((one for one in spots if not any(one.around(3).meets(other) for other in taken)), spots[0])
    taken.append(spot)
    same: dict[str, Any] = {"zorder": 5, "gid": mark}  # at one height, so that they are neighbours in the page, too
    if text:
        cell(scene.ax, spot.around(5, 0), PAPER, gap=0, **same)
    label(scene.ax, spot.x, spot.y + 9, text, ink, fontweight=600, **same)
    small(scene.ax, spot.x + wide, spot.y + 9, size, ha="right", **same)


def stamps(scene: Scene) -> set[tuple[float, str]]:
    """Write when messages leave, once per host and instant, beside the outer lanes. Return where that was."""
    hosts, stamped = list(scene.lanes), set[tuple[float, str]]()
    for n, m, h in zip(scene.numbers, scene.drawing.messages, scene.moments.heights, strict=True):
        if (place := (key(m.time), m.src)) not in stamped and m.src in (hosts[0], hosts[-1]):
            lane = scene.lanes[m.src]
            beside(scene, lane.x, lane.side, h.leaves, spoken(m.time), gid=f"a{n}")
            stamped.add(place)
    return stamped


def remark(scene: Scene, stamped: set[tuple[float, str]]) -> list[Box]:
    """Write the notes beside their lanes, each below the stamp of its instant. Return where they are."""
    taken: list[Box] = []
    for note in sorted(scene.drawing.notes):
        lane, y = scene.lanes[note.host], scene.height(note.time)
        side, busy = free_side(scene, note)
        if busy or (key(note.time), note.host) in stamped:
            y += LEAD - 1
        for line in said(note, scene.width):
            wide = text_width(line, SMALL)
            spot = Box(lane.x + 8 if side > 0 else lane.x - 8 - wide, y - 8, wide, LEAD)
            while any(spot.meets(other) for other in taken):
                spot, y = spot._replace(y=spot.y + 1), y + 1
            beside(scene, lane.x, side, y, line, color=INK, gid=scene.since(note.time))
            taken.append(spot)
            y += LEAD
    return taken


def free_side(scene: Scene, note: Note) -> tuple[int, bool]:
    """Return the side of its lane that a note stands on, and whether an arrow ends there in the same instant.

    An arrow that arrives comes from above, and leaves room for a note below it; one that leaves does not.
    """
    lane, busy = scene.lanes[note.host], {-1: 0, 1: 0}
    for m in scene.drawing.messages:
        for time, here, there, cost in ((m.time, m.src, m.dst, 2), (m.time + m.delay, m.dst, m.src, 1)):
            if here == note.host and key(time) == key(note.time):
                side = 1 if scene.lanes[there].x > lane.x else -1
                busy[side] = max(busy[side], cost)
    hosts = list(scene.lanes)
    outer = note.host in (hosts[0], hosts[-1])
    side = lane.side if outer or busy[lane.side] <= busy[-lane.side] else -lane.side
    return side, busy[side] > 0


def beside(scene: Scene, x: float, side: int, y: float, text: str, **more: Any) -> None:
    """Write a few words beside a lane, on one side of it."""
    small(scene.ax, x + side * 8, y, text, ha="left" if side > 0 else "right", bbox=PLAIN, **more)
