# Powers of floats are what the C library says, to the last bit, however they are worked out.
import math
import random

random.seed(11)


def numbers(n):
    for i in range(n):
        x = math.ldexp(random.random() + 0.5, random.randrange(-45, 45))
        yield x
    yield from (0.25, 1.0, 2.0, 4.0, 0.1, 3.0, 1e10, 1e-10, 1.5, math.pi)


def squares(xs):
    return [x**2 for x in xs]


def cubes(xs):
    return [x**3 for x in xs]


def roots(xs):
    return [x**0.5 for x in xs]


def inverse_roots(xs):
    return [x**-0.5 for x in xs]


def halves(xs):
    return [x**1.5 for x in xs]


def inverse_halves(xs):
    return [x**-1.5 for x in xs]


def inverses(xs):
    return [x**-1 for x in xs]


def inverse_squares(xs):
    return [x**-2.0 for x in xs]


def others(xs):
    return [x**2.5 for x in xs]


def ones(xs):
    return [x**1.0 for x in xs]


ALL = [
    (squares, 2),
    (cubes, 3),
    (roots, 0.5),
    (inverse_roots, -0.5),
    (halves, 1.5),
    (inverse_halves, -1.5),
    (inverses, -1),
    (inverse_squares, -2.0),
    (others, 2.5),
    (ones, 1.0),
]


xs = list(numbers(6000))
for f, c in ALL:
    got = f(xs)
    print(f.__name__, len(got), [i for i, x in enumerate(xs) if got[i] != math.pow(x, c)])

odd = [0.0, -0.0, -1.0, -2.5, 1e200, -1e200, 1e-200, 5e-324, 1e308, math.inf, -math.inf, math.nan, 1e13, -1e13]
for f, c in ALL:
    r = []
    for x in odd:
        try:
            r.append(f([1.5] * 3 + [x])[-1])
        except (OverflowError, ZeroDivisionError) as e:
            r.append(f"{type(e).__name__}: {e}")
    print(f.__name__, r)


def energy(n):
    s = 0.0
    x = 1.0
    for i in range(n):
        x = x * 1.0001 + 0.001
        s += x**-1.5 + x**2 + x**0.5
    return s


print(round(energy(5000), 6))
