import re


def show(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


# (pattern, flags, texts)
cases = [
    (r"a(b*)c", 0, ["abbbc", "ac", "ab", "xxabcx"]),
    (r"(a|ab)(c|bcd)(d*)", 0, ["abcd", "acd"]),
    (r"(?P<y>\d{4})-(?P<m>\d\d)", 0, ["on 2024-05-06", "20-1"]),
    (r"^\s*(\w+)\s*=\s*(.*?)\s*$", re.M, ["a = 1\n b=2  \n\nc", " x = "]),
    (r"(?i)straSSe|ÄÖ", 0, ["STRASSE", "äö", "xÄö"]),
    (r"(a+)+b", 0, ["aaab", "aaaa"]),
    (r"(a*)*", 0, ["aaa", "b", ""]),
    (r"(a*?)*?b", 0, ["aab", "b"]),
    (r"(?:a|b)*?c", 0, ["ababc", "c"]),
    (r"(a)?(b)?c", 0, ["abc", "bc", "c", "ac"]),
    (r"(a)|b", 0, ["b", "a"]),
    (r"(?:(a)|b)*", 0, ["ab", "ba", "bb"]),
    (r"(?:(a)|(b)|c)*", 0, ["abc", "cba"]),
    (r"(.)\1", 0, ["abccd", "abc"]),
    (r"(?i)(.)\1", 0, ["aBcC", "éÉ", "abc"]),
    (r"(?ai)(.)\1", 0, ["aBcC", "éÉ"]),
    (r"(<)?x(?(1)>|!)", 0, ["<x>", "x!", "<x!", "x>"]),
    (r"(?=(\w+))\1:", 0, ["abc:", "abc"]),
    (r"(?<=ab)c", 0, ["abc", "bc"]),
    (r"(?<!ab)c", 0, ["abc", "bc", "c"]),
    (r"(?!foo)\b\w+", 0, ["foo bar", "foobar"]),
    (r"(?>a+)ab", 0, ["aaab"]),
    (r"(?>a+)b", 0, ["aaab"]),
    (r"a++b", 0, ["aaab", "aaa"]),
    (r"a*+a", 0, ["aaa"]),
    (r"(?:ab)*+c", 0, ["ababc", "abab"]),
    (r"(?:a|b){2,3}+c", 0, ["ababc", "abc", "ac"]),
    (r"(a?)*+b", 0, ["aab", "b"]),
    (r"(?:(\w)x?)*+$", 0, ["axbx", "a b"]),
    (r"a{2,3}?", 0, ["aaaa", "a"]),
    (r"a{2}", 0, ["aaaa", "a"]),
    (r"x*?y", 0, ["xxxy", "xxx"]),
    (r".*?,", re.S, ["a\nb,c", "a"]),
    (r".*", 0, ["a\nb", ""]),
    (r"[^a-c\d]+", 0, ["abcxyz123", "abc"]),
    (r"[\w.-]+@[\w.-]+", 0, ["mail me@x.org now", "@"]),
    (r"[а-яё]+", re.I, ["Привет, МИР", "abc"]),
    (r"[\u4e00-\u9fff]+", 0, ["漢字 kana", "x"]),
    (r"[αβγ漢a-z𝒳]+", 0, ["xxαβ漢𝒳Z", "Z"]),
    (r"[^αβγ漢]", 0, ["αβ𝒳", "漢"]),
    (r"\bfoo\b", 0, ["a foo b", "food", "foo"]),
    (r"\Boo\B", 0, ["fooz", "foo"]),
    (r"\Afoo\Z", 0, ["foo", "foo\n"]),
    (r"foo$", 0, ["foo\n", "foo\n\n"]),
    (r"\d+", 0, ["abc ١٢٣ 12"]),
    (r"\d+", re.A, ["abc ١٢٣ 12"]),
    (r"\s\S", 0, ["a\u00a0b", "a\x1cb"]),
    (r"ſ|K", re.I, ["s", "k", "K", "S"]),
    (r"[a-zſ]", re.I, ["S", "K", "ſ"]),
    (r"(?s:.)(?-i:b)", re.I, ["\nb", "\nB"]),
    (r"(?x) a  b # comment", 0, ["ab", "a b"]),
    (r"", 0, ["", "a"]),
    (r"abcabd", 0, ["abcabcabd", "abcab"]),
    (r"(ab)cd", 0, ["xabcabcd"]),
    (r"((a)(b))?\3", 0, ["abb", "ab"]),
    (r"(?:x|(y))\b|z", 0, ["yz", "z y"]),
    (r"(?:(?:(?:a)*b)*c)*d", 0, ["aabcabbcd", "ccd", "aab"]),
    (r"(?:a{0,2}b){1,3}?c", 0, ["aababc", "bbbbc"]),
    (r"(\w+)\s(?:\1\s?)+", 0, ["the the the end"]),
    (r"[\]\-a]+", 0, ["]-a"]),
    (r"(?:a(?=b)|a(?!b)c)+", 0, ["acaca", "ab"]),
]
for pat, flags, texts in cases:
    p = re.compile(pat, flags)
    for t in texts:
        for how in (p.match, p.fullmatch, p.search):
            m = how(t)
            print(pat, ascii(t), how.__name__, m and (m.span(), ascii(m.groups()), m.lastindex, m.lastgroup, m.regs))
        print("  ", ascii(p.findall(t)), ascii(p.split(t)), ascii(p.subn("<\\g<0>>", t)))
        print("  ", [m.span() for m in p.finditer(t)])

# bytes
p = re.compile(rb"(\w)(\d+)?", re.L)
print(p.findall(b"a1b22 c\xe9"), p.sub(rb"[\1\2]", b"a1 b"), p)
print(re.split(rb"[,;]\s*", b"a, b;c"), re.search(b"b+", bytearray(b"abbb")).group())
print(re.sub(b"x", b"yy", memoryview(b"axbx")), re.match(rb"(?i)\xe9", b"\xc9"))

# substitution
print(re.sub(r"(\w)(\d)?", r"\2\1|\g<1>", "a1b c2"))
print(re.sub("a", lambda m: m.group().upper() * 2, "banana", count=2))
print(re.sub("x*", "-", "abxd"), re.sub("", "-", "abc"), re.sub("b*", "x", "abc"))
print(re.subn("[aeiou]", "", "education"), re.sub("a", r"\n\t\\", "bab") == "b\n\t\\b")
print(re.sub(r"(?P<first>\w+) (?P<second>\w+)", r"\g<second> \g<first>", "hello world"))
print(re.sub("é", "漢", "café é"), re.sub("a", "", ""), re.sub("a", None or "", "aaa"))
print(re.split(r"(,)|;", "a,b;c"), re.split("x*", "axbc"), re.split(r"\b", "Words, words"))
print(re.split(",", "a,b,c,d", maxsplit=2), re.findall(r"(a)(b)?", "abaab"))

# Match
m = re.match(r"(?P<a>x)(?P<b>y)?(z)", "xz", 0)
print(m, m.group(), m.group(0, 1, 3), m.group("a"), m["b"], m[3], m.groups("?"), m.groupdict(), m.groupdict(default=1))
print(m.start(), m.end("a"), m.span(2), m.pos, m.endpos, m.string, m.re, m.expand(r"\1-\2-\g<a>"))
print(m.__copy__() is m, m.re.__deepcopy__({}) is m.re, bool(m))
p = re.compile("b+")
print(p.search("abbb", 2).span(), p.search("abbb", 0, 3).span(), p.match("abb", 1).group(), p.search("abbb", 3, 2))
print(re.compile("^b").match("ab", 1), re.compile("(?<=a)b").match("ab", 1), re.compile("b$").search("abc", 0, 2))
print(re.compile(r"\bb").match("ab", 1), p.search("abb", -5, 100).span())

# Pattern
print(p, re.compile("a", re.I | re.M), re.compile(b"a", re.L | re.I), re.compile("x" * 300))
print(p.flags, p.groups, re.compile("(?P<n>.)").groupindex, p.pattern, p == re.compile("b+"), p != re.compile("b"))
print(hash(p) == hash(re.compile("b+")), {p: 1}[re.compile("b+")], re.Pattern[str], re.Match[bytes])
s = re.compile(r"\w|").scanner("ab c")
print([s.search().span() for _ in range(5)], s.search(), s.match(), s.pattern)
s = re.compile("a|").scanner("aab")
print([s.match() for _ in range(5)])

# errors
p = re.compile("(?P<a>x)(y)?")
show(lambda: p.match(1))
show(lambda: p.match(b"x"))
show(lambda: re.compile(b"x").match("x"))
show(lambda: p.match())
show(lambda: p.match("a", 1, 2, 3))
show(lambda: p.match("x").group(5))
show(lambda: p.match("x").group("zz"))
show(lambda: p.match("x")[None])
show(lambda: p.match("x")[-1])
show(lambda: p.sub(lambda m: 3, "x"))
show(lambda: p.sub(3, "x"))
show(lambda: p.sub(b"x", "x"))
show(lambda: re.compile(b"a").sub("x", b"a"))
show(lambda: re.compile(b"a").sub(bytearray(b"\\g<0>x"), b"a"))
show(lambda: p.sub("x"))
show(lambda: type(p)())
show(lambda: re.sub("(a)", r"\2", "a"))
show(lambda: re.sub("(a)", r"\g<b>", "a"))
for bad in ("(", ")", "[a", "a**", "*a", "(?P<1>x)", r"\1", "(?<=a*)b", "a{3,2}", "(?z)", "[z-a]", r"\q", "(?P=x)"):
    show(lambda: re.compile(bad))
show(lambda: re.compile("a", re.L))

# long texts and deep backtracking
n = 100000
print(re.match("(?:a|b)*c", "ab" * n + "c").end(), re.match("(a|b)*?c", "ab" * n + "c").end())
print(re.match("(?:(?:ab)*,)*", "abab," * n).end(), re.match(".*x", "y" * n), re.match("(x)*y", "x" * n))
print(len(re.findall(r"\w+", "word " * n)), len(re.sub(r"\s+", "", "a b " * n)))
print(re.match("(?:" * 50 + "a" + ")*" * 50, "aaa").end(), re.match("(?:){5}a", "a").end())
print(re.escape("a.b*c\n é-1"), re.escape(b"x y"), re.purge())


class T(str):
    pass


print(type(re.match("a", T("ab")).group()), type(re.sub("x", "y", T("ab"))), re.match("a", T("a")).string.__class__)
sc = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"[a-z]+", lambda s, t: t), (r"\s+", None)])
print(sc.scan("foo 12 bar!"))
print(re.compile("a", re.NOFLAG).flags, re.I | re.M, repr(re.X), re.RegexFlag(34))
