"""Which encoding a text file is in: the configured one, else its byte order mark's, else UTF-8, else GB18030."""

import codecs
from dataclasses import replace
from typing import BinaryIO

from pipelines.sources.content import CHUNK, open_bytes
from pipelines.sources.model import DataFile, Reading

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JUDGED = 10_000


def resolve_encoding(file: DataFile, reading: Reading, sample: bool = False) -> Reading:
    """Return `reading` with the encoding of `file` filled in; the whole file (or the first MiB) has been decoded in it.

    GB18030 (which contains GBK) accepts much that it is not, so it is only taken when most of the file's two-byte
    characters are of the kind that Chinese text is made of. Raises SourceError naming the byte where decoding failed.
    """
    if reading.encoding:
        problem = _undecodable(file, _known(file, reading.encoding), sample)
        if problem is not None:
            raise file.error(
                f"byte {problem} cannot be decoded as {reading.encoding}. Set `encoding` to the right one."
            )
        return reading
    with open_bytes(file) as stream:
        head = stream.read(4)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    problem = _undecodable(file, marked or "utf-8", sample)
    if problem is None:
        return replace(reading, encoding=marked or "utf-8")
    advice = "Set `encoding` to the one it was written in, for example utf-8, gbk or cp1252."
    if marked:
        raise file.error(f"byte {problem} cannot be decoded as {marked}, which its first bytes announce. {advice}")
    other = _undecodable(file, "gb18030", sample)
    if other is not None:
        raise file.error(f"byte {problem} is not UTF-8, and byte {other} is not GB18030 (GBK) either. {advice}")
    if not _looks_chinese(file):
        raise file.error(f"byte {problem} is not UTF-8, and the text does not look like GB18030 (GBK). {advice}")
    return replace(reading, encoding="gb18030")


def _known(file: DataFile, encoding: str) -> str:
    try:
        "x".encode(encoding)
    except (LookupError, UnicodeError):
        raise file.error(f"the encoding {encoding!r} is not known. Examples: utf-8, utf-16, gb18030, cp1252.") from None
    return encoding


def _undecodable(file: DataFile, encoding: str, sample: bool) -> int | None:
    """Return the offset of the first byte (of the decompressed content) that cannot be decoded, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with open_bytes(file) as stream:
        fed = 0
        try:
            while chunk := stream.read(CHUNK):
                fed += len(chunk)
                decoder.decode(chunk)
                if sample and fed >= CHUNK:
                    return None
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # The decoder's own bytes may begin with some kept back from the chunk before.
            return fed - len(error.object) + error.start
        except UnicodeError:
            return 0
    return None


def _looks_chinese(file: DataFile) -> bool:
    """Tell whether most two-byte characters have both bytes high; in Western text read as GB18030 most have not."""
    with open_bytes(file) as stream:
        pairs = _pairs(stream)
    high = sum(pair[1] >= 0x80 for pair in pairs)
    return 2 * high >= len(pairs)


def _pairs(stream: BinaryIO) -> list[bytes]:
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    pairs: list[bytes] = []
    while len(pairs) < _JUDGED and (chunk := stream.read(CHUNK)):
        characters = (c.encode("gb18030") for c in decoder.decode(chunk) if not c.isascii())
        pairs.extend(pair for pair in characters if len(pair) == 2)
    return pairs
