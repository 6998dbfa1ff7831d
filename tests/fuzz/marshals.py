"""Damaged marshal data: each must load as some object or raise a plain error.

    marshals.py FROM COUNT

What still loads as a code object is looked at (`dis`), but not run: as everywhere, bytecode is trusted once it is
verified.
"""
import dis
import io
import marshal
import random
import sys

SOURCES = [
    "def f(a, *b, c=1, **d):\n    try:\n        return [x for x in b if x] + [c]\n    finally:\n        print(a)\n",
    "class A[T]:\n    x: int = 1\n    async def m(self):\n        async with self as y:\n            yield y\n",
    "x = (1, 2.5, 'text', b'bytes', None, ..., 3 + 4j, frozenset({1}), 2**100)\nlambda q=x: (yield q)\n",
]
DATA = [
    [1, -5, 2**70, -2**200, 1.5, float("inf"), 3j, "a", "\u00e9\u4e2d\U0001f40d", "\ud800", b"xyz", None, True, ..., StopIteration],
    {"a": [1, (2, 3)], (4, 5): {6, 7}, "b": frozenset("xyz"), 1: {}},
    [[[[[]]]], bytearray(b"q"), ("same", "same") * 3],
]
CLEAN = (ValueError, EOFError, TypeError, MemoryError, OverflowError, RecursionError, UnicodeError)


def damaged(seed, all):
    r = random.Random(seed)
    data = bytearray(r.choice(all))
    for _ in range(r.choice([1, 1, 1, 2, 5, 20])):
        if not data:
            break
        i = r.randrange(len(data))
        kind = r.randrange(6)
        if kind == 0:
            data[i] ^= 1 << r.randrange(8)
        elif kind == 1:
            data[i] = r.choice([0, 1, 127, 128, 255, r.randrange(256)])
        elif kind == 2:
            del data[i:]
        elif kind == 3:
            del data[i:i + r.randrange(9)]
        elif kind == 4:
            j = r.randrange(len(data))
            data[i:i] = data[j:j + r.randrange(16)]
        else:
            data[i:i + 4] = r.choice([b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\1\0\0\0"])
    return bytes(data)


def main():
    codes = [marshal.dumps(compile(s, "<source>", "exec")) for s in SOURCES]
    # Without the sum before them, so that what is inside is looked at.
    bare = [marshal.dumps((compile(s, "<source>", "exec"),)) for s in SOURCES]
    everything = codes + bare + bare + [marshal.dumps(x, v) for x in DATA for v in range(6)] + [marshal.dumps(slice(1, 2, 3))]
    start, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(start, start + count):
        print(seed, end=" ", flush=True)
        data = damaged(seed, everything)
        try:
            x = marshal.loads(data) if seed % 4 else marshal.load(io.BytesIO(data))
        except CLEAN as e:
            print(type(e).__name__)
            continue
        print(type(x).__name__)
        for c in x if type(x) is tuple else [x]:
            if hasattr(c, "co_code"):
                try:
                    dis.dis(c, file=io.StringIO())
                    repr(c.co_consts), list(c.co_lines()), list(c.co_positions()), hash(c), c == c.replace(co_name="q")
                except CLEAN + (IndexError, KeyError, AssertionError, AttributeError):
                    pass


main()
