"""What people mean who answer a message: a command, in English or Hindi, and maybe an appointment's number."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Command(StrEnum):
    """What an answer asks for; whatever else it says is UNKNOWN."""

    CONFIRM = "CONFIRM"
    CANCEL = "CANCEL"
    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    UNKNOWN = "UNKNOWN"


class Outcome(StrEnum):
    """What came of an answer."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    NOT_FOUND = "NOT_FOUND"  # no such appointment, not his, over, or begun: nobody learns which
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    TOO_LATE = "TOO_LATE"
    STOPPED = "STOPPED"
    STARTED = "STARTED"
    HELPED = "HELPED"


WORDS = {
    Command.CONFIRM: ("confirm", "confirmed", "yes", "haan", "हाँ", "हां", "हा", "जी हाँ", "जी हां", "पुष्टि", "पुष्टि करें"),
    Command.CANCEL: ("cancel", "रद्द", "रद्द करें", "रद्द करो"),
    Command.STOP: ("stop", "stopall", "unsubscribe", "end", "quit", "बंद", "बंद करें"),
    Command.START: ("start", "unstop", "resume", "शुरू", "शुरू करें"),
    Command.HELP: ("help", "info", "मदद", "सहायता"),
}
SHORT = {"1": Command.CONFIRM, "2": Command.CANCEL}

_MEANING = {word: command for command, words in WORDS.items() for word in words}
_SENTENCE = re.compile(r"(\D+?)[\s:#.-]*(\d{1,15})?")
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and the appointment's number if one was given."""

    command: Command
    appointment_id: int | None = None


def read_answer(text: str) -> Asked:
    """What a message asks for: `CONFIRM 12`, `cancel #12`, `पुष्टि १२`, `1`, in any case and spacing.

    Nothing is guessed from a longer sentence: it could mean the opposite.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(".!।\"'")
    if plain.isdecimal():
        return Asked(SHORT.get(str(int(plain[:16])), Command.UNKNOWN))
    sentence = _SENTENCE.fullmatch(plain)
    if sentence is None:
        return Asked(Command.UNKNOWN)
    word, number = sentence.groups()
    command = _MEANING.get(word.strip(), Command.UNKNOWN)
    return Asked(command, int(number) if number and command is not Command.UNKNOWN else None)


def is_hindi(text: str) -> bool:
    """Whether a message is written in the script of Hindi."""
    return _DEVANAGARI.search(text) is not None
