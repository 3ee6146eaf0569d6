"""What every notebook of the book must be, as functions from a notebook to sentences about what it lacks.

What a chapter must be besides stands in tests/chapters.py. tests/test_notebooks.py shows both honest and broken ones.
"""

import ast
import base64
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import nbformat

from tests.house import Module, fixed_ports, hides_failures, sleeps

MOST_CELLS, MOST_LINES, MOST_WORDS, MOST_FIGURES = 25, 12, 2_500, 8
MOST_PNG, MOST_BYTES = 60_000, 600_000
LEAST_FACTS, MOST_IGNORED = 5, 2

Notebook = Any  # nbformat has no types
Cell = Any

# ------------------------------------------------------------------------------------------------------------ reading


class Block(NamedTuple):
    """A fenced block of MyST: "{admonition} Predict", its options, and the lines between its fences."""

    name: str
    title: str
    options: dict[str, str]
    body: str

    @property
    def literal(self) -> bool:
        """Whether the body is no Markdown: code, formulas, another language."""
        return not self.name.startswith("{") or self.name in LITERAL


LITERAL = {"{code-block}", "{code}", "{code-cell}", "{literalinclude}", "{math}", "{raw}", "{eval-rst}"}


def pieces(text: str) -> Iterator[str | Block]:
    """Yield the lines of a Markdown text, and its fenced blocks as one piece each."""
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        opening = re.match(r"\s*(`{3,}|:{3,}|~{3,})(.*)$", line)
        if not opening:
            yield line
            continue
        fence = opening[1]
        closing = re.compile(rf"\s*{fence[0]}{{{len(fence)},}}\s*")
        end = next((n for n, line in enumerate(lines) if closing.fullmatch(line)), len(lines))
        inside, lines = lines[:end], lines[end + 1 :]
        options = {}
        while inside and (option := re.match(r"\s*:([\w-]+):\s*(.*)$", inside[0])):
            options[option[1]] = option[2].strip()
            inside.pop(0)
        name, _, title = opening[2].strip().partition(" ")
        yield Block(name, title.strip(), options, "\n".join(inside))


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of ``text``, outer ones before those within them."""
    for piece in pieces(text):
        if isinstance(piece, Block):
            yield piece
            yield from () if piece.literal else blocks(piece.body)


def prose(text: str) -> str:
    """Return the words of a Markdown text that everybody reads: no code, no tags, no targets, no names of directives.

    What is folded away is read by those who open it: dropdowns (their titles count), and the reasons in a quiz.
    """
    lines = []
    for piece in pieces(re.sub(r"<!--.*?-->|<small>.*?</small>", " ", text, flags=re.S)):
        if isinstance(piece, str):
            lines.append(re.sub(r"\]\([^)]*\)", "]", re.sub(r"<[^>]+>|\{[\w:-]+\}(?=`)", " ", piece)))
        elif piece.name == "{dropdown}":
            lines.append(piece.title)
        elif not piece.literal:
            lines += [piece.title, prose(piece.body)]
    return "\n".join(lines)


def words(notebook: Notebook) -> int:
    """Return how many words of prose a notebook has."""
    return sum(len(re.findall(r"\w[\w'’.,/×-]*", prose(cell.source))) for cell in markdown(notebook))


def markdown(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def code(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def figures(notebook: Notebook) -> list[Any]:
    """Return the outputs that are pictures."""
    return [
        out for cell in code(notebook) for out in cell.outputs if "title" in out.get("metadata", {}).get("netlab", {})
    ]


def said(cell: Cell) -> str:
    """Return what the outputs of a code cell say in words."""
    return "\n".join(out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in cell.outputs)


# ------------------------------------------------------------------------------------------------------ every notebook


def faults(notebook: Notebook) -> list[str]:
    """Return what is wrong with a notebook, whatever it teaches."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"this is no notebook: {error}"]
    rules = (unexecuted, unchecked, unreadable, away, too_much, unsaid)
    return [fault for rule in rules for fault in rule(notebook)]


def unexecuted(notebook: Notebook) -> Iterator[str]:
    """Outputs are committed, those of one run from top to bottom, and nothing failed in it."""
    for n, cell in enumerate(code(notebook), 1):
        if cell.execution_count is None:
            yield f"{place(cell)} was not executed"
        elif cell.execution_count != n:
            yield f"{place(cell)} was executed as number {cell.execution_count}, not {n}: run them all, in order"
        for out in cell.outputs:
            if out.output_type == "error":
                yield f"{place(cell)} failed: {out.ename}"
            if out.output_type == "stream" and out.name == "stderr":
                yield f"{place(cell)} complained: {out.text.splitlines()[0]}"


def unchecked(notebook: Notebook) -> Iterator[str]:
    """nbval runs every cell and compares what it says, and enough is said that could be wrong."""
    for cell in code(notebook):
        for tag in sorted(tags(cell) & {"nbval-skip", "skip-execution", "raises-exception", "nbval-raises-exception"}):
            yield f"{place(cell)} is tagged {tag}: every cell runs, and none fails"
    ignored = sum(not compared(cell) for cell in code(notebook))
    if ignored > MOST_IGNORED:
        yield f"{ignored} cells are not compared (nbval-ignore-output), and {MOST_IGNORED} are the most"
    checked = asserts(notebook) + sum(compared(cell) and bool(printed(cell)) for cell in code(notebook))
    if checked < LEAST_FACTS:
        yield f"{checked} facts are checked, by an assert or by text that is compared, and {LEAST_FACTS} are the least"


