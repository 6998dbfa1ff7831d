# Functions of math and powers in hot code: results, domain and range errors, complex results, ints, big ints, signs.
import math


def sums(n):
    t = 0.0
    for i in range(n):
        x = i * 0.001
        t += math.sin(x) * math.cos(x) + math.exp(-x) + math.atan(x) + math.sqrt(x) + x ** 1.5 + math.log(x + 1.0)
        t += math.tanh(x) - math.fabs(-x) + math.log2(x + 1) + math.log10(x + 2)
    return t


def apply(f, values):
    out = []
    for v in values:
        try:
            out.append(f(v))
        except (ValueError, OverflowError, TypeError, ZeroDivisionError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


def power(a, b):
    return a ** b


def negative(v):
    return -v


class Meters:
    def __init__(self, v):
        self.v = v

    def __float__(self):
        return self.v

    def __neg__(self):
        return Meters(-self.v)


INF = float("inf")
ODD = [0.0, -0.0, 1, -1, 2.5, -2.5, 1e308, -1e308, INF, -INF, True, 2**70, 10**400, Meters(0.5), "x", None]


def show(values):
    return [v.v if isinstance(v, Meters) else v for v in values]


def main():
    print(f"{sums(3000):.6f}")
    functions = [
        math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.exp, math.log, math.log2, math.log10,
        math.sinh, math.cosh, math.tanh, math.fabs, math.sqrt,
    ]
    for f in functions:
        names = {"math": math}
        exec(f"def g(x):\n    return math.{f.__name__}(x)", names)
        g = names["g"]
        for _ in range(300):
            g(0.25)
        print(f.__name__, apply(g, ODD))
        for _ in range(300):
            g(1)
        print(apply(g, ODD)[:4])
    for _ in range(300):
        power(2.0, 0.5)
    for a in [0.0, -0.0, 2.0, -8.0, 1e200, INF, 3, 2**70]:
        print([str(x) for x in apply(lambda b: power(a, b), [0.0, 0.5, -1.0, 2.0, 3, -2, 2.5, INF, "x"])])
    for _ in range(300):
        negative(1.5)
    print(show(apply(negative, ODD + [-(2**62), 2**62, -0.0, []])))
    for _ in range(300):
        negative(3)
    print(show(apply(negative, ODD + [-(2**62), 2**62, 0])))


main()
