"""The laws of the house, each a function from one module's source to sentences that name the guilty places.

Nothing is imported to judge it: a source is read as a syntax tree. So a law can be shown a small source that breaks
it, and a test of the laws (tests/test_house.py) does. What only running can tell stands there too.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

# Who may open sockets, read clocks, wait and start threads. All of the rest also runs in a browser.
OPENERS = ("serving", "lab", "sockets", "security.channel", "security.doh", "delivery.proxy", "delivery.cdn")
AMBIENT = {
    *("socket", "socketserver", "select", "selectors", "ssl", "asyncio"),
    *("threading", "_thread", "concurrent", "multiprocessing", "subprocess", "signal"),
    *("time", "sched", "secrets", "uuid", "http.client", "http.server", "urllib.request"),
    *("os.urandom", "os.times", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"),
}
DICE = {"random.Random"}  # the type alone: the module's own functions share one hidden state
DRAWING = {"matplotlib", "mpl_toolkits", "numpy", "PIL", "docutils", "sphinx", "myst_nb"}  # in netlab.show, alone
CRYPTOGRAPHY = ("security",)  # the rooms whose topic it is

MOST_LINES = {"netlab": 250, "tests": 450}


class Module(NamedTuple):
    """A module's dotted name, its source, and whether it is a package's ``__init__``."""

    name: str
    source: str
    package: bool = False

    @property
    def tree(self) -> ast.Module:
        return parsed(self.source)

    @property
    def place(self) -> str:
        """Its address below netlab: "web.http2.frames", "" for netlab itself."""
        return self.name.partition(".")[2]

    def within(self, rooms: Iterable[str]) -> bool:
        return any(f"{self.place}.".startswith(f"{room}.") for room in rooms)

    def at(self, node: ast.AST) -> str:
        return f"{self.name}, line {getattr(node, 'lineno', 1)}"


@cache
def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a source, the same one whenever it is asked for."""
    return ast.parse(source)


def modules(folder: str) -> list[Module]:
    """Return all modules below ``folder`` of the project."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if package else parts), path.read_text(encoding="utf-8"), package))
    return found


# -------------------------------------------------------------------------------------------------- names and imports


def imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Yield every import, wherever it stands, as a statement and a full name ("netlab.wire.Reader")."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # from . import x: counted from the package that the module is in
                up = module.name.split(".")[: (1 if module.package else 0) - node.level or None]
                base = ".".join([*up, *filter(None, [node.module])])
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)


def known_as(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for: {"nap": "time.sleep"} after ``from time import sleep as nap``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def full(node: ast.AST, names: Mapping[str, str]) -> str:
    """Return the full name of ``t.sleep``: "time.sleep" after ``import time as t``; "" for what has no such name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = full(node.value, names)
        return f"{owner}.{node.attr}" if owner else f"?.{node.attr}"
    return ""


def among(name: str, these: Iterable[str]) -> bool:
    """Return whether ``name`` is, or is part of, one of ``these``."""
    return any(f"{name}.".startswith(f"{one}.") for one in these)


# ----------------------------------------------------------------------------------------------------------- the map


def floors(docstring: str) -> dict[str, int]:
    """Return the rooms of the map in their order, and the floor of each."""
    return {room: int(floor) for room, floor in re.findall(r"^    (\w+)\s.*\sfloor (\d)$", docstring, flags=re.M)}


def room_of(name: str) -> str:
    """Return the room that "netlab.web.http2" is in; "" for netlab itself and for everything else."""
    first, _, rest = name.partition(".")
    return "" if first != "netlab" or rest.startswith("_") else rest.partition(".")[0]


def upward(module: Module, plan: Mapping[str, int]) -> Iterator[str]:
    """Law 7: a room uses lower floors, and of its own floor what the map lists above it. (Topics: see ``circle``.)"""
    here, order = room_of(module.name), list(plan)
    if not here:
        return
    if here not in plan:
        yield f"{module.name} is in no room of the map"
        return
    for node, name in imports(module):
        there = room_of(name)
        if there in ("", here):
            continue
        if there not in plan:
            yield f"{module.at(node)} imports {name}, which is in no room of the map"
        elif plan[there] > plan[here] or (plan[there] == plan[here] != 4 and order.index(there) > order.index(here)):
            yield f"{module.at(node)} imports {name}: {there} is no room below {here}"


