"""Locals changed through `f_locals` while their functions run: from what they call, and from themselves."""
import sys
def change(at):
    if at == 900:
        f = sys._getframe(1)
        f.f_locals["step"] = 50
        f.f_locals["at"] = 1000
def plain(n):
    step = 1
    at = 0
    out = []
    while at < n:
        at += step
        change(at)
        out.append(at)
    return out
o = plain(1500)
print(len(o), o[895:905])
def method_change(self, at, k=None):
    change(at)
class C:
    pass
C.go = method_change
def by_kw(n):
    step = 1; at = 0; out = []; c = C()
    while at < n:
        at += step
        c.go(at)
        change(at=at)
        change(*[at])
        out.append(at)
    return out
o = by_kw(1500)
print(len(o), o[895:905])
def own(n):
    step = 1; at = 0; out = []
    f = sys._getframe()
    while at < n:
        at += step
        if at == 500:
            f.f_locals["at"] = 700
        out.append(at)
    return out
o = own(1500)
print(len(o), o[495:503])
def deep(at):
    if at == 900:
        f = sys._getframe(2)
        f.f_locals["at"] = 1000
def via(at): return deep(at)
def two(n):
    step = 1; at = 0; out = []
    while at < n:
        at += step
        via(at)
        out.append(at)
    return out
o = two(1500)
print(len(o), o[895:905])
def closure(n):
    at = 0; out = []
    def inner(): return at
    while at < n:
        at += 1
        via(at)
        out.append(at + inner())
    return len(out), out[895:905]
print(closure(1500))
def sort_key(n):
    x = 5; out = []
    def key(v):
        if v == n // 2: sys._getframe(1).f_locals["x"] = 99
        return -v
    for _ in range(3):
        r = sorted(range(n), key=key)
        out.append(x)
    return out
print(sort_key(2000))
