"""Characters of texts of every width: compared, looked for in constant texts, taken by index and by iteration."""


def blanks(text, at):
    while at < len(text) and text[at] in " \n\t\r":
        at += 1
    return at
def kinds(text):
    n = [0] * 6
    for c in text:
        if c == "a": n[0] += 1
        elif c in "bcdé": n[1] += 1
        elif c < "0": n[2] += 1
        elif c in '"\\~': n[3] += ord(c)
        elif "é" == c: n[4] += 1
        else: n[5] += ord(c)
    return n
def idx(text, i):
    s = 0
    for k in range(i):
        c = text[k]
        if c != "x" and c >= "b": s += 1
        if c == "xy": s += 100
        if c in "": s += 1000
        if c in "xyz": s += 3
    return s
t = "a b\tc\\\"~é ü 0x" * 40
for text in t, t + "\u0100\u0120\u0141" * 30, t + "\U00010020\U00010041a" * 30, "".join([t, t]):
    print(kinds(text), idx(text, len(text)), blanks("    \n" * 50 + text, 0))
g = ""
for i in range(300): g += "ab \\"[i % 4]
print(kinds(g), idx(g, 300), blanks(g, 2))


def several(words):
    out = []
    for w in words:
        if w == "if":
            out.append(1)
        elif w != "else" and "while" != w:
            out.append(w)
    return out


print(several(["if", "ix", "else", "while", "", "i", "elsé", "\u0100\u0101", "if"] * 40)[:12])


def numbered(text):
    return [(i, c) for i, c in enumerate(text) if c not in "aeiou"]


print(numbered("characters \u0100 of texts" * 9)[:30])


def each(text):
    for c in text:
        yield c, ord(c)


print(list(each("a\u00ff\u0100\U0001f600" * 30))[-5:])


class Text(str):
    def __getitem__(self, i):
        return "x"


print(idx(Text("abc" * 99), 200), kinds(Text("abc" * 99)), blanks(Text("   "), 0))
try:
    idx(["a", 1, "b"] * 50, 150)
except TypeError as e:
    print(e)
try:
    idx("abc", 4)
except IndexError as e:
    print(e)
