# Calls, methods, attributes and classes in hot code; changes behind the compiler's back.
import sys


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


class Point:
    scale = 2

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def norm(self):
        return self.x * self.x + self.y * self.y

    @property
    def twice(self):
        return self.x * self.scale

    def add(self, other):
        return Point(self.x + other.x, self.y + other.y)


class Sub(Point):
    def norm(self):
        return -Point.norm(self)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a
        self.b = 0

    def step(self):
        self.b += self.a
        return self.b


def methods(n):
    p = Point(0, 0)
    q = Point(1, 0.5)
    t = 0
    for i in range(n):
        p = p.add(q)
        t += p.norm() + p.twice
    return p.x, p.y, t


def polymorphic(n):
    ps = [Point(1, 2), Sub(3, 4), Point(5, 6.5)]
    t = 0
    for i in range(n):
        t += ps[i % 3].norm()
    return t


def slots(n):
    s = Slots(3)
    for i in range(n):
        s.step()
    return s.b


def helper(x):
    return x + 1


def rebound(n):
    global helper
    t = 0
    for i in range(n):
        t += helper(i)
        if i == n // 2:
            helper = lambda x: x * 2
    return t


def class_changes(n):
    p = Point(1, 2)
    out = []
    for i in range(n):
        if i == n // 2:
            Point.norm = lambda self: 1000
        v = p.norm()
        if i in (0, n - 1):
            out.append(v)
    return out


def shape_changes(n):
    t = 0
    for i in range(n):
        p = Point(i, 1)
        if i % 1000 == 999:
            p.extra = 5
            del p.x
            p.x = 7
        t += p.x
        t += getattr(p, "extra", 0)
    return t


def closure(n):
    count = 0

    def bump(k):
        nonlocal count
        count += k
        return count

    for i in range(n):
        bump(i)
    return count


def raising(i):
    if i % 100 == 7:
        raise ValueError(i)
    return i


def catches(n):
    caught = []
    t = 0
    for i in range(n):
        try:
            t += raising(i)
        except ValueError as e:
            caught.append(e.args[0])
            depth = 0
            tb = e.__traceback__
            while tb:
                depth += 1
                line = tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno
                tb = tb.tb_next
    return t, len(caught), depth, line


def frames(n):
    out = []
    for i in range(n):
        if i % 1000 == 999:
            out.append(who(i))
    return out


def who(i):
    secret = i * 2
    f = sys._getframe()
    g = f.f_back
    return f.f_locals["secret"], g.f_locals["i"], g.f_code.co_name, g.f_lineno - g.f_code.co_firstlineno


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


def too_deep():
    try:
        return deep(10**6)
    except RecursionError as e:
        return str(e)[:32]


def defaults(a, b=2, *rest, c=3, **kw):
    return a + b + c + len(rest) + len(kw)


def call_forms(n):
    t = 0
    for i in range(n):
        t += defaults(i)
        t += defaults(i, 1, 2, 3, c=4, d=5)
        t += defaults(*(i, 2), **{"c": 1})
        t += max(i, 5) + abs(-i) + len("abc") + int("7") + min([i, 3])
    return t


def returns_bad():
    class Bad:
        def __init__(self):
            return 5

    out = []
    for i in range(2000):
        try:
            Bad()
        except TypeError as e:
            out = [str(e)]
    return out


class Meta(type):
    def __call__(cls, *a):
        return ("meta", a)


class Made(metaclass=Meta):
    def __init__(self):
        self.v = 1


def metas(n):
    for i in range(n):
        m = Made()
    return m


class Getter:
    def __getattr__(self, name):
        return len(name)

    def __call__(self, x):
        return x + self.abc

    def __add__(self, o):
        return o * 2

    def __eq__(self, o):
        return o == 3

    __hash__ = None


def specials(n):
    g = Getter()
    t = 0
    for i in range(n):
        t += g.whatever + g(i) + (g + i) + (g == i % 5) + (i % 5 == g)
    return t


def generators(n):
    return sum(x * 2 for x in range(n) if x % 3), list(map(lambda v: v + 1, range(5)))


def supers(n):
    class A:
        def f(self, x):
            return x + 1

    class B(A):
        def f(self, x):
            return super().f(x) * 2

    b = B()
    t = 0
    for i in range(n):
        t += b.f(i)
    return t


print([fib(i) for i in range(18)])
print(methods(3000))
print(polymorphic(3001))
print(slots(3000))
print(rebound(3000))
print(shape_changes(3500))
print(class_changes(3000))
print(closure(3000))
print(catches(3000))
print(frames(3000))
print(deep(500), too_deep())
print(call_forms(2000))
print(returns_bad())
print(metas(2000))
print(specials(3000))
print(generators(3000))
print(supers(3000))


def never_gets_far(o):
    return o.missing.other[0]


def tries_often(n):
    failed = 0
    for _ in range(n):
        try:
            never_gets_far(n)
        except AttributeError:
            failed += 1
    return failed


print(tries_often(9000))
