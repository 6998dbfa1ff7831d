"""Damaged sources for the compiler, made from a seed: each must become code or an error that Python has for it.

    sources.py FROM COUNT FILE ...      sources made of these files, one line an outcome
    sources.py --show SEED FILE ...     the source of one seed
"""
import random
import re
import sys
import warnings

TOKEN = re.compile(rb"\s+|\w+|[^\w\s]")
PIECES = [
    b"(", b")", b"[", b"]", b"{", b"}", b":", b",", b".", b"=", b":=", b"*", b"**", b"@", b"->", b"\n", b"\n\n", b"\t", b"    ",
    b"\\\n", b"\\", b"'", b'"', b"'''", b'"""', b"f'", b'f"{', b"t'{x", b"rb'", b"#", b"\x00", b"\x0c", b"\r", b"\xff",
    b"\xc3\xa9", b"\xf0\x9f\x90\x8d", b"\xef\xbb\xbf", b"lambda", b"lambda *", b"yield", b"await", b"async", b"async for", b"return",
    b"global x", b"nonlocal x", b"del", b"match x:\n case", b"case", b"type X =", b"class A[T]:", b"def f[**P, *T](a, /, *, b): ",
    b"except*", b"except", b"finally:", b"else:", b"with", b"import", b"from . import *", b"from __future__ import annotations\n",
    b"not", b"is not", b"in", b"if", b"for x in", b"while 1:", b"break", b"continue", b"pass", b"...", b"0x", b"1_", b"1e", b"0777",
    b"1" * 30, b"9" * 5000, b"1j", b"None", b"__debug__", b"__class__", b"\\N{DASH}", b"'\\N{x", b"'\\x1'", b"'\\ud800'", b"!r", b"!=", b"<>",
    b"print x", b"`", b"$", b"?", b"!", b"~", b";", b"# coding: latin-1\n", b"# coding: nonesuch\n",
]
DEEP = [(b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"-", b""), (b"not ", b""), (b"lambda: ", b""), (b"a.", b""), (b"a[", b"]"), (b"f(", b")"),
        (b"1+", b""), (b"x if y else ", b""), (b"f'{", b"}'"), (b"[x for x in ", b"]"), (b"await ", b""), (b"a:=(", b")"), (b"*", b""),
        (b"if x:\n ", b""), (b"(yield ", b")"), (b"a==", b""), (b"a and ", b""), (b"a**", b""), (b"'a' ", b""), (b"{1:", b"}")]
# What CPython may say of a source.
CLEAN = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def source(seed, texts):
    r = random.Random(seed)
    text = r.choice(texts)
    tokens = TOKEN.findall(text)
    # A part of the file, from the start of a line on.
    starts = [0] + [i + 1 for i, t in enumerate(tokens) if t.startswith(b"\n")]
    at = r.choice(starts)
    tokens = tokens[at:at + r.choice([20, 100, 400, 2000])]
    for _ in range(r.choice([1, 1, 2, 4, 10])):
        if not tokens:
            break
        i, j = r.randrange(len(tokens)), r.randrange(len(tokens))
        kind = r.randrange(8)
        if kind == 0:
            del tokens[i]
        elif kind == 1:
            tokens.insert(i, tokens[j])
        elif kind == 2:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 3:
            tokens.insert(i, r.choice(PIECES))
        elif kind == 4:
            tokens[i] = r.choice(PIECES)
        elif kind == 5:
            tokens[i:i + r.randrange(8)] = []
        elif kind == 6:
            t = tokens[i]
            k = r.randrange(len(t))
            tokens[i] = t[:k] + bytes([r.randrange(256)]) + t[k + 1:]
        else:
            a, b = r.choice(DEEP)
            n = r.choice([3, 30, 99, 250, 2000])
            tokens.insert(i, a * n + b"1" + b * r.choice([n, n, n - 1, 0]))
    return b"".join(tokens)


def outcome(data, mode):
    try:
        compile(data, "<source>", mode)
        return "code"
    except (SyntaxError, MemoryError):
        # Which of several errors is told may differ, and with it the subclass; CPython's parser says MemoryError
        # where it gives up on nesting.
        return "SyntaxError"
    except CLEAN as e:
        return type(e).__name__


def main():
    warnings.simplefilter("ignore")
    files = sys.argv[3:]
    texts = []
    for path in files:
        with open(path, "rb") as f:
            texts.append(f.read())
    if sys.argv[1] == "--show":
        sys.stdout.buffer.write(source(int(sys.argv[2]), texts))
        return
    start, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(start, start + count):
        # Told before and after, so that a seed that ends the process is known.
        print(seed, end=" ", flush=True)
        data = source(seed, texts)
        mode = ["exec", "exec", "exec", "eval", "single"][seed % 5]
        print(outcome(data, mode))


main()
