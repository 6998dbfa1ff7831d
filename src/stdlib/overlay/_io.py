"""The names that CPython's native _io has; io makes them."""

import io as _io_module
from io import DEFAULT_BUFFER_SIZE, UnsupportedOperation, open, open_code


def __getattr__(name):
    bases = "_IOBase", "_RawIOBase", "_BufferedIOBase", "_TextIOBase"
    value = getattr(_io_module, name[1:] if name in bases else name)
    globals()[name] = value
    return value
