"""Hears what a reply says: makes its text plain and looks for the phrases of each kind."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.phrases import PHRASES
from mailbox_operator.decide.failure.said import Said

ANYTHING: Final = ".{0,40}?"
ENHANCED_CODES: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
JOINTS: Final = re.compile(r"[\s_\-\u2010-\u2015]+")
STROKES: Final = str.maketrans("łıøđ", "liod")
"""Letters that have no accent to take off."""

TRADITIONAL: Final = (
    "專關冊凍務單發號後啟啓塊嘗帳開異錄戶敗數無時暫權機沒"
    "滿確結絕統網認許證試誤賬過達連郵銷鎖錯閉間額須頻驗碼"
)
SIMPLIFIED: Final = (
    "专关册冻务单发号后启启块尝帐开异录户败数无时暂权机没"
    "满确结绝统网认许证试误账过达连邮销锁错闭间额须频验码"
)
"""Chinese is compared in simplified letters, Japanese as well where it shares them."""

PLAIN_LETTERS: Final = STROKES | str.maketrans(TRADITIONAL, SIMPLIFIED)
UNDECODED: Final = re.compile(r"[\udc80-\udcff]")
UNPAIRED: Final = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")
CHARSETS: Final = ("latin-1", "gb18030", "big5", "cp1251", "koi8-r", "shift_jis", "euc-kr")
"""How a server may mean bytes that are no UTF-8; a wrong reading finds no phrase."""

LONGEST_REPLY: Final = 1024
LONGEST_UNDECODED: Final = 256
"""Characters that are read; providers write a few hundred."""

CAUSES: Final = frozenset(
    {
        Said.SENDING_LIMIT, Said.TOO_MANY_LOGINS, Said.TOO_FAST, Said.ACCOUNT_BLOCKED, Said.SMTP_OFF,
        Said.CREDENTIALS, Said.PASSING,
    }
)  # fmt: skip
MOST_CAUSES: Final = 2
"""A reply that lists more of them than that is a catch-all and proves none."""


def said_in(text: str) -> frozenset[Said]:
    """Say what the text of a reply speaks of, in whatever language."""
    readings = _readings(UNPAIRED.sub("?", text[:LONGEST_REPLY]))
    said = {said for said, pattern in PATTERNS.items() if any(map(pattern.search, readings))}
    causes = said & CAUSES
    return frozenset(said - causes if len(causes) > MOST_CAUSES else said)


def normalized(text: str) -> str:
    """Write a text in small letters on one line, without accents, hyphens and enhanced codes."""
    return JOINTS.sub(" ", ENHANCED_CODES.sub(" ", _plain_letters(text.casefold()))).strip()


def _readings(text: str) -> list[str]:
    if not UNDECODED.search(text):
        return [normalized(text)]
    raw = text[:LONGEST_UNDECODED].encode("utf-8", "surrogateescape")
    return [normalized(raw.decode(charset, "replace")) for charset in CHARSETS]


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    spelled = (_plain_letters(each).replace("~", ANYTHING) for each in phrases)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(spelled)})")


def _plain_letters(text: str) -> str:
    """Take the accents off, those of kana as well; phrases and texts are treated the same."""
    apart = unicodedata.normalize("NFKD", text).translate(PLAIN_LETTERS)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


PATTERNS: Final[Mapping[Said, re.Pattern[str]]] = {
    said: _pattern(phrases) for said, phrases in PHRASES.items()
}
