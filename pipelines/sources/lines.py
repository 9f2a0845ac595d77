"""The physical lines of a text file, counted, with those of the current record kept for error messages and rejects."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.sources.content import open_bytes
from pipelines.sources.model import DataFile, Reading

LIMIT = 16_000_000


class Lines:
    """An iterator of lines with their ends. `number` is the last one's (from 1), `taken` are those since `start()`."""

    def __init__(self, file: DataFile, stream: io.TextIOWrapper) -> None:
        """Read from `stream`, which is the text of `file`."""
        self.file, self.stream = file, stream
        self.number = 0
        self.ended = False
        self.start()

    def start(self) -> None:
        """Begin a new record at the next line."""
        self.taken: list[str] = []
        self.size = 0
        self.first = self.number + 1

    def __iter__(self) -> "Lines":
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line. Raises SourceError when a record grows beyond what fits in memory."""
        try:
            line = self.stream.readline(LIMIT)
        except UnicodeError:
            raise self.file.error(
                f"the text after line {self.number} cannot be decoded as {self.stream.encoding}. Set `encoding`."
            ) from None
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if self.number == 1:
            line = line.removeprefix("\ufeff")
        self.size += len(line)
        if self.size >= LIMIT:
            raise self.file.error(
                f"the row that starts on line {self.first} is longer than {LIMIT:,} characters. "
                "Most likely a quote is opened there and never closed, or this is not a text file."
            )
        self.taken.append(line)
        return line

    @property
    def raw(self) -> str:
        """The text of the current record, without its last line end."""
        return "".join(self.taken).rstrip("\r\n")


@contextmanager
def open_lines(file: DataFile, reading: Reading, newline: str) -> Iterator[Lines]:
    """Give the lines of a text file whose encoding is already known; `newline` as in `open`."""
    with open_bytes(file) as stream, io.TextIOWrapper(stream, reading.encoding, "strict", newline=newline) as text:
        yield Lines(file, text)
