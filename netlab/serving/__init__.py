"""Servers: one conversation is a ``Session``, one way of running many is a shell, and any two of them fit.

    Session     one conversation without its socket: bytes in, bytes out, and when to be woken
    Echo        the simplest session: what comes in goes out
    running     start a server, use it, stop it: three lines
    blocking    a shell: one client after the other, on one thread
    aio         a shell: many clients on one thread, a coroutine for each
    Client      what every shell does with one client: its socket, its session, the bytes it is owed
    Door        what every shell does with all of them: let in, at most so many, and show out

A shell is a function ``serve(listener, new_session, stop)``: a socket on which clients arrive, a maker of sessions,
and a socket that becomes readable when it is time to go home. It returns what its sessions raised. An exception in
a session ends that client alone. Shells differ in one thing, how they wait; so two of them can be read side by side
to see what a model of serving costs.

>>> import socket
>>> from netlab.serving.blocking import serve
>>> with running(serve, Echo) as address, socket.create_connection(address) as sock:
...     sock.sendall(b"hello")
...     sock.recv(5, socket.MSG_WAITALL)
b'hello'
"""

from netlab.serving.client import Client, reset
from netlab.serving.door import Door
from netlab.serving.runner import Address, Serve, running
from netlab.serving.session import Echo, NewSession, Session

__all__ = ["Address", "Client", "Door", "Echo", "NewSession", "Serve", "Session", "reset", "running"]
