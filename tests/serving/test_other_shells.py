"""``Client`` and ``Door`` carry shells of every other kind: each is sketched here, and lives through the stories."""

import selectors
from functools import partial
from threading import Thread
from time import monotonic

from netlab.serving import Door
from netlab.serving.blocking import converse, wait
from tests.serving.stories import Stories


def threads(listener, new_session, stop, *, limit=100):
    """Serve with one thread per client."""
    with Door(listener, new_session, limit) as door:
        talks = []
        while wait(door, stop):
            if client := door.admit(monotonic()):
                talks = [talk for talk in talks if talk.is_alive()]
                talks.append(Thread(target=converse, args=(door, client, stop)))
                talks[-1].start()
        for talk in talks:
            talk.join()
    return door.failures


def pool(listener, new_session, stop, *, limit=100):
    """Serve with ``limit`` threads that are always there: each lets in whoever it will serve."""

    def work():
        while wait(door, stop):
            if client := door.admit(monotonic()):
                converse(door, client, stop)

    with Door(listener, new_session, limit) as door:
        workers = [Thread(target=work) for _ in range(limit)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return door.failures


def readiness(listener, new_session, stop, *, limit=100):
    """Serve with one thread that asks the kernel who is ready."""
    with Door(listener, new_session, limit) as door, selectors.DefaultSelector() as ready:
        ready.register(stop, selectors.EVENT_READ)
        while True:
            if door.wants:
                ready.register(door, door.wants)
            woken = [key.fileobj for key, _ in ready.select(patience(door, *door.clients))]
            if door.wants:
                ready.unregister(door)  # what it waits with may change now
            if stop in woken:
                return door.failures
            if client := door.admit(monotonic()):
                woken.append(client)
            for client in [who for who in door.clients if who in woken or is_due(who)]:
                if client in ready.get_map():
                    ready.unregister(client)
                if not door.step(client, monotonic()):
                    door.leave(client)
                elif client.wants:
                    ready.register(client, client.wants)


def is_due(who):
    return who.deadline is not None and who.deadline <= monotonic()


def patience(*everybody):
    deadlines = [who.deadline for who in everybody if who.deadline is not None]
    return min(max(0, min(deadlines) - monotonic()), 3600) if deadlines else None


class TestThreads(Stories):
    shell = staticmethod(partial(threads, limit=3))
    limit = 3


class TestPool(Stories):
    shell = staticmethod(partial(pool, limit=3))
    limit = 3


class TestReadiness(Stories):
    shell = staticmethod(partial(readiness, limit=3))
    limit = 3
