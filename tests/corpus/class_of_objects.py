"""The class of objects, dataclasses compared, attributes that native functions get, on classes made in Python."""
from dataclasses import dataclass
@dataclass(order=True)
class V:
    a: int
    b: int
class A:
    def who(self): return self.__class__.__name__
    def same(self, o): return self.__class__ is o.__class__
class B(A): pass
class M(type): pass
class C(A, metaclass=M): pass
class F(A):
    @property
    def __class__(self): return int
class E(Exception): pass
def run(xs):
    out = []
    for x in xs:
        out.append((x.who(), x.same(xs[0]), x.__class__.__class__.__name__))
    return out
for i in range(200): r = run([A(), B(), C(), F()])
print(r)
for i in range(200): r = run([A(), B()])
print(r)
vs = [V(i % 5, i % 7) for i in range(300)]
print(max(vs), min(vs), sorted(vs)[100], vs[0] == V(0, 0), vs[0] == 5)
def change(n):
    a = A(); s = []
    for i in range(n):
        if i == n - 3: a.__class__ = B
        s.append(a.__class__.__name__)
    return s[-5:]
print(change(300), change(20))
def exc(n):
    out = None
    for i in range(n):
        try: raise E(i)
        except E as e: out = e.args, e.__class__.__name__, e.__traceback__ is None, e.__cause__, e.__context__
    return out
print(exc(300))
def dicts(n):
    a = A(); a.x = 1
    for i in range(n): d = a.__dict__; w = a.__weakref__; m = a.__module__
    return d, w, m
print(dicts(300))
