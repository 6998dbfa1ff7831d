"""Sets and lazy repeats over short and long runs, marks of many groups, fields of format strings, joined characters."""
import re

ASCII = "ab1_" * 3 + " " * 5 + "x" * 130 + "!" + "y" * 47 + "!" + "z" * 48 + "!" + "w" * 49 + "!\n" + "v" * 96 + "?"
WIDE = ASCII.replace("z", "\u017e").replace("x", "\u00e9")
ASTRAL = WIDE.replace("w", "\U0001d4cc")


def spans(pattern, text, flags=0):
    return [m.span() for m in re.compile(pattern, flags).finditer(text)]


for text in ASCII, WIDE, ASTRAL:
    print(len(text))
    for pattern in (r"\w+", r"\W+", r"[^\W\d]+", r"[a-m]+", r"[^a-m]{2,5}", r"\w{3,}?!", r".*?!", r".+?\?", r".{2,60}?!",
                    r"[^!]*?!", r"\w*?!", r"(?s:.)*?\?", r"y.{0,46}?!", r"y.{0,45}?!$", r"[\u0100-\uffff]+",
                    r"[^\u0100-\uffff]+?!", r"(?i:[XYZ]+)", r"(?i:x*?!)", r"\w*+!", r"!.*?v", r"!(?s:.)*?v"):
        print(pattern, spans(pattern, text)[:6])
for data in (b"ab1_  \xe9\xe8!" * 3, b""):
    print(spans(rb"\w+", data), spans(rb"[^\w]*?!", data), spans(rb"[\xe0-\xff]+", data))
print(re.findall(r"a.*?b", "a" + "-" * 47 + "b" + "a" + "-" * 48 + "ba" + "-" * 49 + "\nb"))

m = re.match(r"(?:(a)|(b)|(c))(d)?((e)|f)*", "bfef")
print(m.groups(), m.regs, m.lastindex, [m.span(i) for i in range(7)])
p = re.compile(r"(x)?(y)?(z)?")
print([p.match(s).regs for s in ("xyz", "z", "", "xz")], re.compile("q").match("q").regs)
print([m.groups() for m in re.finditer(r"(a)|(b)|(c)", "cab")], re.findall(r"(a)|(b)|(c)", "cab"))


def shown(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e)


class Point:
    x = 3
    items = {"k": [1, 2], "]": 5, "a.b": 6}


shown("{n} and {n}{m}".format, n=1, m="two", nn=3)
shown("{} {} {}".format, 1, -2, 10 ** 20)
shown("{0}{1}{0}".format, True, None)
shown("{0.x}{0.items[k][1]}{0.items[a.b]}".format, Point)
shown("{n!r:>6}|{n!s}|{n:<{w}}|{n:+}".format, n=7, w=4)
shown("\u017e{n}\u017e{\u017e}".format, n=-5, **{"\u017e": "\U0001d4cc"})
shown("\U0001d4cc{n}{{{n}}}".format, n=12345678901234567)
shown("{{}}{{n}}{n}}}".format, n=0)
shown("{missing}".format, n=0)
shown("{nm}".format, n=0)
shown("{missing.x}".format_map, {"n": 0})
shown("{n[0]}{n[k]}".format_map, {"n": Point.items | {0: "zero"}})
for text in ("{", "}", "a{", "a}", "{n", "{n!", "{n!r", "{n!rx}", "{n:", "{n:{", "{n{}}", "{n[", "{n[k", "{n[}", "{n.}", "{n[]}", "{n[0]x}",
             "}{", "{}}", "{n}{", "a{n!}b", "{!r}", "{:}", "\u017e{", "\u017e}", "{n[\u017e"):
    shown(text.format, 1, n=2)


class Text(str):
    pass


for items in (list("abc"), tuple("xy"), ["a"], [], ["a", "bc", "d"], ["a", "", "d"], list("a\u00e9b"), list("a\u017eb"), [Text("a"), Text("b")],
              [Text("a")], ["a", Text("bc"), "d"], ["a", 1, "b"], [1, "a"], ["a", 1], ["a"] * 3, ["\0", "\x7f"], ["a", "b", "\x80"]):
    shown("".join, items)
    shown("-".join, items)
shown("".join, (c for c in "generated"))
shown("".join, {"k": 1, "l": 2})
