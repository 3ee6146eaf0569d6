"""What a chapter must be besides a sound notebook: its furniture, its exercises, and all that it has to cover."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from netlab.exercises import Checker, Verdict
from tests.notebooks import LEAST_FACTS, Block, Cell, Notebook, asserts, blocks, code, figures, markdown, said, walked

MINUTES = range(25, 41)

# ----------------------------------------------------------------------------------------------------------- furniture


def labels(text: str) -> list[str]:
    """Return what a text calls its parts: headings, titles of blocks, and words in bold."""
    headings = re.findall(r"^#{2,}\s+(.+)$|\*\*(.+?)\*\*", text, flags=re.M)
    return [a or b for a, b in headings] + [block.title for block in blocks(text)]


def boxes(text: str, kind: str) -> list[Block]:
    return [b for b in blocks(text) if b.name == "{admonition}" and kind in b.options.get("class", "").split()]


FURNITURE = {  # what a label must say
    "why it matters in production": r"\bproduction\b",
    "common mistakes": r"\bcommon mistakes?\b",
    "what to use instead of this code": r"\binstead of (?:this|our|the) code\b",
    "a cheat sheet": r"\bcheat sheet\b",
    "the RFC sections": r"\bRFCs\b|\bRFC sections\b",
    "the next chapter": r"^next\b",
}


def chapter_faults(notebook: Notebook, module: str, *, first: bool = False) -> list[str]:
    """Return what a chapter lacks; ``module`` is its address ("web/http2"), the ``first`` has nothing to recall."""
    text = "\n\n".join(cell.source for cell in markdown(notebook))
    return [
        *fact_faults(notebook),
        *card_faults(text, module),
        *furniture_faults(text, first=first),
        *quiz_faults(text),
        *exercise_faults(notebook, module),
    ]


def fact_faults(notebook: Notebook) -> Iterator[str]:
    """A chapter asserts what it claims: that an output is what it was yesterday would not be enough."""
    if (checked := asserts(notebook)) < LEAST_FACTS:
        yield f"{checked} facts are asserted, and {LEAST_FACTS} are the least in a chapter"


def card_faults(text: str, module: str) -> Iterator[str]:
    """Yield what the card on top lacks."""
    if not boxes(re.split(r"^## ", text, flags=re.M)[0], "chapter"):
        yield "there is no card on top (an admonition of class chapter, before the first section)"
        return
    card = boxes(text, "chapter")[0]
    told = re.search(r"(\d+) minutes", card.body)
    if not told or int(told[1]) not in MINUTES:
        yield f"the card does not promise {MINUTES[0]} to {MINUTES[-1]} minutes"
    for what, pattern in {
        "what the reader will be able to do": r"\b(?:can|able to)\b",
        "what it needs": r"\*\*Needs\*\*",
        "its RFCs": r"\bRFC \d+",
        f"its module, netlab.{module.replace('/', '.')}": rf"`netlab\.{module.replace('/', '.')}`",
    }.items():
        if not re.search(pattern, f"{card.title}\n{card.body}"):
            yield f"the card does not say {what}"


def furniture_faults(text: str, *, first: bool) -> Iterator[str]:
    """Yield the boxes and parts that are missing."""
    for kind in ("predict", "takeaway", "break"):
        if not boxes(text, kind):
            yield f"there is no {kind} box (an admonition of class {kind})"
    names = labels(text)
    for what, pattern in FURNITURE.items():
        if not any(re.search(pattern, name, flags=re.I) for name in names):
            yield f"nothing is called {what}"
    asked = sum(block.body.count("?") for block in boxes(text, "recall"))
    if not first and asked < 2:
        yield f"{asked} questions recall earlier chapters (in admonitions of class recall), and 2 are the least"


def quiz_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the quiz: questions with one right answer, and a reason for each answer."""
    questions = re.findall(r'<fieldset class="nl-quiz">(.*?)</fieldset>', text, flags=re.S)
    if not 3 <= len(questions) <= 4:
        yield f"the quiz has {len(questions)} questions, and not 3 or 4"
    groups = [set(re.findall(r'name="([^"]+)"', question)) for question in questions]
    if any(len(group) != 1 for group in groups) or len(set.union(set(), *groups)) != len(groups):
        yield "the answers of a quiz question share one name, which no other question has"
    for question in questions:
        asked = re.search(r"<legend>(.*?)</legend>", question, flags=re.S)
        title = asked[1].strip() if asked else ""
        if not title:
            yield "a quiz question asks nothing (no legend)"
        answers = re.findall(r'<label class="(\w+)">(.*?)</label>', question, flags=re.S)
        if (
            len(answers) < 2
            or [kind for kind, _ in answers].count("yes") != 1
            or question.count("<label") != len(answers)
        ):
            yield f"the quiz question {title!r} has not one right answer (class yes) among wrong ones (class no)"
        for _, answer in answers:
            if not re.search(r"<small>\s*\w.*?</small>", answer, flags=re.S):
                yield f"an answer to the quiz question {title!r} has no reason: {re.sub('<.*?>', '', answer)!r}"


# ----------------------------------------------------------------------------------------------------------- exercises


class Exercise(NamedTuple):
    """An exercise as it stands in a notebook: its title and label, its cell, the name of its check, its solution."""

    title: str
    label: str
    cell: Cell | None
    check: str
    solution: str
    ended: bool

    @property
    def python(self) -> str:
        """The code of the folded solution."""
        return "\n".join(block.body for block in blocks(self.solution) if block.name == "python")


