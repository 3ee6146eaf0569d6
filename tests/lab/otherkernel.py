"""The first process of another kernel: it loads what links are made of, tries the lab, and switches the machine off.

Its kernel keeps its modules in a folder of its own, below this one; what depends on what is in modules.dep.
"""

import ctypes
import json
import os
import platform
import sys
import traceback
from pathlib import Path
from typing import Any

MODULES = Path("/usr/lib/uml/modules") / platform.release()
FINIT_MODULE, POWER_OFF = 313, 0x4321_FEDC  # on x86-64; <linux/reboot.h>
libc = ctypes.CDLL(None, use_errno=True)


def load(*names: str) -> None:
    """Load kernel modules, each after those that it needs."""
    needs = {}
    for line in (MODULES / "modules.dep").read_text().splitlines():
        name, _, others = line.partition(":")
        needs[Path(name).stem] = [*reversed(others.split()), name]
    for path in dict.fromkeys(path for name in names for path in needs[name]):
        with (MODULES / path).open("rb") as file:
            if libc.syscall(FINIT_MODULE, file.fileno(), b"", 0) and ctypes.get_errno() != 17:  # EEXIST
                raise OSError(ctypes.get_errno(), f"the kernel does not take {path}")


def carrier(lab: Any) -> str:
    """Return who makes the second link late."""
    return type(lab.links[1].carrier).__name__


def tried() -> dict[str, Any]:
    """Return what the lab is like on this kernel."""
    from netlab.lab import Lab  # noqa: PLC0415 - once there is a /proc
    from tests.lab.measured import ALL, path  # noqa: PLC0415

    seen: dict[str, Any] = {}
    load("veth", "sch_tbf")
    with Lab() as lab:
        client, server = path(lab, delay=0.001, rate=1e6)
        client.run(f"ping -c 1 {server.address}")
        seen["little"] = {"carrier": carrier(lab), "address6": server.address6}
    load("bridge", "sch_netem")  # and with the first, IPv6
    with Lab() as lab:
        client, server = path(lab, delay=0.001, rate=1e6)
        client.run(f"ping -6 -c 1 {server.address6}")
        seen["much"] = {"carrier": carrier(lab), "address6": server.address6}
    for how in ("netem", "process"):
        os.environ["NETLAB_LINKS"] = how
        seen[how] = {name: ALL[name]() for name in ("delays", "disturbed")}
    return seen


if __name__ == "__main__":
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    try:
        for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/tmp")):
            libc.mount(kind.encode(), where.encode(), kind.encode(), 0, None)
        print(json.dumps(tried()), flush=True)
    except BaseException:
        print(traceback.format_exc(), flush=True)
    finally:
        sys.stdout.flush()
        libc.reboot(ctypes.c_int(POWER_OFF))
