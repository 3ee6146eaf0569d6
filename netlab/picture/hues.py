"""Colours by meaning: a chapter asks for ``KERNEL``, never for orange."""

from enum import StrEnum


class Hue(StrEnum):
    """A colour, which is a meaning: ask for ``KERNEL``, not for orange. The same in every chapter."""

    GREY = "grey"
    BLUE = "blue"
    ORANGE = "orange"
    TEAL = "teal"
    PURPLE = "purple"
    BROWN = "brown"


GREY = Hue.GREY  # everything that is not the message
OURS = CLIENT = INSIDE = Hue.BLUE  # what we wrote, simulate or send
KERNEL = PEER = SERVER = Hue.ORANGE  # what the kernel or the other side did; what was measured
DELIVERED = OK = FRESH = Hue.TEAL  # it arrived, it is valid, it may pass
CONTROL = ENCRYPTED = Hue.PURPLE  # about the conversation, not of it
LOST = QUEUED = STALE = Hue.BROWN  # it waits, it failed, it is gone; a loss always carries a cross too
