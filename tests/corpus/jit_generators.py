# Generators in compiled code: every kind of loop around a yield, values sent in, delegation, what others see of a
# suspended frame, exceptions thrown in and coming out.
import sys


def counting(n):
    i = 0
    while i < n:
        yield i
        i += 1


def over(seq):
    for x in seq:
        yield x + 1


def floats(n):
    x = 0.0
    for i in range(n):
        x = x * 0.5 + i
        yield x
    return x


def pairs(n):
    for i in range(n):
        for j in range(i % 3):
            if (i + j) % 2:
                continue
            yield i, j


def total(it):
    t = 0
    for x in it:
        t += x
    return t


N = 4000
print(total(counting(N)), sum(counting(N)), len(list(counting(N))))
print(total(over(range(N))), total(over([1, 2, 3] * 900)), total(over((4, 5) * 900)), total(over({k: k for k in range(N)})))
print(total(floats(N)), max(floats(N)))
print(sum(i * j for i, j in pairs(3 * N)), any(x > N - 2 for x in counting(N)))
print(sum(x * x for x in over(counting(N)) if x % 3))


def echo():
    got = []
    while len(got) < N:
        v = yield len(got)
        got.append(v)
    return got[-3:]


def use(g):
    r = next(g)
    while True:
        try:
            r = g.send(r * 2)
        except StopIteration as e:
            return e.value


print(use(echo()))


def inner(n):
    t = 0
    for i in range(n):
        v = yield i
        if v is not None:
            t += v
    return t


def outer(n):
    a = yield from inner(n)
    b = yield from [a, a + 1]
    yield a, b


print(sum(x if isinstance(x, int) else x[0] for x in outer(N)))
g = outer(N)
r = next(g)
while isinstance(r, int) and r < N - 1:
    r = g.send(2)
print(r, g.send(5), next(g), next(g))


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


print(sum(Tree(0, 3000)), list(Tree(0, 6)))


def guarded(n, log):
    i = 0
    try:
        while i < n:
            try:
                yield i
            except KeyError as e:
                log.append(e.args[0])
                yield -i
            i += 1
    finally:
        log.append("end")


log = []
g = guarded(N, log)
t = 0
for k in range(N):
    v = next(g)
    t += v
    if k % 1000 == 999:
        t += g.throw(KeyError(k))
g.close()
print(t, log)


def failing(n):
    for i in range(n):
        yield 100 // (n - 2 - i)


def collect(g):
    out = 0
    try:
        for x in g:
            out += x
    except ZeroDivisionError as e:
        tb = e.__traceback__
        lines = []
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        return out, lines
    return out


print(collect(failing(N)))


def stopping(n):
    for i in range(n):
        if i == n - 1:
            raise StopIteration(i)
        yield i


try:
    total(stopping(N))
except RuntimeError as e:
    print(e, repr(e.__cause__))


def watched(n):
    here = 0
    for i in range(n):
        here = i * 0.5
        yield i


g = watched(N)
for x in g:
    if x % 1500 == 0:
        print(x, g.gi_frame.f_locals, g.gi_frame.f_lineno - g.gi_code.co_firstlineno, g.gi_running, g.gi_yieldfrom)
print(g.gi_frame)


def looking(n):
    for i in range(n):
        f = sys._getframe()
        yield f.f_locals["i"], f.f_lineno - f.f_code.co_firstlineno


print([p for p in looking(N) if p[0] % 1999 == 0])


def itself(n):
    g = yield
    for i in range(n):
        try:
            next(g)
        except ValueError as e:
            yield str(e)


g = itself(N)
next(g)
print(g.send(g), len(set(g)))


def deep(n):
    if n:
        yield from deep(n - 1)
    yield n


print(sum(deep(100)), sum(sum(deep(20)) for _ in range(200)))


def endless():
    yield from endless()


try:
    next(endless())
except RecursionError as e:
    print(type(e).__name__)


def mixed(n):
    # One local is an int, a float, a str in turn.
    x = 0
    for i in range(n):
        yield x
        x = [i, i * 0.5, str(i)][i % 3]


print(len([v for v in mixed(N) if isinstance(v, float)]), len([v for v in mixed(N) if isinstance(v, str)]))
it = iter(range(10))
print([a + b for a in it for b in it], list(it))
shared = iter([1, 2, 3, 4, 5, 6])
print([(a, next(shared, None)) for a in shared])
