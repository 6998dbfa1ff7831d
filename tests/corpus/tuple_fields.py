"""Fields of named tuples: the descriptor, sites that meet several classes, tuples too short; sites without form."""
import collections
import copy
import inspect
import pickle
from collections import namedtuple


def shown(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


P = namedtuple("P", "x y z", defaults=[0])
Q = namedtuple("Q", "z x")
d = P.x
print(type(d).__name__, type(d).__module__, d.__doc__, repr(d), inspect.isdatadescriptor(d))
print(d.__get__(P(1, 2)), d.__get__(None, P) is d, shown(d.__get__, None, None), shown(d.__get__, 5), d.__get__((7,)))
print(shown(d.__set__, P(1, 2), 3), shown(d.__delete__, P(1, 2)), shown(setattr, P(1, 2), "x", 5), shown(delattr, P(1, 2), "y"))
d.__doc__ = "the first"
print(d.__doc__, P.x.__doc__, d.__reduce__()[1], copy.copy(d).__doc__, shown(pickle.dumps, d) != "")
print(pickle.loads(pickle.dumps(collections._tuplegetter(2, "doc"))))
print(shown(collections._tuplegetter, 1), shown(collections._tuplegetter, "a", "b"), shown(collections._tuplegetter, 1, doc=2))


class Plain:
    def __init__(self, x):
        self.x = x


class Own(P):
    @property
    def y(self):
        return "property"

    z = "constant"


class Taken(tuple):
    x = P.x
    y = P.y


class Slots:
    __slots__ = ("x",)
    y = P.y


def x_of(o):
    return o.x


def y_of(o):
    return o.y


def total(o):
    return o.x * 10 + o.z


s = Slots()
s.x = "slot"
things = [P(1, 2, 3), P(4, 5), Q(6, 7), Plain("plain"), Own(8, 9, 10), Taken((11, 12)), s, Taken(()), Taken((13,)), (1, 2), P(14, 15)]
for o in things * 3:
    print(shown(x_of, o), shown(y_of, o), shown(total, o))
for i in range(40):
    total(P(i, i, i))
short = tuple.__new__(P, (1, 2))
print(shown(total, short), shown(total, P(1, 2, 3)), tuple(short))
P.x = 99
print(x_of(P(1, 2, 3)), total(P(1, 2, 3)))
del P.x
print(shown(x_of, P(1, 2, 3)), shown(total, P(1, 2, 3)))
P.x = d
print(x_of(P(1, 2, 3)), total(P(1, 2, 3)))


class Far:
    """A descriptor that a site has no form for."""

    def __init__(self, v):
        self.v = v

    def __get__(self, o, t=None):
        return self.v, type(o).__name__


class A:
    f = Far(1)


class B:
    f = 2


class C:
    def __getattr__(self, name):
        return "got " + name


def f_of(o):
    return o.f


for i in range(30):
    f_of(A()), f_of(C())
print(f_of(A()), f_of(B()), f_of(C()))
A.f = 3
print(f_of(A()), f_of(B()), shown(f_of, 5), f_of(A()))
A.f = Far(4)
for i in range(6000):
    f_of(A())
A.g = 1
print(f_of(A()), f_of(B()))

# Lists compared while they change.
class Grows:
    def __init__(self, l):
        self.l = l

    def __eq__(self, other):
        self.l.append(self)
        return len(self.l) < 4


a, b = [], []
a += [Grows(a), 1]
b += [5, 1]
print(a == b, len(a), shown(lambda: [1, "a"] < [1, 2]), [1, [2.0]] == [1.0, [2]], [nan := float("nan")] == [nan], [1, 2] < [1, 2, 0])
r = []
r.append(r)
q = [r]
print(shown(lambda: r == [[[r]]]).__class__.__name__, [] == [], [1] != [1], [[1], (2,)] <= [[1], (2,)])

# Keys that are tuples.
t = {(1, 2): "a", ("x", 1.5): "b", ((1,), "y"): "c", (): "d", (1, (2, (3, (4,)))): "e", (True, None): "f"}
for k in ((1, 2), (1.0, 2), ("x", 1.5), ((1,), "y"), (), (1, (2, (3, (4,)))), (1, None), (2, 1), ("x",), (1, 2, 3), ([],), P(1, 2)):
    print(shown(lambda: (k in t, t.get(k), k in {(1, 2), ()})))
