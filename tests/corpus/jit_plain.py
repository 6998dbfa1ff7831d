# Small functions around operations on built-in types, which native code takes into their callers, and what makes
# each of them more than that: subclasses, metaclasses, special methods, changed classes.
import math


class Meta(type):
    def __instancecheck__(cls, x):
        return isinstance(x, int) and x % 2 == 0


class Even(metaclass=Meta):
    pass


class Liar:
    @property
    def __class__(self):
        return int


class Asks:
    def __getattribute__(self, name):
        if name == "__class__":
            return str
        return object.__getattribute__(self, name)


class Box:
    def __init__(self, items):
        self.items = items

    def size(self):
        return len(self.items)

    def has(self, x):
        return x in self.items

    def get(self, k):
        return self.items[k]

    def at(self, k, d=None):
        if isinstance(k, tuple):
            return self.items[k[0]][k[1]]
        return self.items[k]

    def full(self):
        if not self.items:
            return False
        return True

    def pick(self, k):
        return self.items.get(k, -1) if isinstance(self.items, dict) else None


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __contains__(self, x):
        return x == self.n

    def __getitem__(self, k):
        return k * self.n


class Key:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, o):
        log.append(self.v)
        return self.v == (o.v if isinstance(o, Key) else o)


class Default(dict):
    def __missing__(self, k):
        return ("missing", k)


log = []


def kind(x):
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, int):
        return "int"
    if isinstance(x, (float, complex)):
        return "number"
    if isinstance(x, str):
        return "str"
    return "other"


def even(x):
    return isinstance(x, Even)


def same(a, b):
    return a == b


def less(a, b):
    return a < b


def joined(a, b):
    return a + b


def spaced(s):
    return s.strip().upper()


def root(x):
    return math.sqrt(x) + math.floor(x)


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


def sizes():
    boxes = [Box([1, 2]), Box("abc"), Box({1: 2}), Box((1,)), Box({4, 5, 6, 7}), Box(b"12345")]
    total = 0
    for i in range(60):
        for b in boxes:
            total += b.size()
    print(total)
    boxes += [Box(Sized(9)), Box(range(11))]
    for i in range(60):
        for b in boxes:
            total += b.size()
    print(total, attempt(Box(7).size))


def members():
    nan = float("nan")
    boxes = [Box([1, 2.5, "x", None, nan]), Box({1, "x", 2.5, None, nan}), Box((1, "x", True)), Box({"x": 1, 2: 3})]
    found = [0] * 8
    for i in range(40):
        for b in boxes:
            for k, x in enumerate((1, 1.0, "x", None, 2.5, nan, float("nan"), (1, 2))):
                if b.has(x):
                    found[k] += 1
    print(found)
    odd = Box([Key(1), Key(2)])
    print([odd.has(2), odd.has(3), Box(Sized(4)).has(4), attempt(Box("ab").has, 1), attempt(Box({}).has, [])], log)
    log.clear()
    d = Box({Key(1): "one", 2: "two"})
    print(d.has(1), d.get(1), d.pick(1), d.pick(2), d.pick(3), log)
    log.clear()


def subscripts():
    got = []
    b = Box([[1, 2], [3, 4]])
    for i in range(80):
        got.append(b.at((i % 2, 1))[0:0] if False else b.at((i % 2, 1)))
        got.append(b.at(-1)[0])
    print(sum(got))
    table = Box({(0, 1): 5, "k": 6, 7: 8})
    print(sum(table.get(k) for i in range(50) for k in ((0, 1), "k", 7)))
    print(attempt(table.get, "nope"), attempt(table.get, []), attempt(b.get, 5), attempt(b.get, "x"))
    print(Box(Default()).get(3), Box(Sized(3)).get("ab"), Box("hello").get(-1))


def kinds():
    out = {}
    for i in range(50):
        for x in (1, True, 2.5, 1j, "s", None, [], Liar(), Asks(), 10**30):
            k = kind(x)
            out[k] = out.get(k, 0) + 1
    print(out, isinstance(Liar(), int), isinstance(Asks(), str))
    print(sum(even(i) for i in range(100)), even("x"), attempt(isinstance, 1, 5))


def comparisons():
    n = 0
    nan = float("nan")
    pairs = [(1, 1), (1, 2), ("a", "a"), ("a", 1), (None, None), (None, 0), (nan, nan), (1, True), (2.0, 2), ((1,), (1,)),
             (10**30, 10**30), ([], []), (1j, 1j)]
    for i in range(40):
        for a, b in pairs:
            n += same(a, b)
    print(n, same(complex(nan, 0), complex(nan, 0)), same(Key(1), 1), log)
    log.clear()
    c = complex(nan, 0)
    print(same(c, c), same(nan, nan))
    print(sum(less(a, b) for i in range(50) for a, b in ((1, 2), (2, 1), ("a", "b"), (1.5, 2))), attempt(less, 1, "a"))
    print(len([joined(a, b) for i in range(50) for a, b in (("a", "b"), (1, 2), ((1,), (2,)))]), attempt(joined, "a", 1))


def natives():
    print(sorted({spaced(f" x{i % 3} ") for i in range(100)}), attempt(spaced, 5), attempt(spaced, b" q "))
    print(sum(root(i) for i in range(100)), attempt(root, -1), attempt(root, "x"))


def changes():
    class A:
        pass

    class B(A):
        pass

    class C:
        pass

    def test(x):
        return isinstance(x, A)

    b = B()
    first = [test(b) for i in range(100)]
    B.__bases__ = (C,)
    print(all(first), test(b), any(test(b) for i in range(100)))


for i in range(2):
    sizes()
    members()
    subscripts()
    kinds()
    comparisons()
    natives()
changes()


def slices():
    def part(c, a, b):
        return c[a:b]

    def step(c, a, b, s):
        return c[a:b:s]

    def store(c, a, b, v):
        c[a:b] = v
        return c

    ends = (None, 0, 1, 3, -1, -4, 9, -9)
    out = []
    for i in range(3):
        for c in ([1, 2, 3, 4], "abcd", (1, 2, 3), b"xyz"):
            for a in ends:
                for b in ends:
                    out.append(part(c, a, b))
    print(out[:40], hash(tuple(map(repr, out))) != 0, sum(map(len, out)))
    out = [step([1, 2, 3, 4, 5], a, b, s) for i in range(2) for a in ends for b in ends for s in (None, 1, 2, -1, -3)]
    print(out[100:140], sum(map(len, out)), sum(map(sum, out)))
    print([step("hello", None, None, -1) for i in range(30)][0], attempt(step, [1], 0, 1, 0), attempt(part, 5, 1, 2))
    print([store([1, 2, 3, 4], a, b, [8, 9, 7]) for i in range(2) for a in ends for b in ends][:30])
    l = [1, 2, 3]
    print(store(l, 1, 2, l), store([1, 2], 0, 1, "xy"), attempt(store, [1], 0, 1, 5), attempt(store, (1,), 0, 1, []))
    print(part([1, 2, 3], True, 10**30), attempt(part, [1], "a", None))


slices()
