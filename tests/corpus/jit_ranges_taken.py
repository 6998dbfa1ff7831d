"""Ranges that loops iterate over: objects, from their other end, in generators."""


def turned(n):
    return [i for i in reversed(range(n))], [i for i in reversed(range(3, n))], [i for i in reversed(range(n, 2, -1))]


def stepped(a, b, by):
    return [i for i in reversed(range(a, b, by))]


def kept(r):
    out = []
    for i in r:
        out.append(i)
        if i == 5:
            break
    for i in r:
        out.append(-i)
    return out


def generated(n):
    for i in reversed(range(n)):
        yield i
        for j in range(i):
            if j & 1:
                yield j


def summed(r):
    return sum(i * i for i in r), len(set(i % 3 for i in r)), tuple(i for i in r)


def named(n):
    it = reversed(range(n))
    first = next(it, None)
    return first, list(it), it.__length_hint__()


def main():
    big = 2**62
    for k in range(60):
        a = turned(k % 9)
        b = stepped(k, k + 7, 2), stepped(k, -2, -3)
        c = kept(range(k % 8)), kept(range(2, 11, 1))
        d = list(generated(k % 6))
        e = summed(range(k % 10)), named(k % 4)
        if k % 20 == 19:
            print(a, b, c, d, e)
    print(turned(0), turned(-5), turned(True), stepped(0, 0, 1), stepped(5, 0, 1))
    print(kept(range(0, 10, 5)), kept(range(5, 0, -1)), kept([5, 6]), kept(range(big - 2, big + 2)))
    print(summed(range(4, 0, -1)), summed(range(big, big + 3)), summed({3: 4}), summed(iter(range(4))))
    print(sum(1 for _ in range(-big - 5, -big)), [i - big for i in reversed(range(big - 1, big + 2))])
    print(list(generated(4)), [x for x in zip(generated(3), generated(4))])
    for bad in ("x", 2.5, None):
        for f in (turned, generated):
            try:
                print(list(f(bad)))
            except TypeError as e:
                print(f.__name__, e)


main()