def exercises(notebook: Notebook) -> list[Exercise]:
    """Return the exercises of a notebook, in order."""
    found: list[Exercise] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if found and not found[-1].ended and (found[-1].cell is None or asked(cell)):
                found[-1] = found[-1]._replace(cell=cell, check=asked(cell))
            continue
        if cell.cell_type != "markdown":
            continue
        for block in blocks(cell.source):
            if block.name == "{exercise-start}":
                found.append(Exercise(block.title, block.options.get("label", ""), None, "", "", False))
            elif block.name == "{exercise-end}" and found:
                found[-1] = found[-1]._replace(ended=True)
            elif block.name == "{dropdown}" and found and solves(block, found[-1]):
                found[-1] = found[-1]._replace(solution=block.body)
    return found


def solves(block: Block, one: Exercise) -> bool:
    """Return whether a dropdown holds the solution: it says so, or it is the first below an open question."""
    return block.title.startswith("Solution") or not (one.check or one.solution or block.title.startswith("Hint"))


def asked(cell: Cell) -> str:
    """Return the name in the ``check("topic.name", …)`` that ends a cell; "" where it ends otherwise."""
    call = last_call(cell)
    name = call.args[0] if call and call.args else None
    return str(name.value) if isinstance(name, ast.Constant) else ""


def last_call(cell: Cell) -> ast.Call | None:
    """Return the call of ``check`` that ends a cell."""
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:  # another rule tells
        return None
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    return last if isinstance(last, ast.Call) and ast.unparse(last.func) == "check" else None


def exercise_faults(notebook: Notebook, module: str) -> Iterator[str]:
    """Yield what is wrong with the exercises, without running one."""
    found = exercises(notebook)
    if not 3 <= len(found) <= 5:
        yield f"there are {len(found)} exercises, and not 3 to 5"
    names = [one.label for one in found]
    if "" in names or len(set(names)) != len(names):
        yield "each exercise has a label of its own"
    topic = module.rpartition("/")[2]
    for one in found:
        if not one.ended:
            yield f"the exercise {one.title!r} does not end (exercise-end)"
        if not one.solution.strip():
            yield f"the exercise {one.title!r} has no folded solution (a dropdown named Solution)"
        if one.check and not one.python:
            yield f"the solution of the exercise {one.title!r} has no Python to run"
        if one.check and one.check.partition(".")[0] != topic:
            yield f"the exercise {one.title!r} asks for {one.check}, which is another chapter's"
        if one.cell and one.check and "not answered yet" not in said(one.cell):
            yield f"the exercise {one.title!r} is stored with an answer: it should say that there is none yet"
    if not any(one.check for one in found):
        yield "no exercise is checked"


def answers(notebook: Notebook, one: Exercise) -> tuple[Verdict, Verdict]:
    """Return what is said of an exercise as it stands, and of its folded solution.

    Both run as they do for a reader who has run nothing but the chapter's imports.
    """
    return verdict(notebook, one, ""), verdict(notebook, one, one.python)


def verdict(notebook: Notebook, one: Exercise, solution: str) -> Verdict:
    """Run the cell of an exercise without its last line, then ``solution``, then what the last line asks."""
    call = last_call(one.cell) if one.cell else None
    assert one.cell is not None, one.title
    assert call is not None, f"{one.title} ends without check(...)"
    names: dict[str, Any] = {"__name__": "__main__"}
    for statement in imported(code(notebook)):
        exec(compile(ast.Module([statement], []), "<imports>", "exec"), names)
    names["check"] = Checker().check
    blanks = ast.Module(ast.parse(one.cell.source).body[:-1], [])
    exec(compile(blanks, "<exercise>", "exec"), names)
    exec(compile(solution, "<solution>", "exec"), names)
    said_of: Verdict = eval(compile(ast.Expression(call), "<check>", "eval"), names)
    return said_of


def imported(cells: Iterable[Cell]) -> Iterator[ast.stmt]:
    """Yield the imports of cells; the room that draws is left out, because it takes its time and answers nothing."""
    for node in (node for cell in cells for node in walked(cell)):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "netlab.show" not in ast.unparse(node):
            yield node


# ------------------------------------------------------------------------------------------------------ what is covered


class Item(NamedTuple):
    """Something that a chapter must teach: said in our words, and by what it is found there."""

    chapter: int
    says: str
    words: list[str]
    where: str = "anywhere"


def passages(notebook: Notebook, where: str) -> Iterator[str]:
    """Yield the pieces of a notebook in which an item's words must stand together: a cell, or a figure's words."""
    for out in figures(notebook):
        about = out.metadata["netlab"]
        yield " ".join(str(about.get(word, "")) for word in ("title", "note", "caption", "sentence"))
    if where == "anywhere":
        yield from (cell.source for cell in markdown(notebook))
        yield from (f"{cell.source}\n{said(cell)}" for cell in code(notebook))


def uncovered(notebook: Notebook, items: Iterable[Item]) -> list[str]:
    """Return the items that a notebook does not teach: no passage has all of an item's words."""
    return [
        f"{item.says} (no {'figure' if item.where == 'figure' else 'passage'} has all of {item.words})"
        for item in items
        if not any(
            all(re.search(word, passage, flags=re.I) for word in item.words)
            for passage in passages(notebook, item.where)
        )
    ]
