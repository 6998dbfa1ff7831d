"""Chains of `yield from` and `await`, and generators whose frames others look at while they run."""
import sys
import traceback


def leaf(n):
    for i in range(n):
        got = yield i
        if got is not None:
            yield ("got", got)
    return n * 10


def middle(n, depth):
    if depth == 0:
        result = yield from leaf(n)
    else:
        result = yield from middle(n, depth - 1)
    return result + 1


def top(n, depth):
    a = yield from middle(n, depth)
    b = yield from middle(n, depth)
    return a, b


def drive(g):
    out = []
    while True:
        try:
            out.append(next(g))
        except StopIteration as stop:
            return sum(x for x in out if isinstance(x, int)), len(out), stop.value


def values():
    for n, depth in ((3000, 0), (500, 1), (300, 5), (300, 40)):
        print(drive(top(n, depth)))
    g = top(10, 6)
    print(next(g), next(g), g.send("hello"), next(g), g.send(5), next(g))


def names_of_frames(f):
    out = []
    while f is not None and f.f_code.co_name != "<module>":
        out.append((f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno))
        f = f.f_back
    return out


def looker(n):
    for i in range(n):
        if i % 700 == 3:
            yield names_of_frames(sys._getframe())
        else:
            yield i


def through(n):
    x = n
    yield from looker(n)
    yield x


def twice_through(n):
    yield from through(n)


def frames():
    for x in twice_through(1000):
        if isinstance(x, list):
            print(x)
    total = 0
    for i, x in enumerate(twice_through(1000)):
        if i > 5 and isinstance(x, list):
            print(x[:3])
            break


def raiser(n, what):
    for i in range(n):
        yield i
    raise what


def around(n, what, depth):
    if depth:
        yield from around(n, what, depth - 1)
    else:
        yield from raiser(n, what)


def catcher(n):
    for k in range(3):
        try:
            yield from around(n, KeyError(k), 2)
        except KeyError as e:
            yield ("caught", e.args, sys.exception() is e)
        finally:
            yield ("finally", k)
    try:
        yield from around(n, ValueError("out"), 3)
    finally:
        yield "last"


def exceptions():
    out = []
    try:
        for x in catcher(800):
            if not isinstance(x, int):
                out.append(x)
    except ValueError as e:
        tb = e.__traceback__
        rows = [(f.name, f.line) for f in traceback.extract_tb(tb)]
        for r in rows:
            print(r)
    print(out)


def closer(log):
    try:
        for i in range(10**6):
            yield i
    except GeneratorExit:
        log.append("exit")
        raise
    finally:
        log.append("closed")


def closes(log, depth):
    try:
        if depth:
            yield from closes(log, depth - 1)
        else:
            yield from closer(log)
    finally:
        log.append(depth)


def closing():
    log = []
    g = closes(log, 4)
    print([next(g) for _ in range(1500)][-1])
    g.close()
    print(log)
    log = []
    g = closes(log, 3)
    for _ in range(1500):
        next(g)
    try:
        g.throw(LookupError("thrown"))
    except LookupError as e:
        print(type(e), e, log)


def self_resuming(box, n):
    for i in range(n):
        if i == n - 2:
            for g in box:
                try:
                    next(g)
                except ValueError as e:
                    yield str(e), g.gi_running, g.gi_suspended
                else:
                    yield "ran"
            for g in box:
                try:
                    g.close()
                except ValueError as e:
                    yield "close", str(e)
        yield i


def hand_on(g):
    yield from g


def reentrance():
    box = []
    a = self_resuming(box, 1500)
    b = hand_on(a)
    c = hand_on(b)
    box.extend([a, b, c])
    for x in c:
        if not isinstance(x, int):
            print(x)
    print([g.gi_running for g in box], [g.gi_frame for g in box])


def shared():
    inner = leaf(3000)
    first, second = hand_on(inner), hand_on(hand_on(inner))
    got = []
    for _ in range(1000):
        got.append((next(first), next(second), next(inner)))
    print(got[0], got[-1])
    inner.close()
    print(list(first), list(second))


def locals_changed(n):
    step = 1
    at = 0
    while at < n:
        at += step
        change(at)
        yield at


def change(at):
    if at == 900:
        f = sys._getframe(1)
        f.f_locals["step"] = 50
        f.f_locals["at"] = 1000


def written_locals():
    out = list(locals_changed(1500))
    print(len(out), out[895:905])


class Suspend:
    def __await__(self):
        got = yield "suspended"
        return got


async def lowest(n):
    total = 0
    for i in range(n):
        total += await Suspend()
    return total


async def awaiting(n, depth):
    if depth:
        return 1 + await awaiting(n, depth - 1)
    return await lowest(n)


def run(coro):
    value = None
    steps = 0
    try:
        while True:
            coro.send(value)
            steps += 1
            value = steps
    except StopIteration as stop:
        return steps, stop.value


def coroutines():
    for depth in (0, 1, 30):
        print(run(awaiting(600, depth)))
    c = awaiting(10, 3)
    c.send(None)
    inner = c.cr_await.cr_await
    print(inner.cr_code.co_name, inner.cr_running, inner.cr_suspended)
    try:
        run(hand_over(inner))
    except RuntimeError as e:
        print(e)
    c.close()
    print(inner.cr_frame)


async def hand_over(c):
    return await c


def handled(n):
    for i in range(n):
        yield i, type(sys.exception()).__name__


def while_handling():
    out = set()
    g = hand_on(handled(3000))
    for _ in range(1000):
        out.add(next(g)[1])
    try:
        raise OSError
    except OSError:
        for _ in range(1000):
            out.add(next(g)[1])
    for x in g:
        out.add(x[1])
    print(sorted(out))


def endless(depth):
    yield depth
    yield from endless(depth + 1)


def too_deep():
    g = endless(0)
    n = 0
    try:
        for n in g:
            pass
    except RecursionError as e:
        print(type(e).__name__, n > 100)


class Tree:
    def __init__(self, low, high):
        self.value = (low + high) // 2
        self.left = Tree(low, self.value) if self.value > low else None
        self.right = Tree(self.value + 1, high) if self.value + 1 < high else None

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def trees():
    t = Tree(0, 1200)
    print(sum(i * v for i, v in enumerate(t)), list(t) == list(range(1200)), max(t), len(set(t)))


def nested():
    def rows(n):
        for i in range(n):
            yield [str(x) for x in columns(i)]

    def columns(i):
        for j in range(i % 4):
            yield len(f"{i}:{j}")

    print(sum(len(r) for r in rows(1000)), "".join(c for r in rows(20) for c in r))


COUNTER = iter(range(10**9))


def without_locals():
    while True:
        yield next(COUNTER)
        yield len(str(next(COUNTER)))


def no_locals():
    g = without_locals()
    print(sum(next(g) for _ in range(2500)), next(COUNTER))
    h = hand_on(without_locals())
    print(sum(next(h) for _ in range(2500)), next(COUNTER))


for f in (values, frames, exceptions, closing, reentrance, shared, written_locals, coroutines, while_handling, too_deep,
          trees, nested, no_locals):
    print("--", f.__name__)
    f()
