"""The two ways in which bytes can fail. (The third failure, a caller's, is ``ValueError`` or ``TypeError``.)

Hostile bytes raise nothing but these two. Which of them tells the reader what to do: wait, or hang up.

>>> raise WireError("control frames carry at most 125 bytes, not 126", "RFC 6455 §5.5")
Traceback (most recent call last):
    ...
netlab.wire.failures.WireError: control frames carry at most 125 bytes, not 126 (RFC 6455 §5.5)
"""


class Incomplete(Exception):  # noqa: N818 - it is a signal, not an error
    """The bytes end before the message does: feed at least ``missing`` more, then decode again.

    ``missing`` is what is *known* to be missing. A reader that has not seen the length yet asks for the
    length; once it has, for the rest. Raises ``ValueError`` where it is not at least 1.
    """

    def __init__(self, missing: int) -> None:
        if missing < 1:
            raise ValueError(f"whoever waits, waits for at least 1 byte, not {missing}")
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return f"at least {self.missing:,} more byte{'s are' if self.missing > 1 else ' is'} needed"


class WireError(Exception):
    """The peer broke the specification: ``message`` says how, ``rule`` says which sentence of it."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message, rule)  # both are kept as arguments, so that the error can be copied and pickled
        self.message, self.rule = message, rule

    def __str__(self) -> str:
        return f"{self.message} ({self.rule})"
