"""Texts that are copied, compared and built in short ways: every length around a word, every width, every end."""
import sys

WIDE = ["", "é", "\u0416", "\U0001f600"]

# Lengths around words and halves: equality, slices, concatenation, joining, hashing.
for n in list(range(0, 20)) + [31, 32, 33, 40, 63, 64, 65]:
    a = "".join(chr(97 + i % 26) for i in range(n))
    b = "".join([a[:n // 2], a[n // 2:]])
    assert a == b and hash(a) == hash(b) and not a != b
    for i in range(n):
        c = a[:i] + "#" + a[i + 1:]
        assert c != a and len(c) == n and c[i] == "#" and (c < a) == ("#" < a[i])
        assert {a: 1, c: 2}[a[:i] + a[i:]] == 1
        assert a[i:] == "".join(list(a)[i:]) and a[:i] == "".join(list(a)[:i])
    assert a[::-1][::-1] == a and a[::2] == "".join(x for k, x in enumerate(a) if k % 2 == 0)
    for w in WIDE:
        t = a + w
        assert t.upper().lower() == t.lower() and t.join(["x", "y"]) == "x" + t + "y"
        assert f"{t}{a}" == t + a and "-".join([t, a, t]) == t + "-" + a + "-" + t
        assert (t + a)[len(t):] == a and (a + t)[:n] == a
        assert t.ljust(n + 5, "*") == t + "*" * (n + 5 - len(t)) and t.rjust(n + 5).strip() == t
        assert t.center(n + 4, "é").strip("é") == t.strip("é")
print("lengths")

for s in ["abc", "ABC", "aBc", "@[`{", "AZaz", "zzzzzzzzZ", "Zzzzzzzzz", "1234567A", "12345678A", "éA", "É", "ß", "\u0130", "ﬁ", ""]:
    print(ascii(s), ascii(s.lower()), ascii(s.upper()), ascii(s.title()), ascii(s.swapcase()), ascii(s.casefold()))


class S(str):
    pass


s = S("abc")
print(type(s.lower()), type(s.upper()), type(s.strip()), type(s[:]), type(s + ""), type("".join([s])), type(str(s)), type(f"{s}"), type("%s" % s))

print(["  a b  ".strip(), "xxaxbxx".strip("x"), "abcba".strip("ab"), "abc".strip("cba"), "..a..".lstrip("."), "..a..".rstrip("."), "éaé".strip("é"), "\u2003a\u2003".strip(), "a".strip(""), "aéa".strip("a")])
try:
    "a".strip(1)
except TypeError as e:
    print(e)

for t in ["", " ", "a", " a ", "a b", "  a  bb ccc ", "\ta\nb\x1cc\x85d\u3000e", "x " * 70, "é f"]:
    print([t.split(), t.split(None, 0), t.split(None, 1), t.split(None, 2), t.rsplit(None, 1), t.split(" ")][:6] if len(t) < 20 else [len(t.split()), len(t.split(None, 33)), t.split(None, 65)[-1]])
print(len(("ab " * 1000).split()), ("ab " * 1000).split()[999], len(("ab " * 1000).split(None, 500)))

# Formats.
for v in [0, 1, -1, 7, 10, 99, 100, 101, 12345, -12345, 2**62, -2**62, 2**63, 2**64 - 1, 10**19, 10**30, -10**30]:
    print(v, f"{v:5}|{v:<8}|{v:^8}|{v:08}|{v:+}|{v: }|{v:x}|{v:#X}|{v:b}|{v:#o}|{v:,}|{v:_}|{v:é>9}|{v:\u0416^9}|{v:=+9}|{v:*=9}", str(v), repr(v), "%d %5d %-5d| %05d %x" % (v, v, v, v, v))
for x in [0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 1e-7, 123.456, -123.456, 1e15, 1e16, 123456789.987654321, 0.045, 1.005, 2.675, 9.995, 99.995, 1e22, 5e-324, 1e-5, 0.0001, 4503599627370495.5, 4503599627370496.0, 9007199254740993.0, 3.0, float("inf"), float("nan")]:
    print(x, str(x), f"{x:.0f}|{x:.1f}|{x:.2f}|{x:.3f}|{x:8.2f}|{x:<9.1f}|{x:+.2f}|{x:09.3f}|{x:.15f}|{x:.16f}|{x:,.2f}|{x:z.1f}|{x:#.0f}|{x:%}|{x:.1%}|{x:e}|{x:g}|{x:.3}|{x:é>12.2f}", "%.2f %5.1f %g" % (x, x, x))
for t in ["", "a", "abc", "é", "\u0416b"]:
    print(ascii(f"{t:5}|{t:>5}|{t:^6}|{t:*<4}|{t:.2}|{t:\u0416>4}|{t:é^5}|{t:1}"))
for spec in ["d", "5d", " >20", "0=10", "10.3", "_x", ",", "q", "1" * 20, "<<5", "é<5d", ".3d", "+s", "5%", "c", " >+#05x"]:
    for v in (42, 2.5, "s", True):
        try:
            print(spec, repr(format(v, spec)))
        except (ValueError, OverflowError) as e:
            print(spec, type(e).__name__, e)

# Subscripts and comparisons of one-byte and wider texts.
for t in ["abc", "aéc", "a\u0416c"]:
    print([t[0], t[-1], t[1] == "b", t[1:2], t[::-1], t[2:0:-1], t[5:], "b" < t, t < "b", t <= t[:], "" < t, t > ""], ascii(t))
    for i in (3, -4, 10**20):
        try:
            t[i]
        except IndexError as e:
            print(type(e).__name__, e)

# Keys: equal ints, floats, bools, long texts; tables with mixed keys.
d = {1: "i", 2.0: "f", "1": "s", True: "b", (1, "x"): "t", "k" * 40: "long", "k" * 39 + "l": "other"}
print(d, d[1.0], d[2], d["k" * 40], d["k" * 39 + "l"], d.get("k" * 39 + "m"), d[(1.0, "x")], 3 in d, "2" in d, len(d))


class K(str):
    def __eq__(self, other):
        return str.__eq__(self, other)

    __hash__ = str.__hash__


d[K("k" * 40)] = "again"
d[K("new")] = 1
d["new"] = 2
print(len(d), d["k" * 40], d["new"], d[K("1")], -1 in {-2: 0}, hash(-1) == hash(-2), {-1: 1, -2: 2, 2**61 - 1: 3, 0: 4})
del d["new"], d[1]
print(d.get("new"), d.get(True), sys.intern("ab" * 20) is sys.intern("a" + "bab" * 13))


# str() of what answers with a subclass; classes that are called directly.
class A:
    def __str__(self):
        return S("x")


class T(S):
    def __init__(self, *a):
        print("init", a)


class B:
    def __str__(self):
        return T("y")


print(type(str(A())), type(str(B())), str(12), str(-5), str(1.5), str(None), str(True), int("12"), int(3.9), float("1.5"), bool([]), range(3), complex(1))
for f in (int, float, bool, range, complex, slice, bytes):
    try:
        print(f.__name__, f(*"abcd"))
    except (TypeError, ValueError) as e:
        print(f.__name__, type(e).__name__, e)
for f in (str.lower, str.join, dict.get, list.append, int.bit_length, str.split):
    for args in ((), (1,), ("a", 1, 2, 3), ({},), (S("A"),)):
        try:
            print(f.__name__, f(*args))
        except TypeError as e:
            print(f.__name__, e)
