"""What random programs (`programs.py`) are made of: classes with every kind of method, generators, functions with every
kind of parameter, and what prints. Nothing in here changes while programs run, so that many of them may share it; every
program is `base.py` and its own lines behind it.
"""
import math
import sys


def m(x):
    # Keeps values small, so that loops do not grow them without end.
    t = type(x)
    if t is int:
        return x if -2**70 < x < 2**70 else x % 1000003
    if t is float:
        return x if -1e100 < x < 1e100 else 0.125
    if t is str or t is list or t is tuple:
        return x[:6] if len(x) > 12 else x
    return x


def flat(x):
    # What may go into a container: text of things in things in things takes for ever.
    # Whether the name of a class is one object each time is nobody's promise, and programs ask `is`.
    return x if x is None or isinstance(x, (int, float, str)) else sys.intern(type(x).__name__)


def text(v, depth=3):
    if isinstance(v, (list, tuple)):
        inner = ", ".join([text(x, depth - 1) for x in v[:8]]) if depth else "..."
        return f"{type(v).__name__}[{inner}]"
    if isinstance(v, dict):
        inner = ", ".join([f"{text(k, 0)}: {text(x, depth - 1)}" for k, x in list(v.items())[:6]]) if depth else "..."
        return "{" + inner + "}"
    if isinstance(v, P):
        return f"{type(v).__name__}({text(v.a, depth - 1)}, {text(v.b, depth - 1)})" if depth > 0 else type(v).__name__
    if v is None or isinstance(v, (int, float, str, bytes, complex)):
        return repr(v)[:80]
    return type(v).__name__


class P:
    kind = 1

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def get(self, k):
        return self.a if k % 2 else self.b

    def put(self, v):
        self.a, self.b = self.b, flat(v)
        return self

    def step(self, x, by=1, *rest, scale=1, **more):
        return x + by * scale + len(rest) - len(more)

    @property
    def both(self):
        return (flat(self.a), flat(self.b))

    @both.setter
    def both(self, v):
        self.a = flat(v)

    @staticmethod
    def st(x):
        return x

    @classmethod
    def cm(cls, x):
        return (cls.kind, flat(x))

    def __add__(self, o):
        return type(self)(self.a, flat(o.b if isinstance(o, P) else o))

    def __radd__(self, o):
        return o

    def __getitem__(self, i):
        if type(i) is int and i > 3:
            raise IndexError(i)
        return self.a if i == 0 else self.b

    def __setitem__(self, i, v):
        self.b = flat(v)

    def __eq__(self, o):
        return isinstance(o, P) and flat(self.a) == flat(o.a)

    def __hash__(self):
        return 7

    def __repr__(self):
        return text(self)


class Q(P):
    kind = 2

    def __init__(self, a, b):
        super().__init__(b, a)
        self.c = 0

    def get(self, k):
        self.c += 1
        return m(self.c + k)


class V(P):
    """Numbers as a class has them."""

    kind = 3

    def __init__(self, a, b=0):
        self.a = a if type(a) is int or type(a) is float else 1
        self.b = b

    def __add__(self, o):
        return V(m(self.a + (o.a if type(o) is V else 1)), self.b)

    def __radd__(self, o):
        return V(self.a, flat(o))

    def __iadd__(self, o):
        self.a = m(self.a + 1)
        return self

    def __sub__(self, o):
        return m(self.a - 1) if type(o) is V else NotImplemented

    def __mul__(self, o):
        return V(m(self.a * 3), 1)

    def __neg__(self):
        return V(-self.a, self.b)

    def __lt__(self, o):
        return self.a < o.a if isinstance(o, V) else NotImplemented

    def __bool__(self):
        return self.a > 0

    def __len__(self):
        return 2

    def __contains__(self, x):
        return x == self.a

    def __call__(self, x, y=1):
        return (flat(x), y, self.a)

    def __iter__(self):
        yield self.a
        yield self.b


class S(P):
    """Names that are slots."""

    __slots__ = ("t", "u")
    kind = 4

    def __init__(self, a, b):
        super().__init__(a, b)
        self.t = b

    def get(self, k):
        self.u = self.t
        return super().get(k + 1)


class D(P):
    """Whatever is not there."""

    kind = 5

    def __getattr__(self, name):
        if name == "c":
            return self.b
        raise AttributeError(name)


class W:
    """`with`: some of these swallow what is raised."""

    def __init__(self, swallow, log):
        self.swallow = swallow
        self.log = log

    def __enter__(self):
        self.log.append(1)
        return self

    def __exit__(self, kind, value, tb):
        self.log.append(flat(kind and kind.__name__))
        # A generator that is left alone is closed when it is collected: nothing may tell when that was.
        return self.swallow and kind is not GeneratorExit


class I:
    """An iterator in Python."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


def g(n, x):
    for i in range(n % 7):
        if i % 3 == 2:
            continue
        x = (yield x) or i
    return x


def h(n, x):
    y = yield from g(n, x)
    try:
        yield y
    finally:
        n = 0
    yield n


def kw(a, b=2, *rest, c=3, **more):
    return (flat(a), flat(b), len(rest), flat(c), sorted(more))


def rec(n, x):
    if n <= 0:
        return x
    return rec(n - 1, x) if n % 2 else m(rec(n - 1, x))


def raises(x):
    if type(x) is int and x % 3 == 0:
        raise ValueError(x)
    return x


def where(e):
    # The lines that an exception came through.
    tb = e.__traceback__
    lines = []
    while tb is not None and len(lines) < 8:
        lines.append(tb.tb_lineno)
        tb = tb.tb_next
    return lines[1:]


def said(e):
    # Without addresses.
    return str(e).partition(" at 0x")[0][:200]


def caller_line():
    return sys._getframe(1).f_lineno


def show(f, args):
    try:
        r = f(*args)
        if hasattr(r, "send"):
            r = [x for _, x in zip(range(20), r)]
        print(f.__name__, text(r))
    except Exception as e:
        print(f.__name__, type(e).__name__, said(e), where(e), type(e.__context__).__name__)


def fresh(a):
    # What a call changes is not what the next one gets, mostly.
    if isinstance(a, P) and len(vars(a)) < 3 and hasattr(a, "b"):
        return type(a)(a.a, a.b)
    return a.copy() if isinstance(a, (list, dict)) else a


def rounds(n, change, calls):
    for i in range(n):
        for f, *args in calls:
            show(f, [fresh(a) for a in args])
        try:
            change(i)
        except Exception as e:
            print("change", type(e).__name__, said(e))
