"""Descriptors and properties whose methods are Python functions, while their classes change."""
import sys
class Positive:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, instance, owner=None):
        if instance is None: return self
        return getattr(instance, self.name)
    def __set__(self, instance, value):
        if value < 0: raise ValueError(f"{self.name[1:]} must not be negative")
        setattr(instance, self.name, value)
class Three:
    def __get__(self, o, t): return 3, type(o).__name__, t.__name__
    def __set__(self, o, v): o.__dict__["log"] = v
class Box:
    w = Positive(); h = Positive(); t = Three()
    def __init__(self, w, h): self.w, self.h = w, h
    @property
    def area(self): return self.w * self.h
    @area.setter
    def area(self, a): self.w = a // self.h
    @property
    def ro(self): return 1
class Sub(Box): pass
class Named:
    w = property(lambda self: 7)
    h = 3
def work(n, make):
    s = 0
    for i in range(n):
        b = make(i, 2)
        b.area = b.area + 4
        s += b.w + b.area
        b.t = i
        s += b.t[0] + b.log
    return s, b.t
def mixed(bs):
    s = 0
    for b in bs:
        s += b.w * b.h
    return s
def fails(n):
    bad = []
    b = Box(1, 2)
    for i in range(n):
        try: b.w = i % 3 - 1
        except ValueError as e: bad.append(str(e))
        try: b.ro = 5
        except AttributeError as e: bad.append(str(e))
    return len(bad), bad[:2]
print(work(90, Box), work(90, Sub), mixed([Box(1, 2), Sub(3, 4), Named()] * 100), fails(100))
def run(n):
    b = Box(2, 3); out = 0
    for i in range(n):
        if i == n // 2: Box.w = 5
        out += b.w
    return out
print(run(200)); Box.w = Positive(); Box.w.name = "_w" if isinstance(Box.w, Positive) else 0
def run(n):
    b = Box(2, 3); out = []
    for i in range(n):
        if i == n // 2: Positive.__get__ = lambda self, o, t=None: "x"
        out.append(b.w)
        if i == n // 2 + 5: del Positive.__set__
        try: b.w = i
        except Exception as e: out.append(type(e).__name__)
    return out[:2], out[-12:], b.__dict__
d = Positive(); d.name = "_w"; Box.w = d
old = Positive.__get__
print(run(200))
Positive.__get__ = old
class Deep:
    def __get__(self, o, t): return sys._getframe().f_back.f_code.co_name, sys._getframe().f_back.f_lineno > 0
    def __set__(self, o, v): 1 / v
class U: d = Deep()
def frames(n):
    u = U(); r = []
    for i in range(n):
        r.append(u.d)
        try: u.d = i % 2
        except ZeroDivisionError as e:
            tb = e.__traceback__; names = []
            while tb: names.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - frames.__code__.co_firstlineno)); tb = tb.tb_next
            r.append(names)
    return r[-3:]
print(frames(200))
class Lazy:
    def __init__(self, f): self.f = f
    def __get__(self, o, t):
        v = o.__dict__["lazy"] = self.f(o)
        return v
class L:
    @Lazy
    def lazy(self): return 42
print(sum(L().lazy + l.lazy for l in [L() for _ in range(200)]))
def many(n):
    class D:
        def __get__(self, o, t): return self.v
        def __set__(self, o, v): self.v = v
    class A: x = D()
    class B: x = D()
    class E: x = 1
    for i in range(n):
        for c in A, B, E:
            o = c(); o.x = i; s = o.x
    return s, A().x, B().x
print(many(100))
def swap(n):
    class D1:
        def __get__(self, o, t): return 1
        def __set__(self, o, v): pass
    class D2:
        def __get__(self, o, t): return 2
        def __set__(self, o, v): pass
    class A: x = D1()
    a = A(); s = 0
    for i in range(n):
        if i == n - 10: A.__dict__["x"].__class__ = D2
        s += a.x; a.x = 1
    return s
print(swap(200))
def rec():
    class D:
        def __get__(self, o, t): return o.x
        def __set__(self, o, v): o.x = v
    class A: x = D()
    for i in range(3):
        try: A().x
        except RecursionError: pass
        try: A().x = 3
        except RecursionError as e: r = str(e)
    return r
print(rec())
