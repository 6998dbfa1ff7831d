"""Texts added, turned around and made of ints, in loops that become native code."""
def work(n):
    out = []
    s = ""
    for i in range(-5, n):
        t = str(i)
        s += t
        s = s + "é"[i % 1:] if i % 50 == 0 else s
        out.append((t[::-1], t[1:], t[::2], t[-1:0:-1], t[:-1], (t + "ü\u0100")[::-1], (t + "ü")[::-2]))
        if t == t[::-1]: out.append(t)
    return out[-3:], len(s), s[-9:], s[::-1][:9]
for i in range(3): r = work(400)
print(r)
class S(str):
    def __radd__(self, o): return "radd"
    def __add__(self, o): return "add"
def odd(a, b, n):
    for i in range(n):
        r = a + b
        q = "x" + b if isinstance(b, str) else "-"
    return r, q
for a, b in ("x", "y"), ("x", S("z")), (S("z"), "x"), ("", ""), ("a" * 100, "b" * 5000), ("\u0100", "a"):
    r, q = odd(a, b, 100); print(len(r), r[:8], q[:5], type(r).__name__)
try: odd("x", 5, 100)
except TypeError as e: print(e)
try: odd("x", None, 100)
except TypeError as e: print(e)
def big(v):
    return [str(x) for x in v]
for i in range(60): r = big([0, -1, 2**61, 2**62, 2**70, -2**62, True, 1.5])
print(r)
class Str(str): pass
def cls(c, n):
    for i in range(n): r = c(i)
    return r, type(r).__name__
print(cls(str, 100), cls(Str, 100))
for n in range(40):
    s = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"[:n]
    assert s[::-1] == "".join(reversed(s)), s
    assert ("é" + s)[::-1] == "".join(reversed("é" + s)), s
    assert s[::-1][::-1] == s and hash(s[::-1]) == hash("".join(reversed(s)))
print("ok")


def f(v, s):
    return f"k{v}", f"{v}", f"{v}{s}", f"{s}{v}", f"{s}-{v + 1}-{v}", f"{v}{v}{v}", f"{'é'}{v}", f"{s * 9}{v}"
def run(vs, s):
    return [f(v, s) for v in vs for _ in range(3)][-1]
class I(int):
    def __format__(self, spec): return "I!"
for _ in range(30):
    r = [run([v], s) for v in (0, 5, -7, 10**15, 10**16, -10**17, 2**62 - 1, -2**62, 2**62, 10**30) for s in ("", "ab", "ü", "\u0100x")]
for x in r[::7]: print(x)
for _ in range(30): r = [run([v], "s") for v in (True, 1.5, I(3))]
print(r)
def ints(n):
    out = []
    for i in range(n):
        out.append(f"row {i}: {i * i}")
        out.append(f"{i - 50}|")
    return out[-4:], out[:3]
print(ints(300))
def g(v, s):
    return f"k{v}", f"{v}{s}", f"{v!r}"
print([[g(v, s) for v in (None, "t", [1], I(4)) for s in ("", "x")] for _ in range(30)][-1])


class S(str): pass
def methods(s, n):
    for i in range(n):
        r = s.strip(".").lower(), s.upper().title(), s.replace("a", "b") + s.center(9), s.zfill(5)[::-1], s.lstrip() == s
    return r
for s in "abc", ".aBc ", S("xaY"), "", "\u0130a\u0100", "ß": print(methods(s, 200), type(methods(s, 3)[0]).__name__)
try: methods(5, 10)
except AttributeError as e: print(e)
