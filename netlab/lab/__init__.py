"""The lab: the Linux kernel's own networks, made and thrown away in milliseconds, without root.

    Lab          networks: hosts, links, bridges, routes; gone when its ``with`` ends
    Host         a network namespace: sockets, programs, files, interfaces, addresses, routes
    Link         a cable with a rate, a queue, a delay, loss; may be changed while traffic flows
    pour         one TCP connection that sends as much as it may; pour_all: several at once
    tcp_samples  what the kernel knows of a connection, every few milliseconds
    pings        echo requests of many hosts at once, and what became of each
    capture      every frame of an interface, for tshark and for ``netlab.packet``
    snapshot     interfaces, addresses, routes, neighbours and sockets, as data and as a diagram
    available    whether this machine gives labs, and which step failed if not
    observe      an experiment: run here, or read from its recording

>>> with Lab() as lab:                                                                  # doctest: +SKIP
...     client, router, server = lab.hosts("client router server")
...     lab.link(client, router)
...     lab.link(router, server, rate=20e6, delay=0.020, queue=50)  # bit/s, s, packets
...     lab.route()
...     print(client.run(f"ping -c 1 {server.address}").stdout)

One process makes the namespaces and hands sockets out of them (``helper``), and dies with the notebook: then nothing
is left. All else happens in the notebook: what ``ip`` and ``tc`` do (``rtnetlink``), what ``tcpdump`` does
(``capturing``). Only Linux has namespaces. Elsewhere this room imports as well, ``available`` says no, and recordings
serve.
"""

from importlib import import_module

TYPE_CHECKING = False  # the helper, which must start in no time, imports this file before its own
if TYPE_CHECKING:
    from netlab.lab.capturing import Capture, capture
    from netlab.lab.echo import Echo, pings
    from netlab.lab.failures import LabGoneError, ProgramError, UnavailableError
    from netlab.lab.host import Host
    from netlab.lab.lab import Lab
    from netlab.lab.link import End, Line, Link
    from netlab.lab.probe import Available, available
    from netlab.lab.program import Program
    from netlab.lab.recording import Observation, observe, recorded
    from netlab.lab.snapshot import Snapshot
    from netlab.lab.tcpinfo import TcpSample, tcp_info, tcp_samples
    from netlab.lab.traffic import Poured, pour, pour_all

__all__ = [
    "Available",
    "Capture",
    "Echo",
    "End",
    "Host",
    "Lab",
    "LabGoneError",
    "Line",
    "Link",
    "Observation",
    "Poured",
    "Program",
    "ProgramError",
    "Snapshot",
    "TcpSample",
    "UnavailableError",
    "available",
    "capture",
    "observe",
    "pings",
    "pour",
    "pour_all",
    "recorded",
    "tcp_info",
    "tcp_samples",
]

HOMES = {
    "capturing": ("Capture", "capture"),
    "echo": ("Echo", "pings"),
    "failures": ("LabGoneError", "ProgramError", "UnavailableError"),
    "host": ("Host",),
    "lab": ("Lab",),
    "link": ("End", "Line", "Link"),
    "probe": ("Available", "available"),
    "program": ("Program",),
    "recording": ("Observation", "observe", "recorded"),
    "snapshot": ("Snapshot",),
    "tcpinfo": ("TcpSample", "tcp_info", "tcp_samples"),
    "traffic": ("Poured", "pour", "pour_all"),
}


def __getattr__(name: str) -> object:
    """Fetch a name from its home when it is first asked for (PEP 562)."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"netlab.lab.{home}"), name)
    raise AttributeError(f"module 'netlab.lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what there is, fetched or not."""
    return __all__
