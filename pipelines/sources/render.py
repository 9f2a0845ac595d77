"""Typed values as text, one way each, so that the same value gives the same text whatever file it came in."""

import json
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"(-?\d+)\.0+")


class Number(str):
    """A JSON number as it was written: binary floats would not keep its digits."""

    __slots__ = ()


def render(value: Any) -> str | None:
    """Return `value` as text; None and the empty text are None.

    Whole numbers have no fraction (12.0 is '12'), decimals and other JSON numbers keep their digits, floats are as
    `repr` has them. Booleans are true and false, dates YYYY-MM-DD, timestamps YYYY-MM-DD HH:MM:SS[.ffffff][+HH:MM],
    durations HH:MM:SS[.ffffff]. Lists and objects are compact JSON with sorted names. Bytes are text if they are
    UTF-8, else hexadecimal after \\x.
    """
    if value is None or (isinstance(value, str) and not isinstance(value, Number)):
        return value or None
    if isinstance(value, (list, tuple, dict)):
        return _nested(value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        whole = _WHOLE.fullmatch(value)
        return whole[1] if whole else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, bytes):
        return _text(value)
    return str(value)


def _duration(value: timedelta) -> str:
    sign, rest = ("-", -value) if value < timedelta() else ("", value)
    seconds = rest.days * 86_400 + rest.seconds
    fraction = f".{rest.microseconds:06d}" if rest.microseconds else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "\\x" + value.hex()


def _nested(value: Any) -> str:
    if isinstance(value, dict):
        items = sorted((str(name), _nested(item)) for name, item in value.items())
        return "{" + ",".join(f"{_quoted(name)}:{item}" for name, item in items) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_nested(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, (bool, int, Decimal, Number)) or (isinstance(value, float) and abs(value) < float("inf")):
        return _scalar(value)
    return _quoted(value if isinstance(value, str) else _scalar(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
