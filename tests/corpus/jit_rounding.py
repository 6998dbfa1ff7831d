"""abs(), math.floor(), math.ceil() and math.trunc() of what kind is only guessed."""
import math
from fractions import Fraction


class Point:
    def __init__(self, x):
        self.x = x


def absolute(p):
    return abs(p.x)


def floor(p):
    return math.floor(p.x)


def ceil(p):
    return math.ceil(p.x)


def trunc(p):
    return math.trunc(p.x)


FUNCTIONS = absolute, floor, ceil, trunc
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.0, -2.0, 1e-300, -1e-300, 123456789.75, -123456789.75, 2.0**52 + 0.5,
          -(2.0**52) - 0.5, 2.0**53 + 2, 2.0**60, -(2.0**60), 2.0**61, -(2.0**61), 2.0**62, 2.0**63, 1e300]
INTS = [0, 1, -1, 7, -7, 2**61, -(2**61), 2**62 - 1, -(2**62), 2**62, -(2**63), 10**30, -(10**30)]


def many(f, values, n):
    for _ in range(n):
        r = [f(Point(v)) for v in values]
    return r


for f in FUNCTIONS:
    print(f.__name__, many(f, [0.25, -3.75, 8.0], 120))
    print(many(f, FLOATS, 3))
    for bad in math.inf, -math.inf, math.nan, "text", None, 1j:
        try:
            print(repr(f(Point(bad))))
        except (TypeError, ValueError, OverflowError) as e:
            print(type(e).__name__, e)
    print(many(f, INTS, 3))
    print(many(f, [True, False], 3))
    print(many(f, [5, -5, 6], 120))


class Odd(float):
    def __abs__(self):
        return "abs"

    def __floor__(self):
        return "floor"

    def __ceil__(self):
        return "ceil"

    def __trunc__(self):
        return "trunc"


class Plain(float):
    pass


class Number(int):
    def __abs__(self):
        return "abs of an int"


for f in FUNCTIONS:
    print(many(f, [Odd(1.5), 1.5, Plain(-2.5), Number(-3), Fraction(-7, 2), -3], 60))


def minus(n):
    total = 0
    for i in range(-n, n):
        total += abs(i) + math.floor(i / 3) - math.ceil(i / 7) + math.trunc(i / 5)
    return total


print(minus(300), minus(700))


def edge(i, k):
    return abs(i - k)


print([edge(i, 5) for i in range(300)][-1], edge(-(2**61), 2**61), edge(-(2**62) + 1, 1), edge(-(2**62), 1))


def zero(x):
    return abs(x), math.copysign(1, abs(x))


for _ in range(300):
    r = zero(-0.0)
print(r)

real_abs = abs
for k in range(300):
    if k == 250:
        def abs(x):
            return "another"
    r = absolute(Point(-1.0))
print(r)
