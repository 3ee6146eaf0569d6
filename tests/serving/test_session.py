"""A session by itself: what it is when it says nothing else."""

from netlab.serving import Echo, Session


def test_whoever_only_inherits_listens_and_says_nothing() -> None:
    """Which is the Discard protocol (RFC 863)."""

    class Discard(Session):
        pass

    session = Discard()
    assert (session.closed, session.deadline) == (False, None)
    assert session.receive(b"whatever") == b""
    session.deadline = 5.0
    assert (session.tick(now=5.0), session.deadline) == (b"", None)  # and wakes once


def test_two_sessions_share_nothing() -> None:
    one, two = Echo(), Echo()
    one.closed, one.deadline = True, 1.0
    assert (two.closed, two.deadline) == (False, None)
