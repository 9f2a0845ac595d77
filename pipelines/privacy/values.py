"""What takes the place of a personal value: a token that is equal where the value was equal, and as good for identity.

Identity joins accounts by e-mail address, tax number, or phone and name. A token is a key exactly where the value was
one, so that erasing a person neither splits nor merges customers, and no figure changes. What was read of a comment is
kept with its token: how its writer felt, and which words of our own lists were in it.
"""

import re
from datetime import date
from functools import partial

from pipelines.feedback.read import kept_reading, remembered
from pipelines.identity.exact import digits, is_email, letters_and_digits, plain
from pipelines.privacy.secret import Secret

NOTHING = "-"
_ERASED = re.compile(r"erased [0-9a-f]{24}|[0-9a-f]{24}@erased\.invalid|ERASED[0-9a-f]{24}|\+000\d{15}|-")
# macros/segments.sql: the first ages of the bands
_AGES = (25, 35, 45, 55, 65)
# the columns that reports about feedback read
READ = frozenset({"comment", "subject"})
PRECISIONS = ("year", "month", "day")


def token(secret: Secret, column: str, value: str | None, precision: str = "year") -> str | None:
    """Return what stands for `value` of a personal `column`; nothing for nothing, and a token for itself."""
    if value is None or not value.strip() or _ERASED.fullmatch(value):
        return value
    text = partial(_text, secret)
    if column in READ:
        return value if kept_reading(value) else f"{text(value)} [{remembered(value)}]"
    if column == "email":
        return f"{secret.hash('email', plain(value))}@erased.invalid" if is_email(value) else text(value)
    if column == "tax_id":
        known = letters_and_digits(value)
        return f"ERASED{secret.hash('tax_id', known)}" if len(known) >= 5 else NOTHING
    if column == "phone":
        known = digits(value)
        return f"+000{int(secret.hash('phone', known), 16) % 10**15:015d}" if len(known) >= 7 else NOTHING
    if column == "birth_date":
        return _coarse(value, precision) or text(value)
    return text(value)


def precision_of(born: str, first_day: date, last_day: date) -> str:
    """Return how exact a date of birth has to stay, so that nobody changes an age group from `first_day` to `last_day`.

    `year`, `month` or `day`: nearly always the first.
    """
    for precision in PRECISIONS[:-1]:
        coarse = _coarse(born, precision)
        if coarse is None or _bands(born, first_day, last_day) == _bands(coarse, first_day, last_day):
            return precision
    return PRECISIONS[-1]


def _text(secret: Secret, value: str) -> str:
    return f"erased {secret.hash('text', plain(value))}"


def _coarse(value: str, precision: str) -> str | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip()):
        return None
    year, month, day = value.strip().split("-")
    return "-".join((year, "01" if precision == "year" else month, day if precision == "day" else "01"))


def _bands(value: str, first_day: date, last_day: date) -> list[date]:
    """The days on which the age group changes, moved to the ends of the span where they lie beyond them."""
    try:
        born = date.fromisoformat(value.strip())
    except ValueError:
        return []
    changes = [born, *(_birthday(born, age) for age in _AGES)]
    return [min(max(change, first_day), date.fromordinal(last_day.toordinal() + 1)) for change in changes]


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return born.replace(year=born.year + age, day=28)
