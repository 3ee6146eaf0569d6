"""NewReno: a sender that knows how far everything has arrived, and nothing about what came after a gap.

a new ACK        the window slides; the controller may let it grow
a duplicate      a packet arrived, but not the next one: it has left the network, so one more may enter
                 (two by limited transmit, RFC 3042; the others by RFC 5681 §3.2, step 4)
the third        fast retransmit: the missing packet leaves again, the window is cut (steps 2 and 3)
the ACK of all   fast recovery is over (step 6)
a partial ACK    there is another hole: fill it too (RFC 6582 §3.2)
the timer        all leave again, from the first unacknowledged one on; the next wait is doubled (RFC 6298 §5)
"""

from __future__ import annotations

from dataclasses import dataclass

from netlab.transport.congestion.flow import RECOVERY, THIRD, WHOLE, Flow


@dataclass(eq=False, repr=False)
class NewReno(Flow):
    """A flow that repairs a hole in each round trip. Without ``fast`` retransmit only the timer repairs any."""

    fast: bool = True
    duplicates: int = 0
    partial: bool = False  # whether this recovery has seen a partial ACK

    def fill(self) -> None:
        """Send what the window allows. A duplicate ACK makes room for one more: a packet has left the network."""
        while self.next < min(self.una + int(self.cc.cwnd) + self.duplicates, self.total):
            self.next += 1
            self.send(self.next - 1)

    def acknowledged(self, expected: int, number: int, sent: float, marked: bool) -> None:
        """React to an ACK: new or a duplicate."""
        rtt = self.clock.now - sent
        if marked:
            self.warned(self.next - self.una)
        if expected > self.una:
            self.advance(expected, rtt, marked)
        elif (self.fast and self.una > self.recover) or self.state == RECOVERY:
            self.duplicates += 1
            if self.duplicates == 3 and self.state != RECOVERY:
                self.repair()
        self.fill()
        self.look(rtt)

    def advance(self, expected: int, rtt: float, marked: bool) -> None:
        """Slide the window; outside recovery let it grow, within it look whether another packet is missing."""
        acked, self.una = expected - self.una, expected
        self.timer.sample(rtt)  # of whichever packet: its timestamp tells the two sendings apart (RFC 6298 §3)
        self.next = max(self.next, expected)
        if self.state == RECOVERY and expected < self.recover:
            self.duplicates = max(0, self.duplicates - acked) + 1
            self.send(expected)
            if not self.partial:  # only the first one starts the timer again: so a long recovery ends by it
                self.partial = True
                self.wind()
            return
        self.wind()
        self.duplicates = 0
        self.finish()
        if self.state == RECOVERY:
            self.move(WHOLE)
        elif not marked:  # a mark lets nothing grow (RFC 3168 §6.1.2)
            late = expected <= self.recover  # after a timeout it may cover old arrivals: one counts, as in RFC 3465
            self.grow(1 if late else acked, rtt)

    def repair(self) -> None:
        """Fast retransmit: what limited transmit sent does not count as in flight (RFC 5681 §3.2, step 2)."""
        self.cut(self.next - self.una - 2)
        self.recover, self.partial = self.next, False
        self.move(THIRD)
        self.send(self.una)
        self.wind()

    def give_up(self) -> None:
        """The timer has gone off: begin again with the first packet that is not acknowledged."""
        waited = self.expire(self.next - self.una - self.duplicates)
        self.next, self.duplicates = self.una, 0
        self.fill()
        self.look(waited)
