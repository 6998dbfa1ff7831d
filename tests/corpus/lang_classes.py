# Classes: attributes, inheritance, descriptors, slots, metaclasses, operators.
class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        c = super().__new__(m, name, bases, ns)
        c.kw = kw
        return c

    def __init__(c, name, bases, ns, **kw):
        super().__init__(name, bases, ns)

    def __call__(c, *a):
        o = super().__call__(*a)
        o.made = True
        return o


class A(metaclass=Meta, tag=1):
    count = 0

    def __init__(self, x):
        self.x = x
        A.count += 1

    @property
    def double(self):
        return self.x * 2

    @double.setter
    def double(self, v):
        self.x = v // 2

    @classmethod
    def make(cls):
        return cls(9)

    @staticmethod
    def plain(v):
        return v

    def __eq__(self, o):
        return isinstance(o, A) and self.x == o.x

    def __hash__(self):
        return hash(self.x)

    def __lt__(self, o):
        return self.x < o.x

    def __repr__(self):
        return f"{type(self).__name__}({self.x})"

    def __add__(self, o):
        return type(self)(self.x + (o.x if isinstance(o, A) else o))

    __radd__ = __add__

    def __getattr__(self, n):
        if n.startswith("dyn_"):
            return n[4:]
        raise AttributeError(n)


class B(A):
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def __add__(self, o):
        return "B+"


a = A(3)
a.double = 10
print(a, a.double, A.kw, a.made, A.make(), A.plain(1), a.dyn_zip, A.count)
print(a + 1, 1 + a, a + A(2), A(1) + A(7), sorted([A(3), A(1)]), A(1) == A(1), {A(1), A(1)})
print(B.__mro__, issubclass(B, A), isinstance(B(1, 2), Meta))


class S:
    __slots__ = ("p", "q")


s = S()
s.p = 1
for what in ("s.q", "s.r", "s.__dict__"):
    try:
        print(eval(what))
    except AttributeError as e:
        print(e)
try:
    s.r = 2
except AttributeError as e:
    print(e)


class D:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, o, t=None):
        return self if o is None else o.__dict__.get("_" + self.name, "unset")

    def __set__(self, o, v):
        o.__dict__["_" + self.name] = v


class H:
    d = D()


h = H()
print(h.d)
h.d = 4
print(h.d, vars(h), H.d.name)


class P:
    def __init_subclass__(cls, /, k=None, **kw):
        super().__init_subclass__(**kw)
        cls.k = k

    def __class_getitem__(cls, i):
        return f"{cls.__name__}[{i}]"


class Q(P, k=5):
    pass


print(Q.k, Q[int])


class X:
    pass


class Y(X):
    pass


class Z(X):
    pass


class W(Y, Z):
    pass


print([c.__name__ for c in W.__mro__])
try:
    class Bad(X, Y):
        pass
except TypeError as e:
    print(str(e).splitlines()[0])


class L(list):
    def total(self):
        return sum(self)


class N(int):
    def __new__(cls, v):
        return super().__new__(cls, v * 2)


class T(str):
    extra = None


l = L([1, 2])
l.append(3)
l.note = "n"
n = N(4)
n.tag = 1
t = T("ab")
t.extra = 5
print(l, l.total(), l.note, n, n + 1, n.tag, type(n + 1), t.upper(), t.extra, type(l[:1]))


class M:
    def method(self):
        return 1


m = M()
print(m.method())
M.method = lambda self: 2
print(m.method())
m.method = lambda: 3
print(m.method())
del m.method
print(m.method())
for i in range(3):
    M.level = i
    print(m.level, M.level)
print(type("Made", (M,), {"v": 7})().v)
x = X()
x.__class__ = Y
print(type(x).__name__)
