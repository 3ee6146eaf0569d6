"""Moving in: how the helper leaves the machine's namespaces for its own, and what it finds there.

    user namespace   who makes it is root in it, and outside no more than before       user_namespaces(7)
    mounts           a copy of the machine's; what is mounted here, nobody else sees   mount_namespaces(7)
    processes        its first one is number 1, and all end when it does               pid_namespaces(7)
    network          empty but for a loopback interface that is down                   network_namespaces(7)

Each step that the kernel refuses is told by its name and errno: that is all that is known of the cause.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from netlab.lab import system

# What differs from a machine that has just been switched on, and why. A new network namespace takes some of its
# settings from the machine, and the lab is to be the same on each.
SETTINGS = {
    "ipv4/ip_forward": "0",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/tcp_congestion_control": "cubic",
    "ipv4/tcp_no_metrics_save": "1",  # what one connection learnt of the path is not told to the next
    "ipv4/icmp_ratelimit": "0",
    "ipv4/ping_group_range": "0 0",  # ping needs no raw socket
    "ipv6/conf/all/disable_ipv6": "0",
    "ipv6/conf/default/disable_ipv6": "0",
    "ipv6/conf/all/keep_addr_on_down": "1",  # as IPv4's do
    "ipv6/conf/default/keep_addr_on_down": "1",
    "ipv6/conf/default/accept_dad": "0",  # an address is there at once, not after a second
    "ipv6/conf/default/router_solicitations": "0",
    "bridge/bridge-nf-call-iptables": "0",  # a bridge is no router
    "bridge/bridge-nf-call-ip6tables": "0",
}


class RefusedError(Exception):
    """The kernel refused a step: ``args`` are the step and the errno."""


def step(name: str, call: Callable[..., None], *arguments: object) -> None:
    """Do one step of entering; raise ``RefusedError`` with its name."""
    try:
        call(*arguments)
    except OSError as error:
        raise RefusedError(name, error.errno or 0) from error


def enter() -> bool:
    """Move this process into namespaces of its own; return whether whoever calls is the machine's real root."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        system.unshare(system.CLONE_NEWUSER)
    except OSError as error:
        if uid:  # root needs no user namespace to make the others
            raise RefusedError("unshare(CLONE_NEWUSER), a user namespace", error.errno or 0) from error
    else:
        step("/proc/self/setgroups", write, "/proc/self/setgroups", "deny")
        step("/proc/self/uid_map", write, "/proc/self/uid_map", f"0 {uid} 1")  # who made it is root in it
        step("/proc/self/gid_map", write, "/proc/self/gid_map", f"0 {gid} 1")
    for name in ("CLONE_NEWNS", "CLONE_NEWPID", "CLONE_NEWNET"):
        step(f"unshare({name})", system.unshare, getattr(system, name))
    return uid == 0


def furnish(root: bool) -> None:
    """Arrange the mounts: the lab's own processes in /proc, an empty /run, and for real root nothing to write to.

    Root of the machine is root in the lab too, and owns the machine's files. Only /proc/sys/net, which each network
    has for itself, and /run stay writable.
    """
    step("mount --make-rprivate /", system.mount, "none", "/", "", system.MS_REC | system.MS_PRIVATE)
    if root:
        step("mount_setattr(/, read-only), which Linux has from 5.12 on", system.read_only, "/", True, True)
    with suppress(OSError):  # in a container, /proc stays what it is: its processes, and this network's settings
        system.mount("proc", "/proc", "proc", system.NOSUID_NODEV_NOEXEC)
    if root:
        step("mount --bind /proc/sys/net", system.mount, "/proc/sys/net", "/proc/sys/net", "", system.MS_BIND)
        step("mount_setattr(/proc, read-only)", system.read_only, "/proc", True)
        step("mount_setattr(/proc/sys/net, writable)", system.read_only, "/proc/sys/net", False)
    step("mount -t tmpfs /run", system.mount, "run", "/run", "tmpfs", system.NOSUID_NODEV_NOEXEC, "size=64m,mode=755")


def write(path: str, text: str) -> None:
    """Write a file of /proc, in one piece."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def settle() -> None:
    """Give the network that this process is in the lab's settings."""
    for key, value in SETTINGS.items():
        with suppress(OSError):  # a kernel without IPv6, CUBIC or bridges has nothing to set
            write(f"/proc/sys/net/{key}", value)
