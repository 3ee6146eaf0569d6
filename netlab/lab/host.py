"""A host of a lab: a network of its own, with sockets, programs, files, interfaces and routes in it.

Nothing here enters that network. A host's netlink socket (netlink(7)) was made in it, so what is asked through it is
asked of it: that is how interfaces, addresses and routes are set from outside. Sockets and files come from the helper,
which opens them in there and hands them out. What ``ip``, ``tc`` or ``sysctl`` would have been told is kept as well.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from errno import EEXIST, EHOSTUNREACH, ENETUNREACH
from ipaddress import ip_address, ip_interface, ip_network
from typing import IO, TYPE_CHECKING, Any

from netlab.lab import rtnetlink
from netlab.lab.addressing import ANY4, ANY6, versions
from netlab.lab.failures import LabGoneError
from netlab.lab.netlink import Netlink
from netlab.lab.program import Program, run
from netlab.lab.waiting import uninterrupted

if TYPE_CHECKING:
    from netlab.lab.lab import Lab
    from netlab.lab.link import End


class Host:
    """One of ``lab.hosts(…)``. It has nothing at first but a loopback interface.

    Interfaces are named eth0, eth1, … in the order in which they were linked. Methods raise ``ValueError`` for what
    cannot be, ``OSError`` for what the kernel refuses, and ``LabGoneError`` once the lab has ended.
    """

    def __init__(self, lab: Lab, name: str, fd: int, netlink: Netlink) -> None:
        self.lab, self.name = lab, name
        self.fd = fd  # its network namespace: nsenter --net=/proc/self/fd/… takes it
        self.netlink = netlink
        self.ends: list[End] = []  # of links, in the order of their interfaces
        self.routes: list[tuple[rtnetlink.Network, rtnetlink.Address]] = []  # that were added, and via whom

    def __repr__(self) -> str:
        return f"<host {self.name} {' '.join(str(given) for end in self.ends for given in end.addresses)}>"

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Its first IPv4 address, "10.0.1.2"; "" while it has none."""
        return next((found for end in self.ends if (found := end.address(4))), "")

    @property
    def address6(self) -> str:
        """Its first IPv6 address; "" while it has none."""
        return next((found for end in self.ends if (found := end.address(6))), "")

    def say(self, command: str) -> None:
        """Note, in ``lab.commands``, the command that would have done on this host what was just done."""
        tool, _, rest = command.partition(" ")
        where = f"{tool} -n {self.name}" if tool in ("ip", "tc", "bridge") else f"ip netns exec {self.name} {tool}"
        self.lab.commands.append(f"{where} {rest}")

    # ------------------------------------------------------------------------------- sockets, programs and files

    def socket(self, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM, protocol: int = 0) -> socket.socket:
        """Return a new socket that lives on this host and is an ordinary socket otherwise, for threads and asyncio.

        All ports of the host are free, 80 too. The lab closes the socket when it ends.
        """
        return self.lab.control.socket(self.name, family, kind, protocol)

    def run(
        self,
        command: str | Sequence[str],
        *,
        told: str = "",
        timeout: float = 10.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on this host, ``told`` what it reads, and return how it ended and what it said.

        ``command`` is a list, or a text that is cut at its spaces as a shell does. Raises ``FileNotFoundError``
        where there is no such program, ``subprocess.TimeoutExpired`` after ``timeout`` s (and ends it), and, with
        ``check``, ``ProgramError`` for another code than 0.
        """
        return run(self.popen, command, told=told, timeout=timeout, check=check, env=env)

    def popen(
        self,
        command: str | Sequence[str],
        *,
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        env: Mapping[str, str] | None = None,
    ) -> Program:
        """Start a program on this host and return it while it runs; use it in a ``with``, at whose end it is killed.

        stdin, stdout and stderr are files or descriptors; by default nothing comes in, and what it says can be read
        from ``program.stdout``, both streams in one.
        """
        words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        self.say(shlex.join(words))
        return Program(self.lab.control, self.name, words, stdin=stdin, stdout=stdout, stderr=stderr, env=env)

    def read(self, path: str | os.PathLike[str]) -> str:
        """Return the text of a file as this host sees it: /proc/net and /proc/sys/net are its own."""
        with self._open(path, os.O_RDONLY, "r") as file:
            return file.read()

    def write(self, path: str | os.PathLike[str], text: str) -> None:
        """Write a file as this host sees it: in /proc/sys/net, or in /run, which the lab has for itself."""
        with self._open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "w") as file:
            file.write(text)

    def _open(self, path: str | os.PathLike[str], flags: int, mode: str) -> IO[str]:
        with uninterrupted():
            _, (fd,) = self.lab.control.ask("open", self.name, os.fspath(path), flags)
            return os.fdopen(fd, mode, encoding="utf-8", errors="replace")

    def sysctl(self, name: str, value: object = None) -> str:
        """Set a setting of this host's network, if there is a ``value``, and return what it is then.

        "net.ipv4.ip_forward" is /proc/sys/net/ipv4/ip_forward.
        """
        path = f"/proc/sys/{name.replace('.', '/')}"
        if not name.startswith("net."):
            raise ValueError(f"a host has its own settings below net, and {name!r} is the whole machine's")
        if value is not None:
            self.say(f"sysctl -w {name}={value}")
            self.write(path, str(value))
        return self.read(path).strip()

    # ------------------------------------------------------------------------------------ interfaces and addresses

    def up(self, device: str) -> None:
        """Switch an interface on."""
        self.say(f"ip link set {device} up")
        rtnetlink.interface(self.netlink, self.index(device), up=True)

    def down(self, device: str) -> None:
        """Switch an interface off; the kernel then drops the routes through it."""
        self.say(f"ip link set {device} down")
        rtnetlink.interface(self.netlink, self.index(device), up=False)

    def index(self, device: str) -> int:
        """Return the number of an interface."""
        try:
            return rtnetlink.index(self.netlink, device)
        except LabGoneError:
            raise
        except OSError as error:
            raise ValueError(f"{self.name} has no interface {device!r}") from error

    def add_address(self, device: str, address: str) -> None:
        """Give an interface an address with the length of its network's prefix: "10.0.1.1/24", "fd00:1::1/64"."""
        given = ip_interface(address)
        self.say(f"ip address add {given} dev {device}")
        self._ask(f"{given} on {device}", rtnetlink.address, self.index(device), given)
        for end in self.ends:
            if end.device == device:
                end.addresses.append(given)

    def add_bridge(self, name: str, *devices: str) -> None:
        """Make a bridge, a switch of the kernel's, whose ports are ``devices``."""
        self.say(f"ip link add {name} up type bridge")
        self._ask(f"a bridge {name}", rtnetlink.bridge, name, self.lab.mac())
        for device in devices:
            self.say(f"ip link set {device} master {name}")
            rtnetlink.interface(self.netlink, self.index(device), master=self.index(name))

    def add_route(self, to: str, via: str | Host = "", device: str = "") -> None:
        """Add a route to a network ("10.0.2.0/24", "default") ``via`` a router's address, or through a device.

        A Host as ``via`` stands for its address on a network that this host is on.
        """
        wanted = None if to == "default" else ip_network(to)
        gateway = self._gateway(via, wanted.version if wanted else None) if via else None
        version = gateway.version if gateway else 4
        self.route(wanted or (ANY4 if version == 4 else ANY6), gateway, device)

    def _gateway(self, via: str | Host, version: int | None) -> rtnetlink.Address:
        """Return a router's address; of a Host, the first one, of this version if any, on a network of ours."""
        if isinstance(via, str):
            return ip_address(via)
        networks = [given.network for end in self.ends for given in end.addresses if version in (None, given.version)]
        for given in sorted((given for end in via.ends for given in end.addresses), key=lambda given: given.version):
            if any(given.ip in network for network in networks):
                return given.ip
        raise ValueError(f"{self.name} is on no network with {via.name}: give the router's address")

    def route(self, network: rtnetlink.Network, gateway: rtnetlink.Address | None, device: str = "") -> None:
        """Do what ``add_route`` says, once it is known what is meant."""
        words = f"{network}{f' via {gateway}' if gateway else ''}{f' dev {device}' if device else ''}"
        self.say(f"ip route add {words}")
        self._ask(f"a route to {words}", rtnetlink.route, network, gateway, self.index(device) if device else None)
        if gateway:
            self.routes.append((network, gateway))

    def unroute(self, network: rtnetlink.Network, gateway: rtnetlink.Address) -> None:
        """Remove a route that was added, if it has not gone with its interface."""
        self.say(f"ip route del {network} via {gateway}")
        self.routes.remove((network, gateway))
        with suppress(ProcessLookupError):  # which is how the kernel says that there is none
            rtnetlink.route(self.netlink, network, gateway, None, add=False)

    def forward(self) -> None:
        """Be a router: hand packets on that are for somebody else."""
        self.sysctl("net.ipv4.ip_forward", 1)
        if 6 in versions():
            self.sysctl("net.ipv6.conf.all.forwarding", 1)

    def restore(self) -> None:
        """Add the routes by a router again that were lost because an interface was down."""
        for network, gateway in self.routes:
            try:
                rtnetlink.route(self.netlink, network, gateway, None)
            except OSError as error:
                if error.errno not in (EEXIST, ENETUNREACH, EHOSTUNREACH):  # it is there, or its router is not
                    raise

    def _ask(self, what: str, call: Any, *arguments: Any) -> None:
        """Ask the kernel for something; what it refuses is told with what it was."""
        try:
            call(self.netlink, *arguments)
        except LabGoneError:
            raise
        except OSError as error:
            raise type(error)(error.errno, f"{self.name}: the kernel refused {what}: {error.strerror}") from error
