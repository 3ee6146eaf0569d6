"""matplotlib's SVG at a third of its size: short numbers, no unused ids, no empty groups, dots as one path."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import groupby

from netlab.show.style import BODY, INK, legible

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
ET.register_namespace("", SVG[1:-1])
ET.register_namespace("xlink", XLINK[1:-1])
NUMBER = re.compile(r"-?\d+\.\d+")
DECIMAL = re.compile(r"-?\d+(?:\.\d+)?")
TAG = re.compile(r"<[^>]+>")  # the serialiser writes a > of an attribute's value as &gt;
FONT = re.compile(r"font: (?:(\d+|bold) )?([\d.]+px) ([^;]+)")  # older matplotlibs say it in one property
MARK = re.compile(r"([fma])(\d+)")  # what a part of the drawing belongs to, and its number there
DATA = {"f": "data-f", "m": "data-m", "a": "data-after"}  # a field of some bytes; a message; seen from a message on
KEPT = {
    "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
    "text-anchor", "font-weight", "font-size",
}  # fmt: skip


def tidy(svg: str, alt: str) -> str:
    """Return the same drawing, smaller, as an image named ``alt``, in single quotes (JSON escapes double ones)."""
    root = ET.fromstring(svg)
    size = (root.get("viewBox") or "").split()[2:]
    clean(root, used=set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", svg)))
    drop_clips(root)
    join_dots(root)
    gather(root)
    root.attrib.clear()
    root.attrib |= {"viewBox": f"0 0 {' '.join(size)}", "role": "img", "aria-label": legible(alt), "fill": INK}
    root.attrib |= {"font-family": "Inter, system-ui, sans-serif", "font-size": f"{BODY:g}", "stroke-linejoin": "round"}
    opening, _, rest = ET.tostring(root, encoding="unicode").partition(">")  # the alt text may hold numbers
    return quoted(opening + ">") + TAG.sub(lambda tag: NUMBER.sub(short, quoted(tag[0])), rest)


def quoted(tag: str) -> str:
    """Return a tag with its attributes in single quotes."""
    return tag.replace(" />", "/>").replace("'", "&#39;").replace('"', "'")


def clean(node: ET.Element, used: set[str]) -> None:
    """Drop from ``node`` what does not show, and say the rest in as few attributes as possible."""
    for child in list(node):
        tag, style = child.tag.removeprefix(SVG), child.get("style", "")
        if tag in ("metadata", "style") or (tag == "path" and "fill: none" in style and "stroke" not in style):
            node.remove(child)
            continue
        clean(child, used)
        child.text, child.tail = (child.text or "").strip() or None, None
        if (name := child.get("id", "")) not in used:
            child.attrib.pop("id", None)
            if mark := MARK.fullmatch(name):
                child.set(DATA[mark[1]], mark[2])
        if path := child.get("d"):
            child.set("d", re.sub(r"\s*([MLCQz])\s*", r"\1", path).replace(" -", "-").strip())
        restyle(child)
        if not child.attrib and (tag == "g" or (tag == "defs" and not len(child))):
            at = list(node).index(child)
            node[at : at + 1] = list(child)


def restyle(child: ET.Element) -> None:
    """Turn a style attribute into presentation attributes, leaving out what the root already says."""
    style = FONT.sub(r"font-weight: \1; font-size: \2; font-family: \3", child.attrib.pop("style", ""))
    for name, value in re.findall(r"([\w-]+): ([^;]+)", style):
        if name in KEPT and not (name == "font-size" and float(value.removesuffix("px")) == BODY):
            child.set(name, value.removesuffix("px") if name == "font-size" else value)
        elif name == "font-family" and "Mono" in value:
            child.set("class", "nl-mono")
    if child.get("transform", "").startswith("rotate(-0 "):
        del child.attrib["transform"]


def short(number: re.Match[str]) -> str:
    """One decimal is a tenth of a pixel; two where the number is itself small."""
    value = float(number[0])
    return f"{round(value, 1 if abs(value) >= 2 else 2) + 0:g}"


def drop_clips(root: ET.Element) -> None:
    """Remove every clip that cuts nothing off, which is nearly every one."""
    used, clips = set(), {clip.get("id"): clip for clip in root.iter(f"{SVG}clipPath")}
    for node in root.iter():
        name = node.get("clip-path", "")[5:-1]
        if name and inside(node, clips[name]):
            del node.attrib["clip-path"]
        elif name:
            used.add(name)
    for parent in list(root.iter()):
        parent[:] = [child for child in parent if child.tag != f"{SVG}clipPath" or child.get("id") in used]
    for parent in list(root.iter()):
        parent[:] = [child for child in parent if child.tag != f"{SVG}defs" or len(child)]


def inside(node: ET.Element, clip: ET.Element) -> bool:
    """Whether all that ``node`` draws is within the rectangle of ``clip``, but for half the width of a line."""
    x, y, wide, high = (float(clip[0].get(side, 0)) for side in ("x", "y", "width", "height"))
    points = [(float(use.get("x", 0)), float(use.get("y", 0))) for use in node.iter(f"{SVG}use")]
    for path in [node] if node.tag == f"{SVG}path" else []:
        numbers = [float(number) for number in DECIMAL.findall(path.get("d", ""))]
        points += zip(numbers[::2], numbers[1::2], strict=False)
    return bool(points) and all(x - 1 <= px <= x + wide + 1 and y - 1 <= py <= y + high + 1 for px, py in points)


def join_dots(root: ET.Element) -> None:
    """Turn each long run of round dots into one path of zero-length strokes with round ends: 13 bytes a dot."""
    marks = {f"#{path.get('id')}": path for path in root.iter(f"{SVG}path") if path.get("id")}
    for parent in list(root.iter()):
        joined: list[ET.Element] = []
        for name, run in groupby(list(parent), lambda child: child.get(f"{XLINK}href", "")):
            dots = list(run)
            mark = marks.get(name, ET.Element("none"))  # a filled circle; rings and crosses have strokes
            round_dot = "C" in mark.get("d", "") and not mark.get("stroke")
            joined += [one_path(dots, mark)] if len(dots) > 7 and round_dot else dots
        parent[:] = joined


def gather(root: ET.Element) -> None:
    """Put neighbours that belong to the same message into one group."""
    for parent in list(root.iter()):
        kept: list[ET.Element] = []
        for child in parent:
            if kept and {"data-m", "data-after"} & set(child.attrib) and child.attrib == kept[-1].attrib:
                kept[-1].extend(child)
            else:
                kept.append(child)
        parent[:] = kept


def one_path(dots: list[ET.Element], mark: ET.Element) -> ET.Element:
    """Return a run of equal dots as one path."""
    radius = max(abs(float(number)) for number in NUMBER.findall(mark.get("d", "")))
    spots = "".join(f"M{dot.get('x')} {dot.get('y')}h0" for dot in dots)
    stroke = {"stroke": dots[0].get("fill", INK), "stroke-width": f"{2 * radius:g}", "stroke-linecap": "round"}
    return ET.Element(f"{SVG}path", {"d": spots, **stroke})
