"""Tuples of ints, floats and texts are sorted as any other values: by their items in turn, equal ones as they stood."""
import functools


def noise(seed):
    while True:
        seed = (seed * 1103515245 + 12345) % 2147483648
        yield seed >> 8


def show(v, **how):
    print(sorted(v, **how), sorted(v, reverse=True, **how))


def compared(a, b):
    return (a > b) - (a < b)


show([(0.0, 1), (-0.0, 0), (0.0, -1), (-5.5, 3), (5.25, 3)])
show([(-0.0, "b"), (0.0, "a"), (-1e300, "z"), (1e300, "z"), (-2.5, "q"), (-2.25, "q")])
show([("same prefix of text %d" % (i % 3), -i) for i in range(9)])
show([("\xff" * (i % 3) + "\u0100", i % 2, 1.5) for i in range(9)])
show([-0.0, 0.0, -1.5, 2.5, -0.0, 0.0])
show([(10**30, 1), (5, 2), (-10**30, 3), (2**62, 4), (2**62 - 1, 5), (-2**62, 6), (-2**62 - 1, 7)])
show([(1e-320, 1), (5e-324, 2), (-5e-324, 3), (1e308, 4), (float("inf"), 5), (-float("inf"), 6)])
show([(1, 2), (1,)])
show([(1, "a"), (1, "b"), (0, 1)])
show([(True, 1), (0, 2)])
show([(1, 2.5), (1, 2), (1, 3)])
show([(), ()])
show([(i % 2, i % 3, i % 5, 0, 0, 0, 0, -i) for i in range(12)])
show([(i % 2, i % 3, i % 5, 0, 0, 0, 0, 0, -i) for i in range(12)])
try:
    sorted([(1, "a"), (1, 2)])
except TypeError as e:
    print(e)


class Backwards(tuple):
    def __lt__(self, other):
        return tuple.__gt__(self, other)


show([Backwards((1, 2)), Backwards((3, 4)), Backwards((2, 3))])
numbers = noise(42)
rows = [(next(numbers) % 19 - 9, "abcde"[next(numbers) % 5] * (next(numbers) % 12), [1.5, -1.5, 0.0, -0.0][i % 4], i)
        for i in range(500)]
for width in range(1, 5):
    by_hand = functools.cmp_to_key(lambda a, b: compared(a[:width], b[:width]))
    for reverse in False, True:
        first = sorted(rows, key=lambda r: r[:width], reverse=reverse)
        print(first == sorted(rows, key=by_hand, reverse=reverse), [r[3] for r in first[:6]])

# Leading items that fill a number together, or do not fit.
wide = [2**62 - 1, -2**62, 0, 1, -1, 2**40, -2**40]
rows = [(wide[i % 7], wide[i // 7 % 7], i % 3, "ab"[i % 2] * (i % 4), -i) for i in range(147)]
floats = [0.0, -0.0, 1e300, -1e300, 0.25, 249.75, 1e-300]
mixed = [(i % 2, floats[i % 7], i * 37 % 5, wide[i * 5 % 7], i) for i in range(140)]
for table in rows, mixed, [(7, 7) + r for r in mixed], [("k",) + r[:3] for r in rows]:
    for width in range(1, len(table[0]) + 1):
        by_hand = functools.cmp_to_key(lambda a, b: compared(a[:width], b[:width]))
        for reverse in False, True:
            by_key = sorted(table, key=lambda r: r[:width], reverse=reverse)
            print(by_key == sorted(table, key=by_hand, reverse=reverse), by_key[0][-1], by_key[-1][-1])
