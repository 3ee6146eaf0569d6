"""A small chapter without a fault, and the cells it is made of: what the tests of the notebooks' tests break."""

import base64
from typing import Any

import nbformat

from netlab.exercises.congestion.path import PATH, numbers
from tests.notebooks import Cell, Notebook

CARD = """
# How a round grows

A sender does not know what a path can carry.

:::{admonition} After this chapter you can read a window
:class: chapter

- **Takes** 30 minutes
- **Needs** nothing
- **Reads** RFC 5681
- **Code** `netlab.transport.congestion`
:::
"""
BOXES = """
:::{admonition} Predict
:class: predict

**How large is the window after three rounds?**
:::

## Common mistakes

::::{admonition} Break it
:class: break

Set the queue to 0.

```{dropdown} What happened
It was emptied.
```
::::

:::{admonition} Key takeaways
:class: takeaway

- It doubles. **Why it matters in production:** a short answer never leaves slow start.
- **Instead of this code** use the kernel's.
:::

:::{admonition} From earlier chapters
:class: recall

1. What is a port?
2. Who chooses it?
:::
"""
QUESTION = """
<fieldset class="nl-quiz"><legend>What doubles?</legend>
<label class="no"><input type="radio" name="q{n}"><span>The queue.</span><small>It stays.</small></label>
<label class="yes"><input type="radio" name="q{n}"><span>The window.</span><small>Each round trip.</small></label>
</fieldset>
"""
END = """
## Cheat sheet

## RFC sections

## Next

{chapter}`49` asks what the receiver can take ([the page](https://example.com/a/long/way)).
"""
SOLUTION = numbers(PATH)
BLANK = repr(dict.fromkeys(SOLUTION, ...)).replace("Ellipsis", "...")
GROW = """
def grow(cwnd, ssthresh, acked):
    slow = min(acked, max(ssthresh - cwnd, 0))
    return cwnd + slow + (acked - slow) / (cwnd + slow)
"""
PNG = base64.b64encode(b"\x89PNG" + bytes(100)).decode()


def markdown(text: str) -> Cell:
    return nbformat.v4.new_markdown_cell(text.strip())


def code(source: str, *outputs: Any, count: int = 0) -> Cell:
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=count)


def shown(text: str) -> Any:
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


def picture() -> Any:
    data = {"image/png": PNG, "text/plain": "It doubles. From 10 to 20."}
    about = {"title": "It doubles", "sentence": "From 10 to 20.", "caption": "Look at the end.", "note": "Reno"}
    return nbformat.v4.new_output(
        "display_data", data, metadata={"image/png": {"alt": "From 10 to 20."}, "netlab": about}
    )


def exercise(title: str, blank: str, solution: str, *outputs: Any) -> list[Cell]:
    label = title.lower().replace(" ", "-")
    return [
        markdown(f"```{{exercise-start}} {title}\n:label: {label}\n```\nThink first."),
        *([code(blank, *outputs)] if blank else []),
        markdown(f"```{{exercise-end}}\n```\n\n````{{dropdown}} Solution\n{solution}\n````"),
    ]


def honest() -> Notebook:
    """Return a small chapter without a fault."""
    made = nbformat.v4.new_notebook(
        cells=[
            markdown(CARD),
            code("from netlab.exercises import check"),
            markdown(BOXES),
            code("\n".join(f"assert sum(range({n})) < {n * n + 1}" for n in range(5))),
            code("show()", picture()),
            *exercise("Fill in", f'numbers = {BLANK}\ncheck("congestion.path", numbers)',
                      f"Rate and size first.\n\n```python\nnumbers = {SOLUTION}\n```",
                      shown("congestion.path: not answered yet. Still open: pipe.")),
            *exercise("Write it", 'def grow(cwnd, ssthresh, acked): ...\n\ncheck("congestion.grow", grow)',
                      f"```python{GROW}```", shown("congestion.grow: not answered yet")),
            *exercise("Think on", "", "There is no number in this answer."),
            markdown("".join(QUESTION.format(n=n) for n in range(3)) + END),
        ]
    )  # fmt: skip
    for n, cell in enumerate([cell for cell in made.cells if cell.cell_type == "code"], 1):
        cell.execution_count = n
    return made
