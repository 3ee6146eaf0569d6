"""What only running tells of the house: what an import brings, where it works, and the names that rooms offer."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

import netlab
from tests.house import OPENERS, ROOT, Module, floors, imports, modules

HOUSE = modules("netlab")
MAP = floors(netlab.__doc__ or "")

# ------------------------------------------------------------------------------------------------ what an import brings


def python(script: str, *arguments: str, options: Sequence[str] = (), cwd: Path = ROOT) -> str:
    """Return what a Python of its own prints for ``script``, run where ``cwd`` comes first on its path."""
    done = subprocess.run(
        [sys.executable, *options, "-c", dedent(script), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def brought(name: str) -> set[str]:
    """Return which modules an import of ``name`` loads into a Python that has loaded next to nothing."""
    script = f"""
        import sys
        before = set(sys.modules)
        import {name}
        print(*set(sys.modules) - before)
    """
    return set(python(script, options=["-S"]).split())


def test_importing_netlab_imports_nothing() -> None:
    assert brought("netlab") == {"netlab"}
    assert [*imports(HOUSE[0])] == [], "what Python has loaded for itself does not show there"
    assert {"json", "json.decoder"} <= brought("json"), "the measure sees what an import brings"


ELSEWHERE = {  # what a system lacks: modules, and names in modules that it does have
    "win32": (
        ["fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog", "curses", "readline"],
        {
            "select": ["epoll", "poll", "EPOLLIN", "EPOLLOUT", "POLLIN", "POLLOUT"],
            "selectors": ["EpollSelector", "PollSelector"],
            "socket": ["AF_UNIX", "AF_PACKET", "AF_NETLINK", "SO_REUSEPORT", "TCP_INFO", "TCP_CORK", "TCP_CONGESTION",
                       "MSG_DONTWAIT", "SCM_RIGHTS", "SO_BINDTODEVICE", "send_fds", "recv_fds"],
            "os": ["fork", "geteuid", "getuid", "setns", "unshare", "sched_getaffinity", "pipe2", "WNOHANG"],
            "signal": ["SIGKILL", "SIGHUP", "SIGCHLD", "pthread_sigmask", "setitimer"],
        },
    ),
    "darwin": (
        [],
        {
            "select": ["epoll", "EPOLLIN", "EPOLLOUT"],
            "selectors": ["EpollSelector"],
            "socket": ["AF_PACKET", "AF_NETLINK", "TCP_INFO", "TCP_CORK", "TCP_CONGESTION", "SO_BINDTODEVICE"],
            "os": ["setns", "unshare", "sched_getaffinity", "pipe2", "memfd_create"],
        },
    ),
    "emscripten": (  # a browser: what only the rooms need that open sockets or draw
        ["fcntl", "resource", "termios", "tty", "pty", "curses", "readline", "ssl", "_ssl", "lzma", "sqlite3",
         "tkinter", "multiprocessing", "matplotlib", "numpy", "PIL", "cryptography", "docutils", "myst_nb", "sphinx"],
        {"socket": ["AF_PACKET", "AF_NETLINK", "TCP_INFO"], "os": ["fork"], "signal": ["pthread_sigmask"]},
    ),
}  # fmt: skip

IMPORT_ELSEWHERE = """
    import importlib, json, sys
    system, hidden, lacking, first, wanted = json.loads(sys.argv[1])
    for name in first:  # other people's modules are not on trial, and would not survive a system that is not theirs
        importlib.import_module(name)
    sys.platform = system
    sys.modules.update(dict.fromkeys(hidden))  # None: an import of it fails
    for module, names in lacking.items():
        for name in names:
            vars(importlib.import_module(module)).pop(name, None)
    for name in wanted:
        try:
            importlib.import_module(name)
        except Exception as error:
            print(f"{name} does not import on {system}: {type(error).__name__}: {error}")
