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


class _Later:
    """Stands for a base class until _pyio has made it."""

    @staticmethod
    def register(cls):
        return cls


IOBase = RawIOBase = BufferedIOBase = TextIOBase = _Later


def open_code(path):
    return open(path, "rb")


import _pyio
from _pyio import (
    DEFAULT_BUFFER_SIZE, BlockingIOError, BufferedIOBase, BufferedRandom,
    BufferedReader, BufferedRWPair, BufferedWriter, BytesIO, FileIO,
    IncrementalNewlineDecoder, IOBase, RawIOBase, StringIO, TextIOBase,
    TextIOWrapper, open, text_encoding,
)

for _cls in (BufferedRandom, BufferedReader, BufferedRWPair, BufferedWriter,
             BytesIO, FileIO, IncrementalNewlineDecoder, StringIO,
             TextIOWrapper):
    _cls.__module__ = "_io"
for _cls in (IOBase, RawIOBase, BufferedIOBase, TextIOBase):
    _cls.__module__ = "io"
open.__module__ = "_io"
TextIOBase.register(type(sys.__stdout__))
BufferedIOBase.register(type(sys.__stdout__.buffer))
if type(builtins.open) is type(len):
    builtins.open = open
del _cls, _Later
