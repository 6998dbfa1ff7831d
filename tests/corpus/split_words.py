"""str.split() at white space of every kind, text of every length around 8 and 64, limits, many parts; few ends to strip."""
import sys

WHITE = [chr(c) for c in range(128) if chr(c).isspace()]
print([hex(ord(c)) for c in WHITE])


def by_hand(text, limit=-1):
    parts, i, n = [], 0, len(text)
    while True:
        while i < n and text[i].isspace():
            i += 1
        if i == n:
            return parts
        if limit >= 0 and len(parts) == limit:
            parts.append(text[i:])
            return parts
        start = i
        while i < n and not text[i].isspace():
            i += 1
        parts.append(text[start:i])


checked = 0


def check(text):
    global checked
    assert text.split() == by_hand(text), text
    assert text.split(None, 1) == by_hand(text, 1), text
    assert text.split(maxsplit=3) == by_hand(text, 3), text
    assert text.split(None, 0) == by_hand(text, 0), text
    checked += 1


for c in range(128):
    check(f"a{chr(c)}b")
    check(f"{chr(c)}word{chr(c)}{chr(c)}other words {chr(c)}")
for n in list(range(20)) + list(range(60, 70)) + [127, 128, 129, 191, 192]:
    check("x" * n)
    check(" " * n)
    check("ab " * (n // 3) + "c" * (n % 3))
    check("\t" + "y" * n)
    check("z" * n + "\n")
    check("é" + " q" * n)
x = 12345
for n in (5, 40, 90, 200):
    for _ in range(12):
        text = ""
        for _ in range(n):
            x = x * 48271 % 2147483647
            text += " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x08\x0e\x1b\x21"[x % 14] if x % 3 == 0 else "abcdefgh\x00\x7f"[x // 100 % 10]
        check(text)
print(checked)

many = " ".join(str(i) for i in range(1000))
parts = many.split()
print(len(parts), parts[31:34], parts[63:66], parts[-1], sum(map(int, parts)) == sum(range(1000)))
print(len(many.split(None, 31)), len(many.split(None, 32)), len(many.split(None, 33)), many.split(None, 997)[-1])
print(len(many.split(" ")), many.split(" ")[500:503], len(many.split(" ", 32)), ",".join(many.split("9", 3))[:60])
assert many.split(" ") == parts and parts is not many.split()
same = "to be or not to be".split()
print(same, same[0] is same[4], "one".split(), "".split(), "   ".split())


class Text(str):
    pass


print(Text("only").split(), type(Text("only").split()[0]), Text(" a b ").split(), type(Text("a").strip("xy")), type(Text("a").lower()))

for ends in ("", ".", ".,;", "abc", "\0", "12345678", "123456789", "é.", "\x7f"):
    for text in ("", "a", ".", ".a.", "word", "word.", ",word", "\0\0", "8word1", "9word9", "éwordé", "\x7fw\x7f", "...", "abcabc"):
        print(ascii(text.strip(ends)), ascii(text.lstrip(ends)), ascii(text.rstrip(ends)), end=" ")
    print()
for text in ("", "a", "A", "@", "[", "`", "{", "abcdefg", "abcdefG", "abcdefgh", "ABCDEFGH", "abcdefghI", "é", "É", "\0Z", "a\x7f", "1234567Z"):
    low, up = text.lower(), text.upper()
    print(ascii(low), ascii(up), end=" ")
print()
word = "".join(["ab", "cde"])
print(word.lower(), word.strip("."), word.upper())