def circle(house: Iterable[Module], plan: Mapping[str, int]) -> Iterator[str]:
    """Law 7, on the topics' floor: they may use each other in any order that makes no circle."""
    uses: dict[str, set[str]] = defaultdict(set)

    def topic(name: str) -> str:
        parts = name.split(".")
        return ".".join(parts[1:3]) if len(parts) > 2 and plan.get(room_of(name)) == 4 else ""

    for module in house:
        if here := topic(module.name):
            uses[here] |= {there for _, name in imports(module) if (there := topic(name)) and there != here}
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        yield f"these topics use each other in a circle: {' ← '.join(error.args[1])}"


# ---------------------------------------------------------------------------------------------------------- the laws

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def needs_more(module: Module) -> Iterator[str]:
    """Law 6: the standard library alone; what draws in show, cryptography where a function of its topic needs it."""
    late = {inner for node in ast.walk(module.tree) if isinstance(node, FUNCTION) for inner in ast.walk(node)}
    for node, name in imports(module):
        first = name.partition(".")[0]
        if first in sys.stdlib_module_names or first == "netlab":
            continue
        if first == "cryptography" and module.within(CRYPTOGRAPHY):
            if node not in late:
                yield f"{module.at(node)} imports {name} for everybody: import it in the function that needs it"
        elif not (first in DRAWING and module.within(["show"])):
            yield f"{module.at(node)} imports {name}, which is not in the standard library"