"""


def imported_elsewhere(system: str, house: list[Module], cwd: Path = ROOT) -> str:
    """Return which modules of ``house`` do not import on a machine of that kind, and why."""
    hidden, lacking = ELSEWHERE[system]
    ours = {module.name.partition(".")[0] for module in house}
    asked = {node.module or "" if isinstance(node, ast.ImportFrom) else name
             for module in house for node, name in imports_of_others(module, ours)}  # fmt: skip
    first = sorted(name for name in asked if name.partition(".")[0] not in hidden)
    elsewhere = (*OPENERS, "show") if system == "emscripten" else ()
    wanted = [module.name for module in house if not module.name.endswith(".__main__") and not module.within(elsewhere)]
    return python(IMPORT_ELSEWHERE, json.dumps([system, hidden, lacking, first, wanted]), cwd=cwd)


def imports_of_others(module: Module, ours: set[str]) -> Iterator[tuple[ast.stmt, str]]:
    for node, name in imports(module):
        if name.partition(".")[0] not in ours and not getattr(node, "level", 0):
            yield node, name


@pytest.mark.parametrize("system", ELSEWHERE)
def test_every_module_imports_on_other_systems(system: str) -> None:
    assert imported_elsewhere(system, HOUSE) == ""


@pytest.mark.parametrize(
    ("system", "source"),
    [
        ("win32", "import fcntl"),
        ("win32", "from socket import AF_UNIX"),
        ("win32", "import os\nME = os.getuid()"),
        ("win32", "import sys\nif sys.platform == 'win32':\n    raise OSError('not here')"),
        ("darwin", "from select import epoll"),
        ("emscripten", "import numpy"),
        ("emscripten", "from cryptography import x509"),
        ("darwin", "import socket\nKINDS = {socket.AF_PACKET: 'packets'}"),
    ],
)
def test_a_module_that_only_linux_imports_is_found(tmp_path: Path, system: str, source: str) -> None:
    (tmp_path / "onlylinux.py").write_text(source)
    (tmp_path / "portable.py").write_text("def lock():\n    import fcntl\n    return fcntl")
    rooms = [Module("onlylinux", source), Module("portable", "")]
    said = imported_elsewhere(system, rooms, tmp_path)
    assert said.startswith(f"onlylinux does not import on {system}: ")
    assert "portable" not in said


# ------------------------------------------------------------------------------------------------------ public surface

TOPICS = [name for module in HOUSE if re.fullmatch(r"netlab\.\w+\.\w+", name := module.name)
          and MAP.get(name.split(".")[1]) == 4]  # fmt: skip
ROOMS = [f"netlab.{room}" for room in MAP if MAP[room] != 4]
API = (ROOT / "book" / "api.md").read_text(encoding="utf-8")


def surface_faults(room: ModuleType) -> Iterator[str]:
    """Yield what is wrong with the names that a room offers."""
    name, offered = room.__name__, getattr(room, "__all__", None)
    if offered is None:
        if hasattr(room, "__path__"):
            yield f"{name} has no __all__: who can tell what it offers from what it uses?"
        return
    if offered != sorted(set(offered), key=lambda one: (not one.isupper(), not one[:1].isupper(), one)):
        yield f"{name}.__all__ is not in order: CONSTANTS, then Classes, then functions"
    for one in offered:
        if not hasattr(room, one):
            yield f"{name}.__all__ offers {one}, which is not there"
        elif (inspect.isclass(value := getattr(room, one)) or inspect.isroutine(value)) and not inspect.getdoc(value):
            yield f"{name}.{one} has no docstring, so the reference leaves it out"


def undocumented(rooms: list[str], api: str) -> Iterator[str]:
    """Yield the rooms that the reference leaves out, and what it shows that is no module."""
    shown = dict(re.findall(r"^\.\. automodule:: (\S+)\n((?:   \S.*\n)*)", api, flags=re.M))
    for room in rooms:
        if ":members:" not in shown.get(room, ""):
            yield f"book/api.md does not show the members of {room}"
    for name in shown:
        if not importlib.util.find_spec(name):
            yield f"book/api.md shows {name}, which is no module"


@pytest.mark.parametrize("room", [*ROOMS, *TOPICS])
def test_a_room_offers_names_in_order_and_each_is_there(room: str) -> None:
    assert [*surface_faults(importlib.import_module(room))] == []


def test_the_reference_shows_every_room() -> None:
    assert [*undocumented([*ROOMS, *TOPICS], API)] == []


def test_a_wrong_surface_is_found() -> None:
    def room(**names: object) -> list[str]:
        made = ModuleType("netlab.toy")
        made.__path__ = []
        vars(made).update(names)
        return [*surface_faults(made)]

    class Told:
        """It is."""

    assert room(__all__=["LIMIT", "Told", "dict"], LIMIT=1, Told=Told, dict=dict) == []
    assert "no __all__" in room()[0]
    assert "not in order" in room(__all__=["dict", "Told"], Told=Told, dict=dict)[0]
    assert "not in order" in room(__all__=["Told", "Told"], Told=Told)[0]
    assert "not there" in room(__all__=["Told"])[0]
    assert "no docstring" in room(__all__=["f"], f=lambda: 1)[0]


def test_a_wrong_reference_is_found() -> None:
    page = ".. automodule:: netlab.wire\n   :members:\n.. automodule:: netlab.clock\n"
    assert [*undocumented(["netlab.wire"], page)] == []
    assert "netlab.clock" in next(undocumented(["netlab.clock"], page))
    assert "netlab.trace" in next(undocumented(["netlab.trace"], page))
    assert "no module" in next(undocumented([], ".. automodule:: netlab.attic\n"))


# ----------------------------------------------------------------------------------------------- one topic, one address


def address_faults(root: Path) -> Iterator[str]:
    """Yield the topics whose chapter, code and tests do not stand at the same address."""
    data = tomllib.loads((root / "book" / "_data" / "chapters.toml").read_text(encoding="utf-8"))
    addresses = {chapter["module"] for chapter in data["chapter"]}
    parts = {part["name"] for part in data["part"]}
    for part in sorted(parts):
        for path in sorted((root / "netlab" / part).glob("[a-z]*")):
            topic = f"{part}/{path.stem}"
            if topic not in addresses:
                yield f"netlab/{topic} is no chapter's address in book/_data/chapters.toml"
            elif not [*(root / "tests" / part).glob(f"test_{path.stem}*.py")]:
                yield f"netlab/{topic} has no tests/{part}/test_{path.stem}.py"
        for path in sorted((root / "book" / part).glob("*.ipynb")):
            if not [*(root / "netlab" / part).glob(path.stem), *(root / "netlab" / part).glob(f"{path.stem}.py")]:
                yield f"book/{part}/{path.name} teaches the code of netlab/{part}/{path.stem}, which is not there"


def test_chapter_code_and_proof_share_an_address() -> None:
    assert [*address_faults(ROOT)] == []


def test_a_topic_without_its_proof_is_found(tmp_path: Path) -> None:
    for name, text in {
        "book/_data/chapters.toml": '[[part]]\nname = "web"\n[[chapter]]\nmodule = "web/http2"\n',
        "netlab/web/__init__.py": "",
        "netlab/web/http2.py": "",
        "netlab/web/spdy.py": "",
        "book/web/quic.ipynb": "",
        "tests/web/test_other.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    told = " ".join(address_faults(tmp_path))
    assert "has no tests/web/test_http2.py" in told
    assert "netlab/web/spdy is no chapter's address" in told
    assert "netlab/web/quic, which is not there" in told
    assert "__init__" not in told
