"""Where searches may begin: leading runs, first characters, few characters, and what must not be skipped."""
import re

PATTERNS = [
    r"(\w+)=(\w+)", r"\w+=", r"\w+?=", r"[\w.]+@[\w.]+\.com", r"a+b", r"a+?b", r"(a+)b\1",  r"(?:a+)b", r"\w{2,}=", r"\w*=", r".+=", r"(?s).+=x", r"\bfoo\b", r"(?m)^b",
    r"(?i)http", r"(?i)k+x", r"(?i)straße", r"(?:a|b)?c", r"(?:ab)+c", r"(?>a+)b",  r"(?<=a)b", r"(?<!a)b+=", r"", r"a|", r"(a)?b", r"(a)?(?(1)b|c)", r"[éü]+=", r"\W+a",
    r"((a)|b)+c", r"(\w+)\s\1", r"(?:(?:a|b)|c)d", r"[\d-]+:",
]
TEXTS = [
    "", "a=b", "key=value other=thing = x==y", "mail to user@mail.example.com, me@x.com", "aab aaab ab b aabaa", "foo food foo bar baz",
    "HTTP http hTTp KKx \u212ax kx", "stra\u00dfe STRASSE STRA\u00dfE", "ab abab ababc c ac bc", "b\nb\nab", "é=ü üé=1 ß=2", "\u0416=\u0417 \u0416\u0416=",
    "\U0001f600=a aa=\U0001f600", "12.5 3. 1234-5 99-1 1-2-3:", "the the cat sat sat", "ad bd cd dd", "xxxx xx", "acbc abcabc", "word\u00b2=3",
]
for p in PATTERNS:
    r = re.compile(p)
    out = []
    for t in TEXTS:
        out.append([(m.span(), m.groups()) for m in r.finditer(t)])
        m = r.search(t, 1)
        out.append(m and m.span())
    print(p, len(str(out)), out[2:12])
    print(r.split(TEXTS[2]), r.sub("<>", " ".join(TEXTS[4:])))

print(re.findall(rb"\w+=", b"ab=c d\xe9=f"), re.findall(rb"(?i)K", "k K \u212a".encode()))


def inside(m):
    # A search begun while another one is under way.
    return str(len(re.findall(r"(\w)(\w)", m[0])))


print(re.sub(r"\w+", inside, "abcdef gh i jklm"))
print([re.sub(r"(\d)(?=\d)", lambda m: inside(m) + m[1], "123 45")])
