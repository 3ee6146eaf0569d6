"""What was broken, drawn: a frame cut anywhere, a cache that was asked in four ways, thirty lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlab.picture import FRESH, LOST, Bytes, Grid, Panel, Panels, Picture
from netlab.web.websocket.figures.anatomy import spelled
from netlab.web.websocket.lies import LIES, Judge, Lie, verdict
from netlab.web.websocket.trials import Attack, Cut
from netlab.wire import Span

SEEN = 16  # bytes of a payload that are shown: a row


def cuts(found: Sequence[Cut]) -> Picture:
    """Draw what two parsers make of a frame of which only the beginning has come.

    Raises ``ValueError`` where there is nothing that could have been cut.
    """
    if not found:
        raise ValueError("a frame that was cut nowhere makes no picture")
    silent = [cut for cut in found if cut.naive is not None]
    rows = [f"{cut.at} byte{'s' if cut.at > 1 else ''} of {len(found) + 1}" for cut in found]
    verdicts = [[said(cut), "answers early" if cut.early else "waits"] for cut in found]
    wrong = [(row, 0) for row, cut in enumerate(found) if cut.naive is not None]
    wrong += [(row, 1) for row, cut in enumerate(found) if cut.early]
    crashed = len(found) - len(silent)
    early = sum(cut.early for cut in found)
    return Picture(
        f"{spelled(len(silent)).capitalize()} of {spelled(len(found))} cuts are silent",
        Grid(rows, ["naive parser", "ours"], verdicts, wrong),
        f"A frame of {len(found) + 1} bytes can be cut in {len(found)} places. The naive parser crashes at {crashed} "
        f"of them and gives a wrong answer at {len(silent)}; ours waits for the rest at {len(found) - early}.",
        "What each parser says when it is given only the first bytes of the frame. Filled: an answer that nobody will "
        "notice to be wrong.",
    )


def said(cut: Cut) -> str:
    """Return what the naive parser said, in a word or two."""
    if cut.naive is None:
        return "crashes"
    return f"“{cut.naive.decode('ascii', 'replace')}”, used {cut.used}"


def masks(runs: Mapping[str, Attack]) -> Picture:
    """Draw how a page's question travels under several masks, and what a gullible cache keeps of it."""
    panels = []
    for name, run in runs.items():
        start = run.payload[:SEEN]
        kept = f"the cache keeps {next(iter(run.kept))}" if run.kept else "the cache keeps nothing"
        hue = LOST if run.kept else FRESH
        panels.append(
            Panel(f"{name}: {kept}", Bytes(start, [Span(0, len(start), "", "")], hues={"": hue}, letters=True))
        )
    poisoned = [name for name, run in runs.items() if run.kept]
    clean = [name for name, run in runs.items() if not run.kept]
    return Picture(
        f"The same question, {spelled(len(runs))} masks",
        Panels(panels, stacked=True),
        f"What a page says can be read on the wire, and poisons a cache, with {listed(poisoned)}; it is noise, and the "
        f"cache keeps nothing, with {listed(clean)}.",
        f"The first {SEEN} bytes of the page's payload as a machine in the middle sees them, and what it keeps. Only a "
        "key that the page cannot know takes the bytes out of its hands.",
    )


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "none of them"


def lies(judges: Mapping[str, Judge], told: Sequence[Lie] = LIES) -> Picture:
    """Draw who takes which lie: ``judges`` are servers by their names, the peers' too (see ``lies.Judge``).

    Lies of one kind share a row.
    """
    said_of = {(lie.says, name): verdict(lie, judge) for lie in told for name, judge in judges.items()}
    kinds: dict[str, list[Lie]] = {}
    for lie in told:
        kinds.setdefault(lie.kind or lie.says, []).append(lie)
    table = [[summed(group, [said_of[lie.says, name] for lie in group]) for name in judges] for group in kinds.values()]
    untrue, true = [lie for lie in told if is_lie(lie)], [lie for lie in told if lie.code is None]
    totals = []
    for name in judges:
        words = [said_of[lie.says, name] for lie in untrue]
        late = f" and {words.count('late')} late" if "late" in words else ""
        totals.append(f"{name} refuses {sum(word.isdigit() for word in words)} at once{late}")
    taken = sum(said_of[lie.says, name] == "taken" for lie in true for name in judges)
    return Picture(
        f"{'Thirty' if len(untrue) == 30 else len(untrue)} lies: who notices?",
        Grid(
            [kind if len(group) == 1 else f"{kind} ({len(group)})" for kind, group in kinds.items()],
            list(judges),
            [[word for word, _ in line] for line in table],
            [(row, column) for row, line in enumerate(table) for column, (_, bad) in enumerate(line) if bad],
        ),
        f"Of {len(untrue)} strings of bytes that break a rule, {'; '.join(totals)}. Of {len(true)} that break none, "
        f"each is taken by {'everybody' if taken == len(true) * len(judges) else 'some only'}.",
        "What a client says after the handshake, and how a server refuses it: by which close code, late (at the end of "
        "its message), or not at all. Filled: a lie that was taken, or noticed late. A tick: it breaks no rule, and "
        "was taken. The length of 2⁶³ − 1 breaks none either, but nobody has room for it.",
    )


def summed(group: Sequence[Lie], words: Sequence[str]) -> tuple[str | bool, bool]:
    """Return what a server said to lies of one kind, in a word, and whether it should not have said so.

    For truths that were all taken the word is True: a tick.
    """
    bad = [word for lie, word in zip(group, words, strict=True) if is_wrong(lie, word)]
    if all(lie.code is None for lie in group) and not bad:
        return True, False
    if len(set(words)) == 1 or not bad:
        return ", ".join(dict.fromkeys(words)), bool(bad)
    return f"{len(bad)} of {len(words)} {bad[0]}", True


def is_lie(lie: Lie) -> bool:
    """Return whether it breaks a rule. (What is only too large for us breaks none.)"""
    return lie.code in (1002, 1007)


def is_wrong(lie: Lie, word: str) -> bool:
    """Return whether a server should not have said so: a lie is refused at once, a truth is taken."""
    return not word.isdigit() if is_lie(lie) else lie.code is None and word != "taken"
