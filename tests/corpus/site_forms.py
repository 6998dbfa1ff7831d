"""Sites that take a form for what they met and then meet something else: calls, subscripts, `in`, class attributes."""


def shown(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


class Called:
    def __call__(self, *a):
        return ("called", a)

    def method(self, *a):
        return ("method", a)


class Sub(str):
    def upper(self):
        return "own " + str.upper(self)


def one(f, x):
    return f(x)


def two(f, x, y):
    return f(x, y)


def none(f):
    return f()


c = Called()
for f in (len, len, abs, len, str, int, lambda x: [x], c, c.method, len, repr, [].append, "ab".count, str.upper, Sub, len, print):
    for x in ("12", 7):
        print(shown(one, f, x))
for f in (divmod, divmod, isinstance, pow, max, lambda x, y: (y, x), c, c.method, str.startswith, "abc".replace, dict.get, divmod):
    print(shown(two, f, 7, 3), shown(two, f, "ab", "a"))
for f in (dict, list, list, tuple, globals, "x".upper, c, c.method, lambda: 5, dict, set, [3].pop, object.__init__):
    r = shown(none, f)
    print(r if f is not globals else "globals")


def upper(s):
    return s.upper()


def starts(s, t):
    return s.startswith(t)


def got(d, k):
    return d.get(k)


def got_or(d, k, v):
    return d.get(k, v)


class Named(dict):
    def get(self, k, d="own"):
        return d


for s in ("a", "b", Sub("c"), b"d", "e", 5, None, "f"):
    print(shown(upper, s), shown(starts, s, "a"), shown(starts, s, b"d"), shown(starts, s, ("a", "e")))
for d in ({1: 2}, {3: 4}, Named({1: 5}), {}, [], {1: [6]}, {(1,): 2}):
    print(shown(got, d, 1), shown(got_or, d, 3, 9), shown(got, d, []), shown(got, d, (1,)))
f = str.lower
for s in ("A", "B", 5, Sub("C"), b"D"):
    print(shown(f, s), shown(str.join, s, ["x", "y"]))


class Changes:
    def __init__(self, d, k):
        self.d, self.k = d, k

    def __hash__(self):
        return 1

    def __eq__(self, other):
        self.d[self.k] = "changed"
        return False


def item(c, k):
    return c[k]


def store(c, k, v):
    c[k] = v
    return c


def within(x, c):
    return x in c, x not in c


class Missing(dict):
    def __missing__(self, k):
        return ("missing", k)

    def __setitem__(self, k, v):
        dict.__setitem__(self, k, (v, v))

    def __contains__(self, k):
        return True


d = {1: "one", "a": "A", (1, 2): "pair", 2.5: "float"}
for c in (d, d, [5, 6, 7], d, (8, 9), Missing({1: 0}), "text", d, {}, 5, range(3)):
    print([shown(item, c, k) for k in (1, "a", (1, 2), 2.5, 1.0, True, [], 0, -1, slice(1), None)])
for c in ({}, {1: 2}, [1, 2, 3], Missing(), {}, "abc", (1,), {}):
    print([str(shown(store, c, k, "v")) for k in (1, "a", (1,), [], True)])
for c in (d, d, {1, "a"}, frozenset([2.5]), "a1", "abc" * 20, "a\u0100", [1, "a"], Missing(), d.keys(), 5, d, "", ""):
    print([shown(within, x, c) for x in (1, "a", (1, 2), 2.5, 1.0, True, [], "", "ab", "\xe9", "\u0100", None, Sub("a"))])
e = {}
e[Changes(e, 5)] = 0
print(shown(within, Changes(e, 7), e), shown(item, e, 1), sorted(map(str, e.values())))


class Count:
    n = 0
    name = "x"
    ratio = 1.5

    def up(self):
        Count.n += 1
        return self.n

    @classmethod
    def of(cls):
        return cls.n


class Derived(Count):
    pass


class Meta(type):
    total = 0

    @property
    def read(cls):
        return ("read", cls.__name__)


class Made(metaclass=Meta):
    n = 0


def tick(cls):
    cls.n += 1
    return cls.n, cls.name if cls is not Made else None


o = Derived()
for i in range(40):
    r = tick(Count), o.up(), o.n, Derived.n, Derived.of(), tick(Made), o.name
    if i % 13 == 0:
        print(r)
        Count.name = "x" * i
    if i == 20:
        Count.n = 2 ** 70
    if i == 30:
        Count.n = 0.5
for i in range(3):
    Count.n = property(lambda self: ("property", 1))
    print(shown(tick, Count) if i else "", o.n, type(Count.n).__name__)
    Count.n = lambda self: "bound"
    print(o.n(), shown(tick, Count))
    Count.n = i
    print(tick(Count), o.n, Derived.n)
    Derived.n = "own"
    print(o.n, tick(Count), Derived.of(), Count.of())
    del Derived.n
    print(o.n, Derived.n)
Meta.n = property(lambda cls: "meta")
print(shown(tick, Made), Made.n)
del Meta.n
print(tick(Made), Made.__dict__["n"])
del Made.n
print(shown(tick, Made), Made.read)
Meta.n = 10
print(tick(Made), Meta.n, Made.__dict__["n"])
