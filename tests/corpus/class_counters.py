"""Numbers and texts in classes that change all the time, and classes that change what such a store means."""
class C:
    n = 0
    big = 2**61
    name = "x"
    f = 0.5
class D(C):
    pass
class Meta(type):
    @property
    def n(cls): return "meta"
    @n.setter
    def n(cls, v): log.append(v)
log = []
class E(metaclass=Meta):
    pass
def count(k):
    for i in range(k):
        C.n += 1
        C.big += 2**58
        C.f += 0.25
        C.name = C.name[:5] + "y"
        if i % 50 == 7: C.n = None; C.n = i
    return C.n, C.big, C.f, C.name, D.n, D().n, C().n
print([count(300) for _ in range(3)][-1])
def derived(k):
    for i in range(k):
        D.n = D.n + 1
    return C.n, D.n
print(derived(300))
def meta(k):
    for i in range(k):
        E.n = E.n + str(i)
    return E.n, len(log)
print(meta(100))
def swap(k):
    class M0(type): pass
    class A(metaclass=M0): n = 0
    class M(type):
        n = property(lambda c: 1000, lambda c, v: None)
    for i in range(k):
        if i == k - 5: A.__class__ = M
        A.n = A.n + 1
    return A.n, A.__dict__["n"]
print(swap(200), swap(30))
def seen(k):
    class A: n = 0
    a = A(); s = 0
    for i in range(k):
        A.n += 1
        s += a.n
    return s
print(seen(300))
def gone(k):
    class A: n = 0
    r = 0
    for i in range(k):
        A.n += 1
        if i == k - 3: del A.n; A.x = 1
        try: r += A.n
        except AttributeError as e: A.n = 5; r += 1000
    return r
print(gone(300))
class P:
    n = 0
    def __init__(self): P.n += 1
    @classmethod
    def made(cls): return cls.n
for i in range(300): P()
print(P.n, P.made())
def desc(k):
    class A: n = 0
    class Get:
        def __get__(self, o, t): return 77
    s = 0
    for i in range(k):
        A.n += 1
        if i == k - 4: A.n = Get()
        s += A.n
    return s
print(desc(300))
class Special:
    __slots__ = ()
    __len__ = None
    n = 1
def special(k):
    for i in range(k):
        Special.n = i
        Special.__doc__ = "d%d" % i
    return Special.n, Special.__doc__
print(special(300))
