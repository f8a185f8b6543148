"""What stops a consent before its mailbox is even asked after."""

from mailbox_operator.decide.machine.consent import Trouble


class Refused(Exception):  # noqa: N818 - it reports the world, not an error of ours
    """A step of a consent is not taken.

    Attributes:
        uid: Of the Mailbox, so that there is a way back; empty if it is not known.
    """

    def __init__(self, trouble: Trouble, uid: str = "") -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.uid = uid
