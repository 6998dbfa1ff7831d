"""Operators of Python classes whose right sides are of another type than the site has met before."""


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __add__(self, o):
        return Pair(self.a, o)

    def __mul__(self, o):
        return Pair(o, self.b)


def after_loop(x, n):
    pair = Pair(2, "s")
    total = 0
    for i in range(n):
        total += i
    pair = pair + x
    return total, pair.a, pair.b, (pair * x).a


# The site behind the loop meets floats while the loop is short; the loop is compiled for a frame with an int.
for k in range(60):
    last = after_loop(2.5, 3)
print(last)
for x in (9, 2.5, True, "t", 9):
    print(after_loop(x, 40000))
for k in range(40):
    a, b = after_loop(7, 500), after_loop(7.0, 500)
print(a, b)
