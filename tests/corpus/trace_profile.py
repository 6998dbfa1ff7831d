# What sys.setprofile tells.
import gc
import sys


def settle(depth):
    """What imports left behind, which a word on the native stack may still hold, must not be seen going."""
    return depth and settle(depth - 1)


for _ in range(20):
    sys.settrace(lambda *_: None)
    settle(30)
    sys.settrace(None)
    gc.collect()
    if not sys.modules["_frozen_importlib"]._module_locks:
        break


def profiler(frame, event, arg):
    what = getattr(arg, "__qualname__", type(arg).__name__)
    log.append((frame.f_code.co_name, event, what))


class A:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    @property
    def double(self):
        return self.n * 2


def gen():
    yield 1
    yield 2


def work():
    a = A(3)
    len(a)
    a.double
    l = [3, 1, 2]
    l.sort(key=lambda x: -x)
    list.append(l, 4)
    "x".join(map(str, l))
    for v in gen():
        pass
    try:
        int("no")
    except ValueError:
        pass
    sorted(*[l], **{"reverse": True})
    print(*l, sep=" ")
    return sum(l)


log = []
sys.setprofile(profiler)
work()
sys.setprofile(None)
for entry in log:
    print(*entry)


def switched():
    n = 0
    for i in range(3):
        if i == 1:
            sys.setprofile(profiler)
        n += abs(i)
    sys.setprofile(None)
    return n


log = []
print(switched(), switched())
for entry in log:
    print(*entry)


def bad(frame, event, arg):
    if event == "c_call":
        raise RuntimeError("stop")


sys.setprofile(bad)
try:
    len("abc")
except RuntimeError as e:
    print(e, sys.getprofile())