def helps_itself(module: Module) -> Iterator[str]:
    """Law 1: bytes, time, dice and sockets are arguments, but for the rooms that are there to open them."""
    if module.within(OPENERS):
        return
    hints = {
        inner
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node, name in imports(module):
        if node not in hints and (among(name, AMBIENT) or (among(name, ["random"]) and name not in {"random", *DICE})):
            yield f"{module.at(node)} imports {name}: let whoever calls hand it over"
    names = known_as(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            name = full(node, names)
            if among(name, {one for one in AMBIENT if one.startswith(("os.", "datetime."))}) or (
                name.startswith("random.") and not among(name, DICE) and "random" in names.values()
            ):
                yield f"{module.at(node)} uses {name}: let whoever calls hand it over"
        elif isinstance(node, ast.Call) and full(node.func, names) in DICE and not (node.args or node.keywords):
            yield f"{module.at(node)} throws dice without a seed"


def prints(module: Module) -> Iterator[str]:
    """Law 4: return records, never print. (A ``__main__`` speaks to somebody at a terminal.)"""
    if module.name.endswith(".__main__"):
        return
    names = known_as(module.tree)
    spoken = {"print", "input", "breakpoint", "sys.stdout", "sys.stderr", "pprint.pprint", "pprint.pp", "warnings.warn"}
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and (name := full(node, names)) in spoken:
            yield f"{module.at(node)} uses {name}: return what there is to say"


def sleeps(module: Module) -> Iterator[str]:
    """Nobody sleeps to wait for somebody else. (``asyncio.sleep(0)`` lets others go first.)"""
    names = known_as(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and full(node.func, names) in {"time.sleep", "asyncio.sleep"}:
            nap = node.args[0] if node.args else None
            if not (isinstance(nap, ast.Constant) and nap.value == 0):
                yield f"{module.at(node)} sleeps: wait for what you are waiting for"


def fixed_ports(module: Module) -> Iterator[str]:
    """Nobody asks the machine for a certain port, but inside a lab, whose hosts have all their ports to themselves."""
    if module.within(["lab"]) or any(among(name, ["netlab.lab"]) for _, name in imports(module)):
        return
    numbers = {
        target.id: node.value.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def number(node: ast.AST) -> object:
        value = numbers.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        return value if isinstance(node, (ast.Name, ast.Constant)) else None

    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Call) and full(node.func, {}).rpartition(".")[2] in LISTENING):
            continue
        pairs = [arg.elts for arg in ast.walk(node) if isinstance(arg, ast.Tuple) and len(arg.elts) in (2, 4)]
        plain = [node.args[n : n + 2] for n in range(len(node.args) - 1)]
        for host, port, *_ in [*pairs, *plain]:
            if isinstance(number(port), int) and number(port) and local(number(host)):
                yield f"{module.at(node)} asks for port {number(port)}: ask for 0, and for the one that you were given"
        for word in node.keywords:
            if word.arg == "port" and number(word.value):
                yield f"{module.at(node)} asks for port {number(word.value)}: ask for 0"


LISTENING = {
    "bind",
    "create_server",
    "start_server",
    "create_datagram_endpoint",
    "HTTPServer",
    "ThreadingHTTPServer",
    "TCPServer",
    "UDPServer",
    "ThreadingTCPServer",
}


def local(host: object) -> bool:
    """Return whether ``host`` is, or may be, an address of this machine (an interface's name is none)."""
    if not isinstance(host, str) or host in ("", "localhost"):
        return host is None or isinstance(host, str)
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def hides_failures(module: Module) -> Iterator[str]:
    """Nobody swallows an exception that he did not think of."""
    names, broad = known_as(module.tree), {"Exception", "BaseException"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
            idle = all(isinstance(step, (ast.Pass, ast.Continue)) or is_text(step) for step in node.body)
            if not caught:
                yield f"{module.at(node)} catches everything: name what you expect"
            elif idle and broad & {full(one, names) for one in caught}:
                yield f"{module.at(node)} catches every exception and does nothing"
        elif isinstance(node, ast.Call) and full(node.func, names) == "contextlib.suppress":
            yield from (
                f"{module.at(node)} suppresses every exception" for one in node.args if full(one, names) in broad
            )


def is_text(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


def raises_anything(module: Module) -> Iterator[str]:
    """Law 5: a failure has a kind that tells whose it is, and the caller's comes with a sentence."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and node.exc:
            name = full(node.exc.func if isinstance(node.exc, ast.Call) else node.exc, {})
            if name in {"Exception", "BaseException", "RuntimeError", "AssertionError"}:
                yield f"{module.at(node)} raises {name}, which says nothing about whose fault it is"
            elif name in {"ValueError", "TypeError", "WireError"} and not getattr(node.exc, "args", None):
                yield f"{module.at(node)} raises {name} without a sentence"


def silent(module: Module) -> Iterator[str]:
    """Every public module, class and function says what it is.

    A method may leave that to the class it overrides, or to its own class, whose docstring then names it.
    """
    if not ast.get_docstring(module.tree):
        yield f"{module.name} has no docstring"
    scopes: list[tuple[str, ast.AST]] = [("", module.tree)]
    while scopes:
        prefix, scope = scopes.pop()
        for node in ast.iter_child_nodes(scope):
            if not isinstance(node, (ast.ClassDef, *FUNCTION)) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not (isinstance(scope, ast.ClassDef) and told(node, scope)):
                yield f"{module.at(node)}: {prefix}{node.name} has no docstring"
            if isinstance(node, ast.ClassDef):
                scopes.append((f"{prefix}{node.name}.", node))


OWN = {"NamedTuple", "Protocol", "Enum", "IntEnum", "StrEnum", "IntFlag", "Exception", "Generic"}  # nothing to override


def told(node: ast.stmt, owner: ast.ClassDef) -> bool:
    """Return whether a method without a docstring is told of by what it overrides or by its class."""
    overrides = {full(base, {}).rpartition(".")[2] for base in owner.bases} - OWN
    name = getattr(node, "name", "")
    return bool(overrides) or f"``{name}``" in (ast.get_docstring(owner) or "")


def too_long(module: Module) -> Iterator[str]:
    """A file is read in one sitting."""
    lines, most = len(module.source.splitlines()), MOST_LINES[module.name.partition(".")[0]]
    if lines > most:
        yield f"{module.name} has {lines} lines, and {most} are the most"


def loose_values(module: Module) -> Iterator[str]:
    """A frozen dataclass is a value, and a value has slots: a misspelt field is an error and not a new one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            for mark in node.decorator_list:
                said = {word.arg: getattr(word.value, "value", None) for word in getattr(mark, "keywords", [])}
                if said.get("frozen") and not said.get("slots"):
                    yield f"{module.at(node)}: {node.name} is frozen and has no slots"


LAWS = (needs_more, helps_itself, prints, sleeps, fixed_ports, hides_failures, raises_anything, silent, too_long,
        loose_values)  # fmt: skip
TESTS_TOO = (sleeps, fixed_ports, hides_failures, too_long)  # what the tests owe as well
