# Frozensets of small ints and of others: what operators and comparisons say must not depend on how they are kept.
import itertools
import random

random.seed(5)
pools = [
    range(8),
    range(50),
    range(58, 66),
    range(-3, 5),
    [0, 61, 62, 63, 64],
    [True, False, 0, 1, 2],
    [0.0, 1.0, 2, 3, 1.5],
    ["a", "b", 1, 2],
    [(1, 2), 1, 2, 1 << 70],
    range(1000, 1100),
]


class Own(frozenset):
    pass


def some(pool):
    return random.sample(list(pool), random.randrange(len(pool)))


def shown(s):
    return type(s).__name__, sorted(map(repr, s)), len(s)


def check(a, b):
    r = []
    for s, t in ((a, b), (b, a)):
        r += [s < t, s <= t, s == t, s != t, s >= t, s > t, s.isdisjoint(t), s.issubset(t), s.issuperset(t)]
        r += [shown(x) for x in (s - t, s & t, s | t, s ^ t)]
        r += [sum(hash(x) == hash(y) for x, y in itertools.product([s - t, s & t], [t - s, t & s]))]
    return r


wrong = n = 0
for i in range(1500):
    p, q = random.choice(pools), random.choice(pools)
    x, y = some(p), some(q if i % 3 else p)
    a, b = frozenset(x), frozenset(y)
    want = check(a, b)
    n += 1
    # Sets that may change, and those of derived classes, have no such word.
    for f, g in ((set, set), (Own, frozenset), (frozenset, set)):
        c, d = f(x), g(y)
        one = [c < d, c <= d, c == d, c != d, c >= d, c > d, c.isdisjoint(d)]
        wrong += one != want[:7]
        wrong += [shown(z)[1:] for z in (c - d, c & d, c | d, c ^ d)] != [z[1:] for z in want[9:13]]
    if x and all(type(v) is int for v in x):
        wrong += (min(a), max(a)) != (min(x), max(x))
print(n, wrong)

whole = frozenset(range(50))
left = whole
for i in range(0, 50, 5):
    part = frozenset(range(i, i + 5))
    print(part <= left, min(left), max(left), len(left - part), len(left & part), end=" ")
    left = left - part
print(left, left == frozenset(), left <= whole, whole - left == whole, left - whole, whole & left)
try:
    min(left)
except ValueError as e:
    print(e)
print(min(left, default=3), max(frozenset([7])), sorted(whole - frozenset([1, 100])))
d = {frozenset([1, 2]): "a", frozenset([1, 2, 62]): "b"}
print(d[frozenset([2, 1])], d[frozenset([62, 2, 1])], d.get(frozenset([1])), d[frozenset([1, 2, 3]) - frozenset([3])])
print(frozenset([1, 2]) == {1, 2}, {1, 2} == frozenset([1, 2]), frozenset([1, 2]) == frozenset([1.0, 2.0]))
print(frozenset([1, True]), frozenset([0, 61]) < frozenset([0, 61, 62]), frozenset([62]) <= frozenset([61]))
