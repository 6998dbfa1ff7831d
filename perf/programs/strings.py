"""Building strings: joins, appends, formatting, replacing, slicing, translating."""


def caesar(text, k):
    out = []
    for ch in text:
        if "a" <= ch <= "z":
            out.append(chr((ord(ch) - 97 + k) % 26 + 97))
        else:
            out.append(ch)
    return "".join(out)


def appended(n):
    s = ""
    for i in range(n):
        s += "abc"[i % 3]
        if i % 100 == 0:
            s += "\n"
    return s


def rows(n):
    return "\n".join(f"{i:>6}|{i * 1.5:8.2f}|{i:#x}|{str(i)[::-1]:<8}|" for i in range(n))


def palindromes(n):
    found = 0
    for i in range(n):
        s = str(i)
        if s == s[::-1]:
            found += 1
    return found


def checksum(s):
    h = 0
    for ch in s:
        h = (h * 31 + ord(ch)) % 1000000007
    return h


def main():
    text = "the quick brown fox; jumps over: the lazy dog. " * 8000
    for k in (3, 10, 13):
        text = caesar(text, k)
    print(text[:44])
    s = appended(1600000)
    print(len(s), s.count("\n"), s.replace("abc", "x").count("x"))
    r = rows(100000)
    print(len(r), checksum(r[:400000]))
    print(palindromes(1200000))
    parts = [p.strip().title() for p in text.split(";") for p in p.split(":")]
    print(len(parts), " ".join(parts[5:7]))


if __name__ == "__main__":
    main()
