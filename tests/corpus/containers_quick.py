"""Sorting by ranks, comparison of tuples, pairs unpacked by a loop, copies of tables, slices stored."""
import collections
import random


def shown(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


# Texts whose first characters are the same, or none, or wide, or the last that a byte holds.
texts = ["", "\0", "\0\0", "a", "a\0", "a\0b", "ab", "abcdefgh", "abcdefghi", "abcdefgh\0", "abcdefg", "\xff", "\xff\xff",
         "\xffa", "\u0100", "\u0100a", "\u0101", "\xfe", "\xfe\u0100", "a\u0100", "a\xff", "a\xffb", "\ud800", "\U0001f600",
         "\uffff", "ÿ", "ÿz", "zzzzzzzzz", "zzzzzzzz\u0100", "zzzzzzzzy", "abcdefgh\u0100", "B", "b", "A"]
rnd = random.Random(7)
for n in range(0, 6, 3):
    v = texts * 2
    rnd.shuffle(v)
    s = sorted(v)
    print(all(x <= y for x, y in zip(s, s[1:])), [ascii(x) for x in s[n * 5:n * 5 + 5]],
          sorted(v, reverse=True) == s[::-1])
    numbered = [(x, i) for i, x in enumerate(v)]
    up = sorted(numbered, key=lambda p: p[0])
    down = sorted(numbered, key=lambda p: p[0], reverse=True)
    print(all(p[0] < q[0] or p[1] < q[1] for p, q in zip(up, up[1:])),
          all(p[0] > q[0] or p[1] < q[1] for p, q in zip(down, down[1:])))

ints = [rnd.randrange(-50, 50) for _ in range(40)] + [2**61, -2**61, 2**62 - 1, -2**62]
print(sorted(ints)[:4], sorted(ints)[-3:], sorted(ints, reverse=True) == sorted(ints)[::-1])
print(sorted(ints + [2**62, 2**70, -2**70, True, False])[-4:], sorted([True, 1, False, 0, 1.0]))
print(sorted(ints, key=abs)[:5], sorted(ints, key=abs, reverse=True)[-5:])
floats = [0.0, -0.0, 1.5, -1.5, 1e300, -1e300, 5e-324, float("inf"), float("-inf")]
print(sorted(floats), sorted(floats, reverse=True))
print(sorted([0.0, -0.0]), sorted([-0.0, 0.0]), sorted([-0.0, 0.0], reverse=True), sorted([1.0, 1, 0.0, -0.0]))
print(len(sorted([float("nan"), 1.0, 2.0, float("nan")])))
print(shown(sorted, [1, "a"]), shown(sorted, [1.0, None]), shown(sorted, [(1, 2), (1, "a")]))


class Loud:
    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        items.append(0)
        return self.v < other.v


items = [Loud(3), Loud(1), Loud(2)]
print(shown(items.sort), len(items))
items = [3, 1, 2]
print(shown(items.sort, key=lambda x: items.append(x) or x), items)
print(shown([1, 2, 3].sort, key=lambda x: 1 // (x - 2)))

# Tuples and their subclasses.
Point = collections.namedtuple("Point", "x y")


class Odd(tuple):
    def __eq__(self, other):
        return "odd"

    def __lt__(self, other):
        return "less"

    __hash__ = tuple.__hash__


class Plain(tuple):
    pass


class Last(tuple):
    def __gt__(self, other):
        return "gt"


class Says:
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return [self.v] * (self.v == getattr(other, "v", None))

    def __lt__(self, other):
        return [self.v]


print(Point(1, 2) == (1, 2), (1, 2) == Point(1, 2), Point(1, 2) < Point(1, 3), Plain((1,)) < (1, 0), Point(1, 2) != (1, 2))
print(Odd((1,)) == (2,), (1,) == Odd((2,)), Odd((1,)) < (0,), (1,) < Odd((2,)), (1,) > Odd((0,)), Odd((1,)) == Point(1, 2))
print((1,) < Last((0,)), Plain((1,)) < Last((0,)), Last((0,)) > (1,), Last((0,)) < (1,))
print((Says(1), 2) < (Says(0), 1), (Says(1), 2) == (Says(1), 2), (Says(1), 2) <= (Says(1), 1))
nan = float("nan")
print((nan,) == (nan,), (nan, 1) < (nan, 2), (float("nan"),) == (float("nan"),), (float("nan"), 1) < (float("nan"), 2))
print((0.0, 1) == (-0.0, 1), (1, 2.5) < (1.0, 2.25), (1, (2, 3.5)) == (1.0, (2, 3.5)), ((1, 2), 3) < ((1, 2), 4, 5))
d = {Point(1, 2): "a", (1, (2, Point(3, 4))): "b", (1.5, 2): "c"}
print(d[1, 2], d[1, (2, (3, 4))], d[Plain((1.5, 2))], Odd((7,)) in d, (1.5, 3) in d)
print(sorted([Point(2, 1), (1, 5), Plain((1, 4))]), max(Point(1, 2), Point(1, 3)), min([(2, "b"), (2, "a")]))
deep = ()
for _ in range(400):
    deep = (deep, 1)
other = ()
for _ in range(400):
    other = (other, 1)
print(shown(lambda: deep == other).__class__ in (bool, str))


class Greater:
    def __init__(self, v):
        self.v = v

    def __gt__(self, other):
        print("gt", self.v, other.v)
        return self.v > other.v


print(max(Greater(1), Greater(3)).v, max([Greater(1), Greater(3), Greater(2)], key=lambda g: g).v)
print(max(0.0, -0.0), max(-0.0, 0.0), min(0.0, -0.0), max(1, 1.0), max(1.0, 1), min(True, 1), max(nan, 1.0), max(1.0, nan))
print(shown(max, 1, "a"), shown(min, None, 2))


# Pairs unpacked at the head of a loop.
def pairs(it):
    out = []
    for a, b in it:
        out.append((a, b))
    return out


class Numbered(enumerate):
    def __next__(self):
        i, x = super().__next__()
        return -i, x


for source in (lambda: enumerate("ab"), lambda: zip([1, 2], (3, 4)), lambda: {1: 2, 3: 4}.items(), lambda: enumerate([], 5),
               lambda: zip([1, 2, 3], [4]), lambda: zip([1], [2], strict=True), lambda: zip([1, 2], [3], strict=True),
               lambda: zip("ab"), lambda: zip("ab", "cd", "ef"), lambda: Numbered("xy"), lambda: [(1, 2), [3, 4], "56"],
               lambda: enumerate(iter([7]), 2**62 - 1), lambda: {"a": 1}.keys(), lambda: {"ab": 1}, lambda: {1, 2},
               lambda: zip([1], (1 // 0 for _ in "a")), lambda: reversed({1: 2, 3: 4}.items()), lambda: iter([(1, 2, 3)])):
    print(shown(lambda: pairs(source())))


def changed(d):
    for k, v in d.items():
        d[k + 10] = v


def dropped(d):
    for k, v in d.items():
        del d[k]
        d[k + 10] = v


print(shown(changed, {1: 2}), shown(dropped, {1: 2}))
kept = [p for p in zip("ab", "cd")]
print(kept, [list(p) for p in enumerate("xy")])
e = enumerate("abcd")
for i, x in e:
    if i == 1:
        break
print(next(e), list(e))
print([a + b for (a, b), c in zip([(1, 2), (3, 4)], "xy")], [x for x, y, z in zip("a", "b", "c")])

# Tables copied as they are, and with something deleted.
s = set(range(20))
for i in range(0, 20, 3):
    s.discard(i)
print(sorted(s | {100}), sorted(s | set(range(8))), len(s.copy() | s), sorted(frozenset(s) | {1} | {0}))
t = {i: str(i) for i in range(9)}
u = t.copy()
u[100] = 1
del u[3]
w = u.copy()
w[3] = "new"
print(list(t), list(u), list(w), t == {**t}, u.popitem(), w.popitem(), list(dict(w)))
x = {1, 2, 3}
x.pop()
x.clear()
print(x | {5}, {5} | x, x.copy(), frozenset() | frozenset([1]))
print([1] in [[1]], shown(lambda: [1] in {1}), {1} in {frozenset([1])}, shown(lambda: ([],) in {1}), "a" in {"a"}, 2.0 in {2})

# Slices stored, lists made.
v = list(range(10))
v[2:5] = [20]
v[:2] = v
v[-3:] = (7, 8)
v[5:2] = [50, 51]
v[100:] = "ab"
print(v)
v[3:4] = []
v[::3] = [0] * len(v[::3])
print(v, shown(v.__setitem__, slice(None, None, 2), [1]))


class Sub(list):
    def __init__(self, *a):
        super().__init__(*a)
        self.more = len(self)


print(list(), list("ab"), list((1, 2)), Sub("abc"), Sub("abc").more, shown(list, 1), shown(list, 1, 2), shown(list, x=1))
print(set(), sorted(set("aab")), shown(set, 1), shown(set, [[]]), shown(set, x=1), shown(set, 1, 2), list(map(list, [(1,), "b"])))
a = [1, 2]
b = list(a)
b.append(3)
print(a, b, list.__new__(list, [1]), a + b, [] + a, a + [], [] + [])


# What a generator delegates to.
def through(it):
    r = yield from it
    yield ("returned", r)


def inner():
    got = yield 1
    print("got", got)
    return "end"


print(list(through([1, 2])), list(through((3,))), list(through({4: 5})), list(through(range(2))), list(through(inner())))
g = through(inner())
print(next(g), g.send("x"), shown(lambda: next(g)) == "StopIteration: ")
print(list(through(zip("a", "b"))), shown(lambda: list(through(1 // 0 for _ in "a"))))
g = through([1, 2])
next(g)
print(shown(g.send, 5))

# Sums and differences with carries through many limbs.
m = 2 ** 64
big = m ** 19 - 1
print(big + 1 == m ** 19, (big + 1) - 1 == big, big + big == 2 * m ** 19 - 2, m ** 19 - (m ** 10 + 5) + (m ** 10 + 5) == m ** 19)
print(-big - 1 == -m ** 19, big - m ** 19, m ** 8 - 1 + 1 == m ** 8, (m ** 9 - 1) - (m ** 9 - 2), m ** 16 - m ** 8 + m ** 8 == m ** 16)
for k in range(1, 20, 3):
    p, q = rnd.getrandbits(64 * k), rnd.getrandbits(64 * (20 - k))
    assert (p + q) - q == p and (p - q) + q == p and -(p - q) == q - p


def popped():
    # Last entries come and go: what they leave in the table's index must not fill it.
    class Key:
        def __init__(self, v):
            self.v = v

        def __hash__(self):
            return hash(self.v)

        def __eq__(self, o):
            return self.v == o.v

    for kind in int, Key:
        for keep in range(5):
            d = {kind(-k - 1): k for k in range(keep)}
            found = 0
            for i in range(40):
                d[kind(i * 7)] = i
                d.popitem()
                found += kind(i * 7 + 1000) in d
            print(keep, len(d), found, len(dict(d)), len(d.copy()))


popped()
