"""The names that CPython's native _io has; io makes them."""

from io import (
    DEFAULT_BUFFER_SIZE, BlockingIOError, BufferedIOBase as _BufferedIOBase,
    BufferedRandom, BufferedReader, BufferedRWPair, BufferedWriter, BytesIO,
    FileIO, IncrementalNewlineDecoder, IOBase as _IOBase,
    RawIOBase as _RawIOBase, StringIO, TextIOBase as _TextIOBase,
    TextIOWrapper, UnsupportedOperation, open, open_code, text_encoding,
)
