"""Texts of a few characters: digits, f-strings, concatenations, slices; as keys and compared."""


def digits():
    samples = [0, 5, 9, 10, 99, 100, 101, 999, 1000, 12345, 99999, 100000, 1234567, 9999999, 10000000, 99999999]
    samples += [10**k + d for k in range(8, 22) for d in (-1, 0, 1)]
    samples += [-x for x in samples] + [2**62 - 1, 2**62, -2**62, 2**63, -2**63 - 1, 10**40]
    for x in samples:
        s = str(x)
        assert int(s) == x and s == f"{x}" == "%d" % x == repr(x) == format(x), x
    print(len(samples), samples[-1], [str(x) for x in samples[:6]])
    print(sum(len(str(i)) for i in range(0, 3000000, 211)), sum(hash(str(i)) == hash(f"{i}") for i in range(3000)))


def joined():
    table = {}
    for i in range(2500):
        table[f"k{i % 701}"] = i
        table[f"{i % 13}:{i % 17}"] = i
        table["a" + str(i % 900)] = i
        table[str(i % 100) + "-" + str(i % 77)] = i
    print(len(table), table["k700"], table["12:16"], table["a899"], table["5-5"])
    for a in ("", "x", "é", "ab", "abcdefg", "abcdefgh", "abcdefghijklmno", "abcdefghijklmnop", "ÿ" * 7, "ż", "🐍"):
        for b in ("", "y", "ü", "12345678", "123456789abcdef", "→"):
            c, d = a + b, f"{a}{b}"
            assert c == d and len(c) == len(a) + len(b) and c.startswith(a) and c.endswith(b)
            assert hash(c) == hash("".join([a, b])) and c.encode() == a.encode() + b.encode()
            assert c.isascii() == (a.isascii() and b.isascii())
            print(ascii(c), end=" ")
    print()


def pieces():
    s = "abcdefghijklmnopqrstuvwxyz"
    seen = set()
    for i in range(26):
        for j in range(i, 27):
            t = s[i:j]
            seen.add(t + t[:2])
            assert (t + "!" + t)[len(t)] == "!"
    print(len(seen), "abcab" in seen, "zz" in seen)


digits()
joined()
pieces()