def tags(cell: Cell) -> set[str]:
    """Return a cell's tags: those in its metadata, and nbval's own, which may stand in a comment too."""
    marks = re.findall(r"#\s*((?:NBVAL|PYTEST_VALIDATE)_\w+)", cell.source)
    return {tag.lower().replace("_", "-") for tag in [*cell.metadata.get("tags", []), *marks]}


def compared(cell: Cell) -> bool:
    return not tags(cell) & {"nbval-ignore-output", "pytest-validate-ignore-output"}


def printed(cell: Cell) -> str:
    """Return what a cell says, but for the words of a figure and the verdict on an answer that nobody gave."""
    texts = [out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in cell.outputs
             if "netlab" not in out.get("metadata", {})]  # fmt: skip
    return "" if "not answered yet" in said(cell) else "".join(texts).strip()


def asserts(notebook: Notebook) -> int:
    """Return how many facts are asserted: of something that can be false."""
    return sum(
        isinstance(node, ast.Assert) and not isinstance(node.test, (ast.Constant, ast.Tuple))
        for cell in code(notebook)
        for node in walked(cell)
    )


def walked(cell: Cell) -> Iterator[ast.AST]:
    """Yield the nodes of a cell's syntax tree; of a cell that is no Python, none (``unreadable`` tells)."""
    try:
        yield from ast.walk(ast.parse(cell.source))
    except SyntaxError:
        return


def unreadable(notebook: Notebook) -> Iterator[str]:
    """A cell is a few lines of plain Python that keep the house's own laws."""
    for cell in code(notebook):
        lines = cell.source.strip().splitlines()
        if not lines:
            yield f"{place(cell)} is empty"
        if len(lines) > MOST_LINES:
            yield f"{place(cell)} has {len(lines)} lines, and {MOST_LINES} are the most"
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"{place(cell)} is not plain Python: {error.msg}"
            continue
        for law in (sleeps, fixed_ports, hides_failures):
            yield from law(Module(place(cell), cell.source))


HERE = r"localhost|127\.[\d.]+|\[::1\]|[\w.-]+\.(?:example|test|invalid|localhost)"  # RFC 6761 keeps these names free
URL = re.compile(rf"\b(?:https?|wss?|ftp)://(?!(?:{HERE})(?:[:/?#\s'\"]|$))[^\s'\"]*")
INSTALL = re.compile(r"\b(?:pip3?|conda|apt(?:-get)?|npm)\b['\", ]+install\b|\bimport pip\b")
PATH = re.compile(r"(?<![\w.:/])/(?:home|root|Users|tmp|work|mnt|private|var/folders)/\w|\b[A-Z]:\\")
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


def away(notebook: Notebook) -> Iterator[str]:
    """Nothing reaches the internet, and nothing is of one machine or of one run."""
    for cell in code(notebook):
        for url in URL.findall(cell.source):
            yield f"{place(cell)} names {url}: no cell reaches the internet"
        if INSTALL.search(cell.source):
            yield f"{place(cell)} installs something"
        for what, text in (("says", cell.source), ("shows", said(cell))):
            if found := PATH.search(text):
                yield f"{place(cell)} {what} a path of one machine: {text[found.start() :].split()[0]}"
        if found := ADDRESS.search(said(cell)):
            yield f"{place(cell)} shows an address that differs from run to run: {found[0]}"


def too_much(notebook: Notebook) -> Iterator[str]:
    """A chapter is read in one sitting, and a notebook is opened in a moment."""
    for what, count, most in (
        ("code cells", len(code(notebook)), MOST_CELLS),
        ("words", words(notebook), MOST_WORDS),
        ("figures", len(figures(notebook)), MOST_FIGURES),
        ("bytes", len(str(nbformat.writes(notebook)).encode()), MOST_BYTES),
    ):
        if count > most:
            yield f"{count:,} {what}, and {most:,} are the most"


def unsaid(notebook: Notebook) -> Iterator[str]:
    """Every picture is one that says what it shows: title, sentence and caption, and a PNG for every viewer."""
    for cell in code(notebook):
        for out in cell.outputs:
            if any(mime.startswith("image/") for mime in out.get("data", {})) and out not in figures(notebook):
                yield f"{place(cell)} shows a picture that says nothing: display a netlab Picture"
    for out in figures(notebook):
        yield from (f"the figure {out.metadata['netlab']['title']!r} {fault}" for fault in figure_faults(out))
    for cell in markdown(notebook):
        for alt, target in re.findall(r"!\[([^]]*)\]\(([^)]*)\)", cell.source):
            if not alt.strip() or "://" in target:
                yield f"{place(cell)}: the picture {target} has no words, or is not the book's own"


def figure_faults(out: Any) -> Iterator[str]:
    """Yield what one figure lacks."""
    about, png = out.metadata["netlab"], base64.b64decode(out.data.get("image/png", ""))
    for word in ("title", "sentence", "caption"):
        if not str(about.get(word, "")).strip():
            yield f"has no {word}"
    if out.data.get("text/plain") != f"{about['title']}. {about.get('sentence')}":
        yield "is told by other words than its title and its sentence"
    if out.metadata.get("image/png", {}).get("alt") != about.get("sentence"):
        yield "has an alt text that is not its sentence"
    if not png:
        yield "has no PNG, so that a plain notebook shows nothing"
    if len(png) > MOST_PNG:
        yield f"has {len(png):,} bytes, and {MOST_PNG:,} are the most"


def place(cell: Cell) -> str:
    """Return a cell as somebody would point at it: by its first line."""
    line = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"cell `{line.strip()[:60]}`"
