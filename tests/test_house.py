"""The house keeps its laws, and each law can be broken: for each there is a small source that it finds guilty."""

from collections.abc import Callable, Iterator

import pytest

import netlab
from tests import house
from tests.house import LAWS, ROOT, TESTS_TOO, Module, circle, floors, modules, upward

Law = Callable[[Module], Iterator[str]]
HOUSE = modules("netlab")
TESTS = modules("tests")
MAP = floors(netlab.__doc__ or "")


def named(law: Law) -> str:
    return law.__name__


# ------------------------------------------------------------------------------------------------- the house is right


@pytest.mark.parametrize("law", LAWS, ids=named)
def test_the_house_keeps_the_law(law: Law) -> None:
    assert [fault for module in HOUSE for fault in law(module)] == []


@pytest.mark.parametrize("law", TESTS_TOO, ids=named)
def test_the_tests_keep_it_too(law: Law) -> None:
    assert [fault for module in TESTS for fault in law(module)] == []


def test_arrows_point_down() -> None:
    assert [fault for module in HOUSE for fault in upward(module, MAP)] == []
    assert [*circle(HOUSE, MAP)] == []


def test_the_map_shows_the_rooms_that_there_are() -> None:
    folder = ROOT / "netlab"
    rooms = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set(MAP) == rooms - {"__init__", "__main__"}
    assert list(MAP.values()) == sorted(MAP.values()), "the map goes down the house, floor by floor"


# ------------------------------------------------------------------------------------------- the laws find the guilty

GUILTY = {
    house.needs_more: [
        "import numpy as np",
        "def draw():\n    from matplotlib import pyplot",
        "import cryptography.x509",
        ("netlab.security.channel", "from cryptography import x509"),
        ("netlab.showroom", "import matplotlib"),
    ],
    house.helps_itself: [
        "import socket",
        "from time import monotonic",
        "def now():\n    import time\n    return time.time()",
        "import asyncio.streams",
        "from concurrent import futures",
        "from random import randrange",
        "import random\nrandom.shuffle([1, 2])",
        "import random as dice\nx = dice.SystemRandom()",
        "from random import Random\ndice = Random()",
        "import os\nnonce = os.urandom(4)",
        "from datetime import datetime as when\nnow = when.now()",
        "import datetime\nnow = datetime.datetime.now(datetime.UTC)",
        ("netlab.security.certificates", "import ssl"),
        ("netlab.delivery.balance", "import threading"),
    ],
    house.prints: [
        "print('hello')",
        "def tell(say=print):\n    return say",
        "import sys\nsys.stdout.write('hello')",
        "from sys import stderr\nstderr.write('hello')",
        "from pprint import pprint\npprint([])",
    ],
    house.sleeps: [
        "import time\ntime.sleep(0.1)",
        "import time as t\nt.sleep(1)",
        "from time import sleep as nap\nnap(1)",
        "import asyncio\nasync def wait():\n    await asyncio.sleep(0.01)",
        "import asyncio\nasync def wait(n):\n    await asyncio.sleep(n)",
    ],
    house.fixed_ports: [
        "import socket\nsocket.create_server(('127.0.0.1', 8080))",
        "def listen(s):\n    s.bind(('', 53))",
        "def listen(s):\n    s.bind(address=('::1', 53, 0, 0))",
        "PORT = 8080\ndef listen(s):\n    s.bind(('localhost', PORT))",
        "def listen(s, host):\n    s.bind((host, 53))",
        "import asyncio\nasync def serve(f):\n    await asyncio.start_server(f, '127.0.0.1', 8080)",
        "import asyncio\nasync def serve(f):\n    await asyncio.start_server(f, port=8080)",
        "from http.server import HTTPServer\nHTTPServer(('', 8000), None)",
    ],
    house.hides_failures: [
        "try:\n    x = 1\nexcept:\n    raise",
        "try:\n    x = 1\nexcept Exception:\n    pass",
        "try:\n    x = 1\nexcept (ValueError, BaseException) as error:\n    'never mind'",
        "for x in y:\n    try:\n        x()\n    except Exception:\n        continue",
        "from contextlib import suppress\nwith suppress(Exception):\n    x = 1",
    ],
    house.raises_anything: ["raise Exception('no')", "raise RuntimeError", "raise ValueError", "raise TypeError()"],
    house.silent: [
        "x = 1",
        "'''A room.'''\ndef tell(): return 1",
        "'''A room.'''\nasync def tell(): return 1",
        "'''A room.'''\nclass Thing:\n    pass",
        "'''A room.'''\nclass Thing:\n    'It is.'\n    def tell(self): return 1",
        "'''A room.'''\nclass Thing(NamedTuple):\n    'It is.'\n    @property\n    def tell(self): return 1",
    ],
    house.too_long: ["x = 1\n" * 251, ("tests.test_long", "x = 1\n" * 451)],
    house.loose_values: [
        "@dataclass(frozen=True)\nclass Value:\n    x: int",
        "@dataclass(frozen=True, slots=False)\nclass Value:\n    x: int",
    ],
}

