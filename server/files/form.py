"""The multipart form of an upload, read piece by piece."""

from __future__ import annotations

from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from haystacks.errors import BadRequest

FILE: Final = "file"
_LONGEST_FIELD: Final = 1024
_MOST_FIELDS: Final = 16


class UploadForm:
    """One part that is a file, and short fields beside it.

    ``filename`` and ``declared``, its type, are what the client calls the file, and empty
    where it says nothing. Raises ``BadRequest`` for every form that is another.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise BadRequest("a file is uploaded as multipart/form-data")
        if not options.get(b"boundary"):
            raise BadRequest("the content-type of the upload names no boundary")
        self.filename = ""
        self.declared = ""
        self.fields: dict[str, str] = {}
        self._found = False
        self._complete = False
        self._part = ""
        self._header = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._taken: list[bytes] = []
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._name_header,
                    "on_header_value": self._fill_header,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open,
                    "on_part_data": self._take,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise BadRequest(f"the boundary of the upload can't be used: {error}") from error

    def feed(self, data: bytes) -> bytes:
        """Return the bytes of the file that a piece of the body holds."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise BadRequest(f"the upload is no multipart form: {error}") from error
        taken, self._taken = self._taken, []
        return b"".join(taken)

    def finish(self) -> None:
        """Check that the form came to its end."""
        if not self._complete:
            raise BadRequest("the upload ends before its last boundary")
        if not self._found:
            raise BadRequest('the upload has no part named "file"')

    # -- What the parser tells

    def _begin(self) -> None:
        self._headers = {}

    def _name_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _fill_header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        """Know which part begins."""
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._part = _text(options.get(b"name", b""))
        if self._part == FILE:
            if self._found:
                raise BadRequest("the upload has more than one file")
            self._found = True
            self.filename = _name(options.get(b"filename", b""))
            self.declared = _text(self._headers.get(b"content-type", b""))
        elif b"filename" in options:
            raise BadRequest(f'the file must be the part named "file", not "{self._part}"')
        elif self._part in self.fields or len(self.fields) == _MOST_FIELDS:
            raise BadRequest("the upload has too many fields")
        else:
            self.fields[self._part] = ""

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._part == FILE:
            self._taken.append(data[start:end])
            return
        value = self.fields[self._part] + _text(data[start:end])
        if len(value) > _LONGEST_FIELD:
            raise BadRequest(f'the field "{self._part}" is too long')
        self.fields[self._part] = value

    def _end(self) -> None:
        self._complete = True


def _name(value: bytes) -> str:
    """Return the name of a file: browsers and SDKs write three characters of it encoded.

    As the HTML standard has it (multipart form data): a quote, and the two that end a line.
    """
    for encoded, character in ((b"%22", b'"'), (b"%0D", b"\r"), (b"%0A", b"\n")):
        value = value.replace(encoded, character)
    return _text(value)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
