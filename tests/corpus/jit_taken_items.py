"""Generators whose items are taken at once by sum, list, set, max and the like, and those that are not taken."""
import sys


def squares(n):
    for i in range(n):
        yield i * i


def halves(n):
    i = 0
    while i < n:
        yield i / 2
        i += 1


def mixed(n):
    for i in range(n):
        if i % 7 == 3:
            continue
        yield i if i % 50 else 2.5 if i % 100 else 10**30


def nested(n):
    for i in range(n):
        for j in range(i % 4):
            yield i, j


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, o):
        return isinstance(o, Odd) and self.n == o.n

    def __lt__(self, o):
        return self.n < o.n

    def __radd__(self, o):
        return o + self.n

    def __add__(self, o):
        return self.n + (o.n if isinstance(o, Odd) else o)


def rare(n):
    for i in range(n):
        yield Odd(i) if i % 30 == 7 else i


def failing(n, at):
    for i in range(n):
        if i == at:
            raise KeyError(i)
        yield i


def consume(g):
    try:
        return sum(g)
    except KeyError as e:
        names, tb = [], e.__traceback__
        while tb:
            names.append(tb.tb_frame.f_code.co_name)
            tb = tb.tb_next
        return names, e.args


for n in 0, 1, 2, 3, 100, 400:
    print(n, sum(squares(n)), len(list(squares(n))), len(set(squares(n))), max(squares(n), default=None))
    print(sum(halves(n)), list(halves(n))[-3:], sum(mixed(n)), len(set(mixed(n))), min(mixed(n), default=None))
    print(len(list(nested(n))), len(set(nested(n))), max(nested(n), default=None), sorted(nested(n))[:3])
    print(sum(rare(n)), len(set(rare(n))), sum(0.1 for _ in range(n)), sum((i for i in range(n)), 0.5))
    print(consume(failing(n, 50)), consume(x + 1 for x in failing(n, 300)))
    print(tuple(x for x in squares(n) if x % 3)[-3:], sum(sum(squares(i % 5)) for i in range(n)))
    print(",".join(str(x) for x in range(n))[-12:], sum(x * y for x, y in zip(range(n), halves(n))))


def itself():
    yield 1
    try:
        sum(g)
    except ValueError as e:
        yield 10
        print(e)


for _ in range(60):
    g = itself()
    if sum(g) != 11:
        print("wrong")
    out = []
    out.extend(len(out) for _ in range(100))
    if out != list(range(100)):
        print("wrong", out)
s = {1}
s.update(len(s) for _ in range(100))
print(len(s), max(s))


def sent():
    x = yield 0
    for i in range(50):
        x = yield x


g = sent()
print(next(g), g.send(5), g.send(6), sum(x is None for x in g))


def locals_seen():
    total = 0
    for i in range(200):
        total += i
        if i == 150:
            f = sys._getframe()
            total += f.f_locals["total"] + f.f_lineno - f.f_code.co_firstlineno
        yield total


print(sum(locals_seen()), list(locals_seen())[-1])


def partly(k):
    g = squares(300)
    taken = 0
    for x in g:
        taken += 1
        if taken == k:
            break
    return taken, sum(g), next(g, "end"), list(g)


print([partly(k) for k in (1, 2, 100, 299, 300)])


def closed():
    try:
        for i in range(100):
            yield i
    finally:
        done.append(1)


done = []
for _ in range(80):
    sum(closed())
    g = closed()
    next(g)
    next(g)
    g.close()
print(len(done))
try:
    sum(x for x in [1, 2, "x"] * 50)
except TypeError as e:
    print(e)
try:
    set([x] for x in range(100))
except TypeError as e:
    print(e)
try:
    max(x if x < 90 else "x" for x in range(100))
except TypeError as e:
    print(e)


def gen(n):
    for i in range(n): yield i
def wholly(n):
    a = any(x > 10**9 for x in range(n)), all(x < 10**9 for x in range(n)), len(tuple(x for x in range(n)))
    b = any(x > 5 for x in range(n)), all(x < 5 for x in range(n)), any(gen(n)), all(gen(n)), tuple(gen(3))
    return a, b
for i in range(30): r = wholly(90)
print(r)
class B:
    def __init__(self, v): self.v = v
    def __bool__(self):
        if self.v is None: raise ValueError("no truth")
        return self.v
def told(v, n): 
    try: return any(B(v) if i == n - 5 else 0 for i in range(n)), all(B(v) if i == n - 5 else 1 for i in range(n))
    except ValueError as e: return str(e), e.__traceback__.tb_next.tb_frame.f_code.co_name
for i in range(99): r = told(True, 20), told(False, 20), told(None, 20)
print(r)
def broken(n):
    try: return tuple(1 // (n - i) for i in range(n + 5))
    except ZeroDivisionError as e: return str(e)
for i in range(99): r = broken(10)
print(r)
print(sum([True, False, True]), sum([True], True), type(sum([], True)).__name__, sum([True, 1.5, True]), sum([True, 2**62 - 1, True, 2**62]), sum(x > 2 for x in range(9)), sum([], False), sum([False], 0.5), sum((True, None and 1, True) [:1]))
for i in range(60): r = [sum(x > k for x in range(100)) for k in range(5)]
print(r)
