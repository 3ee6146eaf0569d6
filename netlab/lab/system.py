"""The system calls that make a lab, which Python 3.11 does not offer: unshare, setns, mount, prctl.

Nothing here is done to the caller's own machine: each call changes what *this process* sees of it, and only
the helper (netlab/lab/helper.py) makes them. Every one raises ``OSError`` where the kernel refuses.

    unshare(2)         leave the namespaces one is in, for new ones
    setns(2)           enter one that exists, by its file descriptor
    mount(2)           of a mount namespace of one's own
    mount_setattr(2)   make a whole tree of mounts read-only; Linux 5.12 has it
    prctl(2)           PR_SET_PDEATHSIG: die with one's parent; PR_SET_TIMERSLACK: wake on time
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x0002_0000  # mounts
CLONE_NEWUSER = 0x1000_0000  # users, groups and capabilities
CLONE_NEWPID = 0x2000_0000  # process numbers, of the children
CLONE_NEWNET = 0x4000_0000  # interfaces, addresses, routes, sockets, firewalls

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000  # mount(2)
NOSUID_NODEV_NOEXEC = 0x02 | 0x04 | 0x08
MOUNT_ATTR_RDONLY, AT_RECURSIVE, AT_FDCWD = 0x01, 0x8000, -100  # mount_setattr(2)
SYS_MOUNT_SETATTR = 442  # its number, the same on every architecture
PR_SET_PDEATHSIG, PR_SET_TIMERSLACK = 1, 29


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library, and raise its errno where it returns -1."""
    library = ctypes.CDLL(None, use_errno=True)  # what this process has loaded; Windows has no such thing
    if getattr(library, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unshare(flags: int) -> None:
    """Leave the namespaces that ``flags`` name; with CLONE_NEWPID it is the next child who leaves."""
    _call("unshare", flags)


def setns(fd: int) -> None:
    """Enter the namespace that ``fd`` is open on."""
    _call("setns", fd, 0)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount ``source`` on ``target``, as mount(2) does."""
    _call("mount", *(text.encode() or None for text in (source, target, kind)), flags, options.encode() or None)


def read_only(path: str, yes: bool, recursive: bool = False) -> None:
    """Make the mount at ``path`` read-only, or writable; ``recursive``: and all mounts below it."""
    attributes = (ctypes.c_uint64 * 4)(*((MOUNT_ATTR_RDONLY, 0) if yes else (0, MOUNT_ATTR_RDONLY)))  # set, clear
    flags = AT_RECURSIVE if recursive else 0
    _call("syscall", SYS_MOUNT_SETATTR, AT_FDCWD, path.encode(), flags, attributes, ctypes.sizeof(attributes))


def die_with_parent(signal: int = 9) -> None:
    """Have the kernel send ``signal`` (SIGKILL) to this process when the one that forked it is gone."""
    _call("prctl", PR_SET_PDEATHSIG, signal, 0, 0, 0)


def wake_on_time() -> None:
    """Have timers go off to the nanosecond, not within the 50 µs that the kernel may take to save power."""
    _call("prctl", PR_SET_TIMERSLACK, 1, 0, 0, 0)
