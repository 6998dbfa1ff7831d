"""Searches for a run of characters and a literal behind it: places of matches, limits, failing ends, literals without runs."""
import re

TEXT = "a=1, bb = 2, ccc=3; =4 dd==5 e=f=g xyz user@mail.org @x y@ a.b@c.d é=ü ÿ=z " * 3
PATTERNS = [r"\w+=", r"(\w+)=(\w+)", r"[\w.]+@[\w.]+", r"\w{2,}=", r"\w{3,}=\d", r"[a-c]+=", r"(?:\w+)=$", r"\w+==", r"\w+?=", r"\w++=\w",
            r"[^=]+=", r".+=", r"\d+,", r"(\w)+=", r"(?P<n>\w+)=(?P=n)?", r"\s+=", r"[é-ÿ]+=", r"(?i)[A-C]+=", r"(?a)\w+=", r"\w+\n", r"a+b", r"x+@"]
for p in PATTERNS:
    r = re.compile(p)
    spans = [m.span() for m in r.finditer(TEXT)]
    print(p, len(spans), spans[:4], spans[-2:], sum(a * 7 + b for a, b in spans) % 100003)
    assert all(r.match(TEXT, a).end() == b for a, b in spans if "$" not in p)
    found = [r.search(TEXT, i, j) for i in (0, 1, 5, 20, 70, 75) for j in (0, 3, 9, 40, 76, 999)]
    print([m and m.span() for m in found])

# Many literals that no run stands before, then some; and none at all.
for many in (10, 63, 64, 65, 200):
    text = "," * many + "12,,345," + "," * many + "x9," + "7"
    print(many, [m.span() for m in re.finditer(r"\d+,", text)], re.sub(r"\d+,", "#", text).count("#"),
          re.search(r"\d+,7", text).span(), re.search(r"\d+,8", text))
    wide = text + "\u20ac" + "\u0663,"
    print([m.span() for m in re.finditer(r"\d+,", wide)], [m.span() for m in re.finditer("\\d+\u20ac", wide)])
    print([m.span() for m in re.finditer(r"\d+,", wide + "\U0001f600" + "5,")])
print(re.findall(r"\w+:", "no colon here"), re.findall(r"\w+:", ":"), re.findall(r"\w+:", ""), re.findall(r"\w+:", "a:"))
print(re.split(r"\w+;", "a;b;;c ;d;"), re.subn(r"(\w+)=", r"<\1>", "k=v; =w; kk==x"))
data = b"key=value; x=1;=\xff\xfe=2"
print([m.span() for m in re.finditer(rb"\w+=", data)], re.findall(rb"[\xfe\xff]+=", data))
assert re.search(r"[^x]+x", "y" * 50000 + "x").span() == (0, 50001)
assert len(re.findall(r"\w+=\d", "ab=c " * 20000 + "z=1")) == 1
