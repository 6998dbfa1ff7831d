# A trace function that sets f_lineno.
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


def jump(func, start, to, event="line"):
    out = []
    done = []

    def tracer(frame, what, arg):
        if frame.f_code is func.__code__ and not done:
            line = frame.f_lineno - func.__code__.co_firstlineno
            if what == event and line == start:
                done.append(1)
                frame.f_lineno = func.__code__.co_firstlineno + to
                assert frame.f_lineno == func.__code__.co_firstlineno + to
        return tracer

    sys.settrace(tracer)
    try:
        r = func(out)
    except Exception as e:
        r = f"{type(e).__name__}: {str(e).replace(str(func.__code__.co_firstlineno + to), 'N')}"
    sys.settrace(None)
    print(func.__name__, start, to, out, r)


def plain(out):
    out.append(1)
    out.append(2)
    x = 3
    out.append(4)
    return "end"


def blocks(out):
    out.append(1)
    for i in (1, 2):
        out.append(3)
        out.append(4)
    try:
        out.append(6)
        1 / 0
    except ZeroDivisionError:
        out.append(9)
        out.append(sys.exception() is not None)
    finally:
        out.append(12)
    with open("/dev/null") as f:
        out.append(14)
    out.append(sys.exception())
    while len(out) < 12:
        out.append(17)
    return "end"


def gen(out):
    out.append(1)
    yield 1
    out.append(3)
    yield 2
    out.append(5)


def drive(out):
    for v in gen(out):
        out.append(("v", v))


for start, to in ((1, 3), (1, 4), (4, 1), (2, 5), (2, 9), (1, -3)):
    jump(plain, start, to)
for start, to in ((4, 1), (4, 15), (1, 3), (1, 9), (10, 1), (6, 12), (14, 15), (1, 14), (15, 6)):
    jump(blocks, start, to)
jump(plain, 0, 3, "call")
jump(plain, 5, 1, "return")
try:
    sys._getframe().f_lineno = 3
except ValueError as e:
    print(e)


def in_generator():
    done = []

    def tracer(frame, what, arg):
        if frame.f_code is gen.__code__ and what == "line" and not done:
            if frame.f_lineno - gen.__code__.co_firstlineno == 3:
                done.append(1)
                frame.f_lineno = gen.__code__.co_firstlineno + 5
        return tracer

    out = []
    sys.settrace(tracer)
    drive(out)
    sys.settrace(None)
    print(out)


in_generator()
