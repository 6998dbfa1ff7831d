"""Generators whose items are taken at once: sums, sets, lists, loops that look for something."""
import sys
import traceback


class Number:
    def __init__(self, n):
        self.n = n

    @property
    def twice(self):
        return self.n * 2

    def __bool__(self):
        return self.n > 3

    def __add__(self, other):
        return Number(self.n + (other.n if isinstance(other, Number) else other))

    __radd__ = __add__

    def __mul__(self, other):
        return self

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return isinstance(other, Number) and self.n == other.n

    def __repr__(self):
        return f"Number({self.n})"


def sets(items, picks):
    return sorted(set(items[i] + i for i in picks), key=str), len(set(x for x in items if x))


def sums(items):
    return sum(x * 2 for x in items)


def halves(items):
    return sum(x * 0.5 for x in items if x is not None)


def pairs(n):
    return sum(x * y for x in range(n) for y in range(x % 7) if (x + y) & 1)


def lists(items):
    return list(x + 1 for x in items), [y for y in (x * 2 for x in items)]


def tuples(items):
    return tuple(x * x for x in items), tuple(x for x in items)


def found(items, limit):
    return any(x > limit for x in items), all(x > limit for x in items), any(x for x in items), all(x for x in items)


def quotients(n, by):
    return sum(n // d for d in by)


def counted(limit, step=1):
    i = 0
    while i < limit:
        yield i
        i += step


def of_functions(n):
    return sum(counted(n)), list(counted(n)), len(set(counted(n)))


def nested(rows):
    return sum(sum(x * 2 for x in row) for row in rows), sum(max(x, 3) for row in rows for x in row)


def early(rows):
    n = 0
    for row in rows:
        if any(x == 7 for x in row):
            n += 1
        elif all(x != 5 for x in row):
            n += 100
    return n


def attributes(numbers):
    return sum(x.n for x in numbers), sum(x.twice for x in numbers)


def changing(items):
    seen = []
    r = sum(x for x in items if not seen.append(x))
    return r, seen


class Broken:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for x in self.items:
            if x == 13:
                raise LookupError("thirteen")
            yield x


def tried(f, *args):
    try:
        return f(*args)
    except Exception as e:
        where = [(s.name, s.lineno - f.__code__.co_firstlineno, s.colno) for s in traceback.extract_tb(e.__traceback__)[1:]]
        return type(e).__name__, str(e), where


def depth_of(n):
    return sum(depth(x) for x in range(n))


def depth(x):
    f = sys._getframe()
    names = []
    while f is not None and len(names) < 3:
        names.append(f.f_code.co_name)
        f = f.f_back
    return len(names) + x


def main():
    for k in range(200):
        items = [k, 1, 2, k % 3]
        a = sets(items, range(4))
        b = sums(items), halves(items), pairs(k % 20)
        c = lists(items), tuples(items)
        d = found(items, k % 4)
        e = of_functions(k % 9)
        f = nested([items, items[1:], []])
        g = early([items, [7], [5, 7], [5, 6, 8]])
        h = attributes([Number(k), Number(2)])
        i = tried(quotients, 1000, [1, 2, 3])
        j = changing(items), depth_of(3)
        if k % 40 == 39:
            print(a, b, c, d, e, f, g, h, i, j)
    print(tried(sets, [1, 2, 3.5, 2**70], range(4)), tried(sets, [Number(1), Number(5)], range(2)))
    print(tried(sets, [[1], []], range(2)), tried(sets, "ab", range(2)), tried(sets, [1, 2], range(3)))
    print(tried(sums, [1, 2**61, 2**61, 2**62]), tried(sums, [2**62, 2**62, 1.5]), tried(sums, [1, 2.5, 3]))
    print(tried(sums, [True, 2]), tried(sums, ["a"]), tried(sums, [1, [2]]), tried(sums, [Number(2), 3, Number(9)]))
    print(tried(halves, [1e100, 2.0, -1e100, 3]), tried(halves, [0.2] * 30), tried(halves, [True, False, 3]))
    print(tried(halves, [float("inf"), 1.0]), tried(halves, [1, float("nan")]), tried(halves, [-0.0]), tried(halves, []))
    print(tried(halves, [1, 2**80, 0.1]), tried(halves, [0.1, "x"]), tried(halves, [1, 2, 2j, 3.5]))
    print(tried(halves, [None, 3, None]), tried(halves, [1.5, Number(4), 2]))
    print(tried(lists, [1.5, 2**70, True]), tried(lists, [1, "x"]), tried(tuples, [1.5, 2**40]), tried(tuples, "x"))
    print(tried(found, [1.5, "x"], 1), tried(found, [Number(1), Number(9)], 0), tried(found, [], 0), tried(found, [0, 0.0, ""], -1))
    print(tried(quotients, 5, [1, 0]), tried(quotients, 5.5, [2, 3]), tried(quotients, 2**70, [3, 4]), tried(quotients, 5, Broken([1, 2, 13])))
    print(tried(of_functions, 2.5), tried(of_functions, "x"), tried(nested, [[1.5], (2, 3)]), tried(nested, [[1], 2]))
    print(tried(early, [[7, 1], [1, 7.0], [5.0]]), tried(attributes, [Number(1.5), Number(2**70)]), tried(attributes, [Number(1), 3]))
    print(tried(sums, Broken([1, 2, 3])), tried(sums, Broken([1, 13])), tried(lists, Broken([4, 13])), tried(found, Broken([13]), 2))
    print(tried(changing, [1, 2, "x"]))


main()