INNOCENT = {
    house.needs_more: [
        "import json\nfrom netlab.wire import Reader\nfrom . import reader",
        ("netlab.security.channel", "def key():\n    from cryptography import x509\n    return x509"),
        ("netlab.show.paint", "from matplotlib.figure import Figure"),
    ],
    house.helps_itself: [
        "from random import Random\ndef lose(dice: Random):\n    return dice.random()\nlose(Random(48))",
        "import random\ndef lose(dice: random.Random):\n    return dice.random()",
        "def lose(random):\n    return random.choice([1, 2])",
        "from ipaddress import ip_address\nfrom datetime import datetime\nx = datetime(2026, 1, 1)",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import socket",
        ("netlab.serving.aio", "import asyncio"),
        ("netlab.delivery.proxy.shell", "import socket"),
    ],
    house.prints: ["'''>>> print(1)'''", "def sprint(): return clock.print", ("netlab.lab.__main__", "print('hello')")],
    house.sleeps: [
        "import asyncio\nasync def others():\n    await asyncio.sleep(0)",
        "def simulate(clock):\n    clock.sleep(3)",
        "import time\ntime.monotonic()",
    ],
    house.fixed_ports: [
        "import socket\nsocket.create_server(('127.0.0.1', 0))",
        "def listen(s):\n    s.bind(('', 0)); s.listen(5)",
        "def open(s):\n    s.bind(('eth0', 2048))",
        "def listen(s, folder):\n    s.bind(str(folder / 'door'))",
        "from netlab.lab import Lab\ndef listen(s):\n    s.bind(('', 80))",
        "def call(s):\n    s.connect(('192.0.2.1', 80))",
    ],
    house.hides_failures: [
        "try:\n    x = 1\nexcept OSError:\n    pass",
        "try:\n    x = 1\nexcept Exception as error:\n    trouble = error",
        "from contextlib import suppress\nwith suppress(OSError):\n    x = 1",
    ],
    house.raises_anything: [
        "raise ValueError('a queue holds 0 packets or more, not -1')",
        "try:\n    x = 1\nexcept OSError as error:\n    raise\nraise error",
        "raise KeyError(name)",
    ],
    house.silent: [
        "'''A room.'''\ndef _tell(): return 1",
        "'''A room.'''\nclass Shown(Formatter):\n    'It is.'\n    def format(self): return 1",
        "'''A room.'''\nclass Thing(Protocol):\n    'It will ``tell``.'\n    def tell(self): ...",
    ],
    house.too_long: ["x = 1\n" * 250],
    house.loose_values: [
        "@dataclass(frozen=True, slots=True)\nclass Value:\n    x: int",
        "@dataclass\nclass Machine:\n    x: int",
    ],
}


def cases(table: dict[Law, list[str | tuple[str, str]]]) -> list[object]:
    """Return one parameter for each source: the law, and the source as a module of a room that may do nothing."""
    found = []
    for law, sources in table.items():
        for n, source in enumerate(sources):
            name, text = source if isinstance(source, tuple) else ("netlab.web.toy", source)
            found.append(pytest.param(law, Module(name, text), id=f"{law.__name__}-{n}"))
    return found


@pytest.mark.parametrize(("law", "module"), cases(GUILTY))
def test_a_law_finds_the_guilty_and_names_the_place(law: Law, module: Module) -> None:
    faults = [*law(module)]
    assert faults
    assert all(fault.startswith(module.name) for fault in faults)


@pytest.mark.parametrize(("law", "module"), cases(INNOCENT))
def test_a_law_leaves_the_innocent_alone(law: Law, module: Module) -> None:
    assert [*law(module)] == []


def test_every_law_has_its_guilty_and_its_innocent() -> None:
    assert set(LAWS) == set(GUILTY) == set(INNOCENT)


TOY = floors("""
    wire      bytes      floor 1
    picture   pictures   floor 1
    serving   running    floor 3
    sockets   topics     floor 4
    web       topics     floor 4
    show      drawing    floor 5
""")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("netlab.wire.reader", "from netlab.serving import running"),
        ("netlab.wire.reader", "import netlab.web.http2"),
        ("netlab.wire", "from netlab import picture"),  # the same floor, but listed below
        ("netlab.web.http2", "def draw():\n    from netlab.show import draw"),  # a function hides no arrow
        ("netlab.web.http2", "from ...netlab.show import draw"),
        ("netlab.picture", "from .show import draw"),
        ("netlab.web", "from ..show import draw"),
        ("netlab.attic", "import json"),
        ("netlab.web.http2", "import netlab.attic"),
    ],
)
def test_an_arrow_that_points_up_is_found(name: str, source: str) -> None:
    package = name in {"netlab.web", "netlab.wire"}
    assert [*upward(Module(name, source, package), TOY)] != []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("netlab.picture", "from netlab.wire import Span"),
        ("netlab.sockets.pool", "from netlab.web.http2 import Frame\nfrom . import threads"),
        ("netlab.web.http2", "from netlab.sockets.pool import Pool\nfrom netlab import wire, __version__"),
        ("netlab", "x = 1"),
    ],
)
def test_an_arrow_that_points_down_is_left_alone(name: str, source: str) -> None:
    assert [*upward(Module(name, source), TOY)] == []


def test_a_circle_of_topics_is_found() -> None:
    http = Module("netlab.web.http2.frames", "from netlab.sockets.pool import Pool")
    pool = Module("netlab.sockets.pool", "from netlab.wire import Reader")
    assert [*circle([http, pool], TOY)] == []
    back = Module("netlab.sockets.pool", "def f():\n    import netlab.web.http2.frames")
    assert "web.http2" in next(circle([http, back], TOY))
