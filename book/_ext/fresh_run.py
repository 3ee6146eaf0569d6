"""Execute notebooks on all cores, each in a kernel of its own that imports the netlab of one tree.

The book's build (fresh.py) keeps the outputs beside the site. ``make notebooks`` stores them in the notebooks::

    python book/_ext/fresh_run.py --store book          # execute, and write the outputs where they differ
    NETLAB_LIVE=1 python book/_ext/fresh_run.py book    # execute only: does every notebook still run?
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

CELL_SECONDS = 120  # far above what a chapter may take: only a cell that hangs meets it
START_SECONDS = 120  # a kernel's start, on a machine that is busy with other things
PROFILE = """\
c = get_config()
c.IPKernelApp.log_level = "ERROR"  # "TCP without encryption", once per kernel: it is loopback
c.HistoryManager.enabled = False  # kernels that run side by side would share one history file
"""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Failure(NamedTuple):
    """A notebook that did not run to its end: which cell (counted from 1, prose included), and why."""

    notebook: str
    cell: int
    source: str
    error: str
    traceback: str

    @property
    def line(self) -> str:
        """Which and why, in one line."""
        line = next((line for line in self.source.splitlines() if line.strip()), "")
        return f"{self.notebook}, cell {self.cell} (`{line}`): {self.error}"

    def __str__(self) -> str:
        return self.line + "".join(f"\n    | {line}" for line in self.traceback.splitlines())


def cores() -> int:
    """Return how many kernels may run at once: one for each core that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)  # Linux alone can say what a container may use
    return len(usable(0)) if usable else os.cpu_count() or 1


def profile(root: Path) -> Path:
    """Return an IPython folder below ``root``/_build, so that no reader's own start-up files change the book."""
    folder = root / "_build" / "ipython"
    config = folder / "profile_default" / "ipython_kernel_config.py"
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(PROFILE, encoding="utf-8")
    return folder


def environment(root: Path) -> dict[str, str]:
    """Return a kernel's environment: ``root`` comes first on its path, whatever netlab is installed."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(profile(root))}


def execute(name: str, notebook: nbformat.NotebookNode, cwd: Path, root: Path) -> Failure | None:
    """Execute ``notebook`` in place, in the folder ``cwd``, and return what went wrong, if anything did."""
    at = [0]
    # No folder of kernel descriptions is searched: "python3" is then this very interpreter, not a user's own kernel.
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=CELL_SECONDS,
        startup_timeout=START_SECONDS,
        record_timing=False,
        coalesce_streams=True,  # two prints are one output, however the kernel cut them
        store_widget_state=False,
        on_cell_start=lambda cell_index, **_: at.__setitem__(0, cell_index),
    )
    try:
        client.execute(cwd=str(cwd), env=environment(root), cleanup_kc=True)  # it started none, so it would leave ours
    except CellExecutionError as failed:
        story = COLOURS.sub("", failed.traceback).strip()
        return Failure(name, at[0] + 1, notebook.cells[at[0]].source, f"{failed.ename}: {failed.evalue}", story)
    except CellTimeoutError:
        return Failure(name, at[0] + 1, notebook.cells[at[0]].source, f"no end after {CELL_SECONDS} s", "")
    except Exception as failed:  # a kernel that died or never started
        return Failure(name, at[0] + 1, notebook.cells[at[0]].source, f"{type(failed).__name__}: {failed}", "")
    return None


class Task(NamedTuple):
    """One notebook to execute: its name in a report, itself, and the folder its cells run in."""

    name: str
    notebook: nbformat.NotebookNode
    cwd: Path


def execute_all(tasks: Iterable[Task], root: Path, done: Callable[[Task], None]) -> list[Failure]:
    """Execute all ``tasks``, call ``done`` with each that succeeded, and return every failure, not only the first."""

    def one(task: Task) -> Failure | None:
        failure = execute(*task, root)
        if failure is None:
            done(task)
        return failure

    profile(root)  # before the threads, which would write it side by side
    with ThreadPoolExecutor(cores()) as pool:
        return [failure for failure in pool.map(one, tasks) if failure]


def notebooks(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the notebooks below ``folders``, in order; a path that is a notebook stands for itself."""
    for folder in folders:
        found = sorted(folder.rglob("*.ipynb")) if folder.is_dir() else [folder]
        yield from (path for path in found if not any(part.startswith(".") for part in path.parts))


def store(path: Path, notebook: nbformat.NotebookNode) -> bool:
    """Write an executed notebook to ``path`` if its text differs; return whether it did.

    What the run says about its own Python stays out: two readers with two Pythons store the same file.
    """
    before = path.read_text(encoding="utf-8")
    notebook.metadata = nbformat.reads(before, as_version=4).metadata
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if text != before:
        path.write_text(text, encoding="utf-8", newline="\n")
    return text != before


def main() -> int:
    """Execute the notebooks that the command line names; return 0, or 1 if one of them failed."""
    parser = argparse.ArgumentParser(description="Execute notebooks on all cores.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--store", action="store_true", help="write the outputs into the notebooks")
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[2]

    def done(task: Task) -> None:
        changed = options.store and store(Path(task.name), task.notebook)
        sys.stdout.write(f"{task.name}: {'stored' if changed else 'as before' if options.store else 'runs'}\n")

    paths = list(notebooks(options.folders))
    tasks = (Task(str(path), deepcopy(nbformat.read(path, as_version=4)), path.parent) for path in paths)
    failures = execute_all(tasks, root, done)
    sys.stdout.write("".join(f"\n{failure}\n" for failure in failures))
    sys.stdout.write(f"{len(paths) - len(failures)} of {len(paths)} notebooks run\n")
    return bool(failures)


if __name__ == "__main__":
    raise SystemExit(main())
