"""What a network namespace has for itself: things are done in red, and blue is asked whether it notices.

Blue is another network namespace of the same machine, and nothing else than that: whoever starts a container gives it
more namespaces, of mounts, processes, names and users (namespaces(7)).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from netlab.networks.namespaces.trials import finished, ping

if TYPE_CHECKING:
    from netlab.lab import Host, Lab

UNIX = 1  # a family of sockets, as the kernel counts them
DOOR = ("", 8080)


def isolation(lab: Lab) -> list[list[Any]]:
    """Do things in red; return for each what it is about, and whether red and blue notice it."""
    net = finished(lab)
    red = net["red"]
    red.add_bridge("own0")
    red.add_address("lo", "10.9.9.9/32")
    red.add_route("198.51.100.0/24", device="own0")
    red.sysctl("net.ipv4.ip_forward", 1)
    red.run(["nft", "add table ip mine"])
    red.write("/run/note", "made in red")
    with red.socket() as listener:
        listener.bind(DOOR)
        listener.listen()
        seen = [notices(red, net[name]) for name in ("red", "blue")]
    return [[what, *(one[what] for one in seen)] for what in seen[0]]


def notices(red: Host, host: Host) -> dict[str, bool]:
    """Return what ``host`` notices of what was done in ``red``."""
    same = inodes(red), inodes(host)
    return {
        "interfaces": "own0" in host.read("/proc/net/dev"),
        "addresses": ping(host, "10.9.9.9")[0] == "ok",
        "routes": "own0" in host.read("/proc/net/route"),
        "ports that are taken": taken(host, DOOR),
        "sockets in /proc/net": f":{DOOR[1]:04X} " in host.read("/proc/net/tcp"),
        "firewall rules": "mine" in host.run(["nft", "list tables"]).stdout,
        "net.ipv4 settings": host.sysctl("net.ipv4.ip_forward") == "1",
        "abstract Unix sockets": met(red, host, lambda folder: "\0door"),
        "Unix sockets with a path": met(red, host, lambda folder: str(folder / "door")),
        "files": reads(host, "/run/note"),
        **{what: same[0][kind] == same[1][kind] for what, kind in SPACES.items()},
        "the clock": started(red) == started(host),
    }


SPACES = {"the machine's name": "uts", "processes": "pid", "users": "user"}


def inodes(host: Host) -> dict[str, str]:
    """Return the namespaces that a program on ``host`` is in, by their kinds: {"net": "net:[4026532264]", …}."""
    kinds = ("net", *SPACES.values())
    lines = host.run(["readlink", *(f"/proc/self/ns/{kind}" for kind in kinds)]).stdout.split()
    return dict(zip(kinds, lines, strict=True))


def taken(host: Host, at: tuple[str, int]) -> bool:
    """Whether an address and port that somebody has elsewhere are taken on ``host``."""
    with host.socket() as sock:
        try:
            sock.bind(at)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def met(red: Host, blue: Host, name: Callable[[Path], str]) -> bool:
    """Whether blue reaches a Unix socket of red's by its name, which ``name`` makes for a folder."""
    with TemporaryDirectory() as folder, red.socket(UNIX) as listener, blue.socket(UNIX) as sock:
        listener.bind(door := name(Path(folder)))
        listener.listen()
        return sock.connect_ex(door) == 0


def reads(host: Host, path: str) -> bool:
    """Whether there is such a file on ``host``."""
    try:
        return bool(host.read(path))
    except FileNotFoundError:
        return False


def started(host: Host) -> str:
    """Return when the machine was started, as ``host`` is told."""
    return next(line for line in host.read("/proc/stat").splitlines() if line.startswith("btime"))
