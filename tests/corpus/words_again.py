"""The same short texts cut out again and again: over collections, with zeros, by threads, as keys; stripped ends."""
import gc
import threading


def counts(text):
    found = {}
    for line in text.split("\n"):
        for word in line.split():
            word = word.strip(".,;").lower()
            found[word] = found.get(word, 0) + 1
    return found


def zeros():
    text = "ab\0\0\0\0\0\0cdefghijk" * 3
    parts = {}
    for n in range(1, 11):
        for i in range(len(text) - n):
            part = text[i:i + n]
            assert len(part) == n and part == "".join(text[k] for k in range(i, i + n)), (i, n)
            assert hash(part) == hash("".join(list(part)))
            parts[part] = parts.get(part, 0) + 1
    return len(parts), parts["ab"], parts["ab\0"], parts["ab\0\0"], parts["\0\0"], parts["\0\0\0\0\0\0cd"]


def distinct(n):
    """So many different ones that looking for them is given up, and then the same ones."""
    text = "".join(f"{i:06d}" for i in range(n))
    first = [text[i:i + 6] for i in range(0, len(text), 6)]
    again = [text[i:i + 6] for i in range(0, len(text), 6)]
    same = [text[:6] for _ in range(n)]
    return first == again, len(set(first)), len(set(same)), sum(map(int, first))


def keyed(n):
    groups = {}
    for i in range(n):
        key = f"k{i % 97}"
        groups.setdefault(key, []).append(i)
        if i % 1000 == 0:
            gc.collect()
    return len(groups), groups["k96"][:3], sorted(groups)[:4]


def in_threads(text, n):
    results = [None] * n

    def run(i):
        results[i] = counts(text)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return all(r == results[0] for r in results), sorted(results[0].items())


class Text(str):
    pass


def main():
    text = "\n".join(f"The cat, the dog; THE end. line {i} of {i % 7}" for i in range(120))
    before = counts(text)
    gc.collect()
    kept = [k for k in before]
    junk = [str(i) * 3 for i in range(5000)]
    del junk
    gc.collect()
    after = counts(text)
    print(before == after, kept[:8], len(before))
    print(zeros())
    print(distinct(9700))
    print(keyed(2000))
    print(in_threads(text[:400], 4))
    for s in ["", ".", "a", "..", ".a", "a.", ".a.", "...a,b;;", "abcdefgh.", ".abcdefgh", "\0a\0", "é.", ".é", "..\u1234.."]:
        for ends in ["", ".", ".,;", "\0", "a.", "abcdefgh", "abcdefghi.", "é", "\0."]:
            print(ascii((s.strip(ends), s.lstrip(ends), s.rstrip(ends))), end=" ")
        print(Text(s).strip("."), type(Text(s).strip(".")) is str, type(Text("ab").strip(".")) is str)
    whole = "abc" * 2
    print(whole.strip(".") is whole, whole.strip("") is whole, "a b".strip(Text(" ")), "xax".strip(Text("x")))
    for bad in [1, b"a", ["a"]]:
        try:
            "abc".strip(bad)
        except TypeError as e:
            print(e)
    print("ABCDEFG".lower(), "abcdefg".lower(), "ab".upper(), "AB".upper(), "ABCDEFGHIJ".lower(), "É".lower(), "z[{@`".upper())


main()
