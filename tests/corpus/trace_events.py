# What sys.settrace tells: calls, lines, returns, exceptions, in running frames too.
import _thread
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


def short(event, arg):
    if event == "exception":
        return arg[0].__name__, str(arg[1]), arg[2] is not None
    return arg if type(arg) in (int, str, type(None)) else type(arg).__name__


def tracer(frame, event, arg):
    print(frame.f_code.co_name, event, frame.f_lineno - base, short(event, arg))
    return tracer


def gen(n):
    yield n
    x = yield n + 1
    return x


def outer():
    r = yield from gen(3)
    return r


class Iter:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 1:
            raise StopIteration
        return self.n


class Manager:
    def __enter__(self):
        return 1

    def __exit__(self, *a):
        return True


def everything(a):
    x = 1
    for i in range(2):
        x += i
    while x < 4: x += 1
    try:
        raise ValueError("e")
    except ValueError as e:
        y = str(e)
    finally:
        z = 1
    with Manager() as m:
        raise KeyError(m)
    l = [q for q in range(2)]
    for v in outer():
        pass
    for v in Iter(): pass
    if x: y = 2
    else: y = 3
    def inner():
        return a
    inner()
    class K:
        z = 1
    c = lambda: (
        3)
    c()
    match l:
        case []:
            return 1
        case [p, *_] if p:
            return 2
        case _:
            y = 4
    assert y == 4, y
    return x


base = everything.__code__.co_firstlineno
sys.settrace(tracer)
everything(2)
sys.settrace(None)


def fails(n):
    if n == 0:
        raise KeyError(n)
    try:
        fails(n - 1)
    finally:
        n = 3


base = fails.__code__.co_firstlineno
sys.settrace(tracer)
try:
    fails(2)
except KeyError:
    pass
sys.settrace(None)


# A frame that runs already, and a loop in it.
def running():
    f = sys._getframe()
    total = 0
    for i in range(3):
        if i == 1:
            sys.settrace(tracer)
            f.f_trace = tracer
        total += i
    sys.settrace(None)
    for i in range(2):
        total += i
    return total


base = running.__code__.co_firstlineno
print(running(), running())


# A generator that is resumed by throw and close.
def resumed():
    try:
        yield 1
    except KeyError:
        yield 2
    finally:
        print("left")


base = resumed.__code__.co_firstlineno
g = resumed()
next(g)
sys.settrace(tracer)
g.throw(KeyError("k"))
g.close()
sys.settrace(None)


# An error in the trace function ends tracing.
def broken(frame, event, arg):
    if event == "line":
        raise RuntimeError("enough")
    return broken


def two():
    a = 1
    return a


sys.settrace(broken)
try:
    two()
except RuntimeError as e:
    print("caught", e, sys.gettrace())


# Single instructions; lines off.
def opcodes(frame, event, arg):
    frame.f_trace_lines = False
    frame.f_trace_opcodes = True
    seen.append(event)
    return opcodes


seen = []
sys.settrace(opcodes)
two()
two()
sys.settrace(None)
print(seen.count("opcode") > 2, set(seen) - {"opcode"} == {"call", "return"}, "line" in seen)


# Another thread traces itself alone.


def note(frame, event, arg):
    if frame.f_code is two.__code__:
        seen.append((event, frame.f_lineno - two.__code__.co_firstlineno))
    return note


def thread():
    sys.settrace(note)
    two()
    done.release()


seen = []
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(thread, ())
done.acquire()
print(seen, sys.gettrace())
