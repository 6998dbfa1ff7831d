"""Regular expressions over text: finding, splitting, replacing, a tokenizer, backtracking."""
import re

LINE = '{n} [{level}] host-{h}.example.org "GET /a/{n}/b?x={x}&y=%20z HTTP/1.1" {code} {size} user{h}@mail.example.com\n'
TOKEN = re.compile(r"""
    (?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<op>\*\*|[-+*/%()=<>,.:])
  | (?P<blank>\s+)
""", re.VERBOSE)


def log(n):
    levels = "info", "warn", "error"
    return "".join(LINE.format(n=i, level=levels[i % 3], h=i % 17, x=i * 7, code=200 + i % 5, size=i * 31 % 5000)
                   for i in range(n))


def tokens(source):
    counts = {}
    for m in TOKEN.finditer(source):
        kind = m.lastgroup
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def main():
    text = log(30000)
    print(len(text), len(re.findall(r"\berror\b", text)), len(re.findall(r"[\w.]+@[\w.]+\.com", text)))
    sizes = re.findall(r'^(\d+) \[(\w+)\] .*?" (\d{3}) (\d+) ', text, re.M)
    print(len(sizes), sum(int(s[3]) for s in sizes))
    print(len(re.sub(r"(\w+)=(\w+)", r"\2:\1", text)), re.subn(r"(?i)HTTP/(\d)\.(\d)", lambda m: m[2] + m[1], text)[1])
    print(len(re.split(r"[\s\"\[\]]+", text)))
    source = 'total = total + price[3] * 2.5e-3 ** size - f("a \\" b", x_1) % 77.0 # \n'.replace("#", "") * 8000
    print(sorted(tokens(source).items()))
    print(sum(1 for m in re.finditer(r"(a|ab)(c|bcd)(d*)", "abcd acd abccd abcdd " * 30000)))
    print(re.fullmatch(r"(?:x+x+)+y", "x" * 18) is None, re.search(r"(\w)(\w)\w*\2\1", "one noon level rotor")[0])


if __name__ == "__main__":
    main()
