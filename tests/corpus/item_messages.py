"""What setting and deleting items says of objects that have none, by the kind of key."""


class P:
    pass


class I:
    def __index__(self): return 2**80
class J:
    def __index__(self): raise KeyError("j")
for o in ("s", b"b", (1,), range(3), P(), 1.5, None, frozenset(), len, P, memoryview(b"ab"), {}.keys(), iter([]), 2j):
    for k in (0, 2**70, -2**70, "k", 1.5, I(), J(), None, True):
        try: o[k] = 1
        except Exception as e: print("set", type(o).__name__, type(k).__name__, type(e).__name__, e)
        try: del o[k]
        except Exception as e: print("del", type(o).__name__, type(k).__name__, type(e).__name__, e)
