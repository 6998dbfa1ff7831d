# Loops whose checks and loads are done before them, and what may change in the middle of a loop.
from array import array

SCALE = 2


class Grid:
    def __init__(self, rows):
        self.rows = rows
        self.width = len(rows[0])
        self.seen = 0

    def at(self, x, y):
        return self.rows[y][x]

    def twice(self):
        return self.width * 2


class Other:
    rows = [[7, 8, 9], [4, 5, 6]]
    width = 3
    seen = 0

    def at(self, x, y):
        return -1

    def twice(self):
        return 1


def total(g, n):
    s = 0
    for i in range(n):
        for y in range(2):
            for x in range(g.width):
                s += g.rows[y][x] * SCALE + g.at(x, y)
    return s


def grow(g, n):
    # The length of what is indexed changes in the loop.
    row = g.rows[0]
    s = 0
    i = 0
    while i < len(row):
        s += row[i] + g.rows[0][-1]
        if len(row) < n:
            row.append(i)
        i += 1
    return s


def swap(g, n):
    # An attribute changes, in the loop and in what it calls.
    s = 0
    for i in range(n):
        s += g.rows[0][0]
        if i % 5 == 4:
            g.rows = [list(reversed(g.rows[0])), g.rows[1]]
        s += g.rows[0][0] * 10
        g.seen = g.seen + 1
        s += g.seen
    return s, g.seen


def bump():
    global SCALE
    SCALE += 1
    return 0


def rebind(n):
    global SCALE
    s = 0
    for i in range(n):
        s += SCALE * i
        if i % 7 == 6:
            bump()
        s += SCALE
    SCALE = 2
    return s


def change_class(g, n):
    s = 0
    for i in range(n):
        s += g.twice()
        if i == n // 2:
            g.__class__ = Other2
    return s


class Other2(Grid):
    def twice(self):
        return 1000


def patch(g, n):
    s = 0
    for i in range(n):
        s += g.twice()
        if i == n // 2:
            Grid.twice = lambda self: 5
    del Grid.twice
    Grid.twice = original
    return s


original = Grid.twice


def types(v, n, items):
    # What the loop assumes of `v` may not hold when it begins, nor when it does not run at all.
    s = 0
    for i in items:
        s += v * i
    return s, n


def numbers(a, b, n):
    s = 0.0
    for i in range(n):
        a[i % 4] = a[(i + 1) % 4] + b[1] * 0.5
        s += a[0] + b[0]
        b[1] = s % 3
    return round(s, 6), list(a), list(b)


def same_array(n):
    a = array("d", [1.0, 2.0, 3.0, 4.0])
    return numbers(a, a, n)


def division(a, b, n):
    s = 0
    for i in range(n):
        if i > 3:
            s += a // b
        s += i
    return s


def first_error(rows, k, n):
    done = []
    try:
        for i in range(n):
            done.append(i)
            rows[k][0] = rows[k][0] + 1
    except Exception as e:
        return len(done), type(e).__name__
    return done[-1], rows[k]


def unpack(pairs, t, n):
    s = 0
    for i in range(n):
        a, b = t
        for x, y in pairs:
            s += a * x - b * y
    return s


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


def main():
    for k in range(4):
        g = Grid([[1, 2, 3], [4, 5, 6]])
        print(total(g, 12), total(Other(), 5))
        print(grow(g, 30), len(g.rows[0]))
        print(swap(Grid([[1, 2, 3], [4]]), 40))
        print(rebind(40), SCALE)
        print(change_class(Grid([[1]]), 30), patch(Grid([[1, 2]]), 30))
        print(types(2, 1, range(40)), types(1.5, 2, range(40)), types("ab", 3, []), types(None, 4, ()))
        print(attempt(types, "ab", 3, [1]), attempt(types, None, 3, [1]), types(True, 5, [1, 2]))
        print(numbers(array("d", [1, 2, 3, 4]), array("d", [5, 6]), 30))
        print(numbers([1, 2.0, 3, 4], [5, 6.5], 30), same_array(30))
        print(division(7, 2, 40), attempt(division, 7, 0, 10), division(7, 0, 3))
        print(first_error([[1], [2]], 1, 40), first_error([[1]], 1, 40), first_error([(1,)], 0, 40), first_error([["a"]], 0, 3))
        print(unpack([(1, 2), (3, 4)], (5, 6), 20), attempt(unpack, [(1, 2)], (1, 2, 3), 20), unpack([], [1, 2], 3))


main()
