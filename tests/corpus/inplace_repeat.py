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
