# Operators on what is now an int, now a float, and on objects of classes with operators of their own.


def poly(x, a, b):
    return (a * x + b) - x


def below(a, b):
    return a < b, a >= b, a == b


mix = [1, 2.5, -3, 0.0, 7, 1e10, 5, -0.5]
for _ in range(900):
    t = 0
    for i, x in enumerate(mix):
        t = poly(x, mix[i - 1], mix[i - 2]) + t
        below(x, mix[i - 1])
print(t)
big = 2**62 - 1
print(poly(big, 1, 0), poly(big, 2, 0), poly(2**70, 0.5, 1), poly(True, 2, 1.5), poly(2, True, False))
print(below(2**53, 2.0**53), below(2**53 + 1, 2.0**53), below(-(2**53) - 1, -2.0**53), below(big, float(big)))
print(below(True, 0.5), below(2**100, 1e30), below(1, float("nan")), below(float("inf"), big))
for bad in ("x", None, [1]):
    try:
        poly(bad, 1, 2)
    except TypeError as e:
        print(e)
    try:
        below(1, bad)
    except TypeError as e:
        print(e)


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        if not isinstance(o, Vec):
            return NotImplemented
        return Vec(self.x + o.x, self.y + o.y)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y)

    def __mul__(self, k):
        if isinstance(k, Vec):
            return self.x * k.x + self.y * k.y
        return Vec(self.x * k, self.y * k)

    def __rmul__(self, k):
        return Vec(k * self.x, k * self.y)

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self

    def __matmul__(self, o):
        raise ArithmeticError("no such product")


class Sub(Vec):
    def __radd__(self, o):
        return "mine"


def walk(n, a, b):
    for i in range(n):
        c = a + b
        d = c - a * 0.5
        a = d * 0.25 + b
        a += b
    return a, d * b


N = 4000
a, p = walk(N, Vec(1, 2), Vec(0.5, -1))
print(round(a.x, 9), round(a.y, 9), round(p, 9))


def add(a, b):
    return a + b


def attempts(pairs):
    for a, b in pairs:
        try:
            r = add(a, b)
            print(type(r).__name__, getattr(r, "x", r))
        except TypeError as e:
            print(e)


v = Vec(1, 2)
for _ in range(N):
    add(v, v)
attempts([(v, v), (v, 1), (v, Sub(5, 6)), (Sub(1, 1), v), (v, "s"), (1, v), (v, 1.5), ([1], [2]), ("a", "b")])


def scale(v, k):
    return k * v, v * k


for _ in range(N):
    scale(v, 3)
print([w.x for w in scale(v, 3)], [w.x for w in scale(v, 0.5)])


def product(a, b):
    return a @ b


def where():
    try:
        product(v, v)
    except ArithmeticError as e:
        tb = e.__traceback__
        out = []
        while tb:
            out.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        return str(e), out


for _ in range(N):
    w = where()
print(w)
Vec.__add__ = lambda self, o: "new"
print(add(v, v))
del Vec.__add__
try:
    add(v, v)
except TypeError as e:
    print(e)


class Count:
    def __init__(self):
        self.n = 0

    def __add__(self, o):
        self.n += 1
        if self.n % 5 == 0:
            return NotImplemented
        return self


def tally(c, n):
    failed = 0
    for i in range(n):
        try:
            c + i
        except TypeError:
            failed += 1
    return failed, c.n


print(tally(Count(), N))
