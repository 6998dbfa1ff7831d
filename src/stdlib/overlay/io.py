"""Streams: text, buffered and raw files.

The classes are those of _pyio, under the names that programs know (_io).
"""

__all__ = [
    "BlockingIOError", "open", "open_code", "IOBase", "RawIOBase", "FileIO",
    "BytesIO", "StringIO", "BufferedIOBase", "BufferedReader",
    "BufferedWriter", "BufferedRWPair", "BufferedRandom", "TextIOBase",
    "TextIOWrapper", "UnsupportedOperation", "SEEK_SET", "SEEK_CUR",
    "SEEK_END", "DEFAULT_BUFFER_SIZE", "text_encoding",
    "IncrementalNewlineDecoder", "Reader", "Writer",
]

import abc
import builtins
import sys
from _collections_abc import _check_methods

SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2


class UnsupportedOperation(OSError, ValueError):
    pass


class Reader(metaclass=abc.ABCMeta):
    """What can be read from without waiting for a coroutine."""

    __slots__ = ()

    @abc.abstractmethod
    def read(self, size=..., /):
        """Read data from the input stream and return it."""

    @classmethod
    def __subclasshook__(cls, C):
        return _check_methods(C, "read") if cls is Reader else NotImplemented

    __class_getitem__ = classmethod(type(list[int]))


class Writer(metaclass=abc.ABCMeta):
    """What can be written to without waiting for a coroutine."""

    __slots__ = ()

    @abc.abstractmethod
    def write(self, data, /):
        """Write data to the output stream and return how many items."""

    @classmethod
    def __subclasshook__(cls, C):
        return _check_methods(C, "write") if cls is Writer else NotImplemented

    __class_getitem__ = classmethod(type(list[int]))


def open_code(path):
    return open(path, "rb")


open = builtins.open
DEFAULT_BUFFER_SIZE = 131072
_CONCRETE = ("BufferedRandom", "BufferedReader", "BufferedRWPair", "BufferedWriter", "BytesIO", "FileIO",
             "IncrementalNewlineDecoder", "StringIO", "TextIOWrapper")
_BASES = ("IOBase", "RawIOBase", "BufferedIOBase", "TextIOBase")


class _Later:
    """Stands for a base class until _pyio has made it."""

    @staticmethod
    def register(cls):
        return cls


def _quicken(cls):
    """Reading some bytes that are there, and writing at the end, without the questions that other cases need."""
    read_any, write_any = cls.read, cls.write

    def read(self, size=-1, /):
        buffer, start = self._buffer, self._pos
        # A closed one's buffer is empty.
        if type(size) is int and 0 < size <= len(buffer) - start:
            self._pos = start + size
            return bytes(buffer[start:start + size])
        return read_any(self, size)

    def write(self, b, /):
        buffer = self._buffer
        if type(b) is bytes and self._pos == len(buffer) and not self._IOBase__closed:
            buffer += b
            self._pos = len(buffer)
            return len(b)
        return write_any(self, b)

    for new, old in (read, read_any), (write, write_any):
        new.__doc__, new.__qualname__, new.__module__ = old.__doc__, old.__qualname__, "_io"
        setattr(cls, new.__name__, new)


def __getattr__(name):
    """_pyio is large and many programs never open a file: its classes come when somebody asks."""
    own = globals()
    if name not in _CONCRETE and name not in _BASES and name not in ("BlockingIOError", "text_encoding"):
        raise AttributeError(f"module 'io' has no attribute {name!r}", name=name, obj=sys.modules["io"])
    import _pyio
    # It asks for the bases itself while it is being executed; StringIO is its last class.
    if not hasattr(_pyio, "StringIO"):
        return _Later
    for n in _CONCRETE:
        own[n] = getattr(_pyio, n)
        own[n].__module__ = "_io"
    _quicken(own["BytesIO"])
    for n in _BASES:
        own[n] = getattr(_pyio, n)
        own[n].__module__ = "io"
    own["BlockingIOError"], own["text_encoding"] = BlockingIOError, _pyio.text_encoding
    own["TextIOBase"].register(type(sys.__stdout__))
    own["BufferedIOBase"].register(type(sys.__stdout__.buffer))
    return own[name]
