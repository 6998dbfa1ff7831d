# Subscripts in compiled code: arrays of every number type, bytes, str, classes with __getitem__ and __setitem__;
# unpacking of lists and tuples; locals whose type changes from one entry of a loop to the next.
from array import array


def fill(a, n):
    for i in range(n):
        a[i % len(a)] = i % 100
    return sum(a)


def total(a, n):
    t = 0
    for i in range(n):
        t += a[i % len(a)] + a[-1 - i % len(a)]
    return t


for code in "bBhHiIlqLQfd":
    a = array(code, range(10))
    print(code, total(a, 3000), fill(a, 3000), a[3], a[-2])


def store(a, i, v):
    a[i] = v
    return a[i]


def tries(a, values):
    out = []
    for v in values:
        try:
            out.append(store(a, 1, v))
        except (OverflowError, TypeError, IndexError) as e:
            out.append(type(e).__name__)
    return out


for code, limit in [("b", 127), ("B", 255), ("h", 32767), ("H", 65535), ("i", 2**31 - 1), ("I", 2**32 - 1), ("q", 2**63 - 1)]:
    a = array(code, [0, 0])
    for _ in range(600):
        store(a, 1, 5)
    print(code, tries(a, [limit - 1, limit, limit + 1, -1, -limit, -limit - 1, -limit - 2, 1.5, True, "x"]))
a = array("d", [0, 0])
for _ in range(600):
    store(a, 1, 5.0)
print(tries(a, [1, 1.5, 2**70, True, "x", float("inf")]))
a = array("f", [0, 0])
for _ in range(600):
    store(a, 1, 0.1)
print(tries(a, [0.1, 1e300, 3]))


def at(c, i):
    return c[i]


def all_at(c, indices):
    out = []
    for i in indices:
        try:
            out.append(at(c, i))
        except IndexError as e:
            out.append(str(e))
    return out


for _ in range(700):
    at(b"abc", 1)
print(all_at(b"abc", [0, 2, -1, -3, 3, -4]))
print(all_at(bytearray(b"xyz"), [0, 2, -1, -3, 3, -4]))
print(all_at("a\u00e9\u4e2d\U0001f600", [0, 1, 2, 3, -1, 4, -5]))


def letters(s, n):
    out = []
    for i in range(n):
        out.append(s[i % len(s)])
    return "".join(out[-8:])


print(letters("abcdefg", 2000), letters("h\u00e9llo \u4e2d", 2000))


class Grid:
    def __init__(self, w, h):
        self.w = w
        self.data = array("d", [0]) * (w * h)

    def __getitem__(self, xy):
        x, y = xy
        return self.data[y * self.w + x]

    def __setitem__(self, xy, v):
        x, y = xy
        self.data[y * self.w + x] = v


def relax(g, n):
    for _ in range(n):
        for y in range(1, 9):
            for x in range(1, 9):
                g[x, y] = (g[x - 1, y] + g[x + 1, y] + g[x, y - 1] + g[x, y + 1]) * 0.25 + 1.0
    return g[4, 4]


g = Grid(10, 10)
print(relax(g, 60))
try:
    g[1, 100] = 2.0
except IndexError as e:
    print(e)


class Halves:
    def __init__(self):
        self.n = 0

    def __getitem__(self, i):
        self.n += 1
        if i == 777:
            return None
        return i // 2

    def __setitem__(self, i, v):
        if i == 1500:
            raise KeyError(i)
        self.n += v


def use(h, n):
    t = 0
    for i in range(n):
        v = h[i]
        if v is not None:
            t += v
        try:
            h[i] = 1
        except KeyError as e:
            t += e.args[0]
    return t, h.n


print(use(Halves(), 2000))


def swapped(pairs, n):
    t = 0
    for i in range(n):
        [a, b], (c, d) = pairs
        t += a * d - b * c
    return t


print(swapped(([1, 2], (3, 4)), 2000))
try:
    swapped(([1, 2, 3], (3, 4)), 1)
except ValueError as e:
    print(e)
print(swapped(((1, 2), [3, 4]), 3))


def floats(n, step):
    # `x` is a float after the first iteration, unset or an int before; `y` differs from call to call.
    y = step
    for i in range(n):
        x = i * 0.5
        y = y + x
    return x, y


print(floats(2000, 1), floats(2000, 1.5), floats(1, 2))


def nest(n):
    seen = []
    for i in range(n):
        if i == n - 2:
            seen.append(sorted(locals()))
        for j in range(3):
            z = j * 1.5
            w = z + i
    return seen, z, w


print(nest(900))


def spread(n):
    r = n
    count = [0] * (n + 1)
    steps = 0
    while 1:
        while r != 1:
            count[r - 1] = r
            r -= 1
        steps += 1
        while r != n:
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        else:
            return steps


print(spread(7))


class Point:
    def __init__(self, i):
        self.x = i

    def half(self):
        self.x /= 2


def two_loops(n):
    # The second loop has not run when the first one is compiled.
    points = [None] * n
    for i in range(n):
        points[i] = Point(i)
    for p in points:
        p.half()
    return sum(p.x for p in points)


print(two_loops(9000), two_loops(9000))
