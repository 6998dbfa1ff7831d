# Calls of instances, of bound methods kept in variables, and what is raised through them.
import traceback


class Poly:
    def __init__(self, *c):
        self.c = c

    def __call__(self, x, scale=1):
        r = 0
        for k in self.c:
            r = r * x + k
        return r * scale


class Twice(Poly):
    def __call__(self, x):
        return super().__call__(x) * 2


class Fails:
    def __init__(self):
        self.n = 0

    def __call__(self, x):
        self.n += 1
        if self.n % 700 == 0:
            raise ValueError(self.n)
        return x


def run(f, n):
    s = 0
    for i in range(n):
        s += f(i)
    return s


p, t = Poly(1, 2, 3), Twice(1, 0)
print(run(p, 3000), run(t, 3000), run(p, 10), run(len.__class__.__call__ and abs, 10))
print(sum(p(i, scale=2) for i in range(2000)), sum(p(i, 3) for i in range(2000)))

f = Fails()
for _ in range(3):
    try:
        run(f, 1000)
    except ValueError as e:
        print(e, [(f.name, f.lineno, f.colno) for f in traceback.extract_tb(e.__traceback__)])

bound = p.__call__
total = 0
for i in range(3000):
    total += bound(i)
print(total)


def many(n, call=p):
    r = []
    for i in range(n):
        g = call if i % 3 else t
        r.append(g(i))
    return sum(r)


print(many(3000))
Poly.__call__ = lambda self, x, scale=1: x
print(run(p, 3000), run(t, 3000), many(2000))
del Twice.__call__
print(run(t, 2000))
del Poly.__call__
try:
    run(p, 3)
except TypeError as e:
    print(e)
try:
    for i in range(2000):
        f(i) if i < 1999 else f(i, 1)
except (TypeError, ValueError) as e:
    print(type(e).__name__, e)


class Counter:
    total = 0

    def add(self, n):
        self.total += n
        return self.total


c = Counter()
add = c.add


def through_global(n):
    for i in range(n):
        add(i)
    return c.total


print(through_global(3000))
add = Counter().add
print(through_global(3000))
