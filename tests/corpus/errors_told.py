# What errors say, and where they say they came from.


class A:
    def __setitem__(self, k, v):
        pass


class B:
    def __delitem__(self, k):
        pass


class C:
    pass


class Slots:
    __slots__ = ("q",)


def tried(f, *args):
    try:
        f(*args)
    except Exception as e:
        lines = []
        tb = e.__traceback__
        while tb:
            lines.append(tb.tb_lineno)
            tb = tb.tb_next
        print(type(e).__name__, e, lines)


def set_item(v, k):
    v[k] = 1


def delete_item(v, k):
    del v[k]


for v in (1, 2.5, None, (1,), "a", b"a", range(3), A(), B(), C(), Slots(), len, {1}, {}.keys(), C, iter([]), OSError()):
    for k in (0, slice(1), "x", 1.5):
        tried(delete_item, v, k)
    for n in ("zz", "__class__", "__len__", "__doc__"):
        tried(delattr, v, n)
tried(set_item, A(), 0)
tried(set_item, B(), 0)
tried(set_item, C(), 0)
tried(lambda a=1: 0, 1, 2)
tried(lambda a, b=1: 0, 1, 2, 3)
tried(lambda a: 0, 1, 2)
tried(lambda *, a=1: 0, 1, 2)


def much(n):
    return [0] * n


for n in (2**62, 2**61, 2**60):
    tried(much, n)


# What `__init__` returns is the error of who made the object: its own frame has ended.
class Returns:
    def __init__(self):
        for _ in range(3):
            pass
        return 'something'


def make():
    return Returns()


def told():
    try:
        make()
    except TypeError as e:
        tb, depth = e.__traceback__, 0
        while tb is not None:
            tb, depth = tb.tb_next, depth + 1
        return str(e), depth


print({told() for _ in range(100)})
