"""What `*=` says where the left side is no sequence and the right side is one."""


class P:
    pass


for a in (P(), 1.5, None, {}, set(), frozenset(), "s", b"b", [1], (1,), range(3), len, P, 2j, memoryview(b""), iter([]), {}.keys(), slice(1), type, object()):
    for b in ((1,), [1], "s", b"x", bytearray(b"")):
        try:
            x = a
            x *= b
            print(type(a).__name__, type(b).__name__, x)
        except TypeError as e: print(type(a).__name__, type(b).__name__, e)


def failing(f):
    try:
        f()
    except (OverflowError, MemoryError) as e:
        print(type(e).__name__, e)


def in_place(x, n):
    x *= n


# More often than an index can say, or the result would be longer than that.
for sequence in ("ab", b"ab", [1, 2], (1, 2), bytearray(b"ab")):
    for times in (2**62, 2**63 - 1, 2**63, 2**70):
        failing(lambda: sequence * times)
        failing(lambda: in_place(sequence, times))
