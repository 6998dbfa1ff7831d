# Sums and differences at the ends of what an int word holds, where comparisons, indices and loops bound the operands.
TOP = 2**62


def mix(all, one):
    return (all * 31 + one) % 1000003


def up(n, start, stop):
    out = 0
    for _ in range(n):
        for i in range(start, stop):
            out = mix(out, i + 1)
            out = mix(out, i - 1)
    return out


def down(n, start, stop):
    out = 0
    for _ in range(n):
        for i in range(start, stop, -1):
            out = mix(out, i - 1)
            out = mix(out, i + 1)
    return out


def strides(n, start, stop, step):
    out = 0
    for _ in range(n):
        for i in range(start, stop, step):
            out = mix(out, i + step)
    return out


def below(n, x, limit):
    out = 0
    for _ in range(n):
        i = x
        while i < limit:
            i = i + 1
            out = mix(out, i)
        out = mix(out, i + 1)
    return out


def compared(n, x, y):
    out = 0
    for _ in range(n):
        if x < y:
            out = mix(out, x + 1)
        if x <= y:
            out = mix(out, y - 1)
        if x > y:
            out = mix(out, x - 1)
        if x >= y:
            out = mix(out, x + 1)
        if x == y:
            out = mix(out, x + y)
        if not x != 7:
            out = mix(out, x + 9)
        if x < -5:
            out = mix(out, x - 1)
    return out


def impossible(n, x, y):
    """What no int word is, and some ints are."""
    out = 0
    for _ in range(n):
        if x > 4611686018427387903:
            out = mix(out, x - y)
        if x < -4611686018427387904:
            out = mix(out, x - y)
            out = mix(out, x + y)
        out = mix(out, x)
    return out


def indexed(n, items, i):
    out = 0
    for _ in range(n):
        out = mix(out, items[i])
        out = mix(out, i + 1)
        out = mix(out, i - 1)
        out = mix(out, items[i - 1] + 1)
    return out


def masked(n, x, y):
    out = 0
    for _ in range(n):
        m = x & 255
        out = mix(out, m + 1)
        out = mix(out, x % 100 - 200)
        out = mix(out, x // 7 + 1)
        out = mix(out, (x & y) + TOP - 300)
        out = mix(out, TOP - 1 - m)
        out = mix(out, -TOP + m)
        out = mix(out, -TOP - m)
    return out


def summed(n, k):
    total = 0
    for i in range(n):
        for j in range(i % 7):
            total = total + j - k
        k = k + 1
    return total, k


print([up(150, TOP - a, TOP - b) for a, b in ((9, 3), (6, 1), (5, 0), (4, -2))])
print([up(150, -TOP - a, -TOP + b) for a, b in ((0, 6), (3, 3), (-2, 4))])
print([down(150, TOP + a, TOP - 6) for a in (-3, -1, 0, 2)], [down(150, -TOP + 5, -TOP - a) for a in (-1, 0, 1, 4)])
print([strides(150, TOP - 50, TOP - a, s) for a in (0, 1, 2, -20) for s in (1, 2, 7, 16)])
print([strides(150, 0, TOP - 1, TOP // 2 + a) for a in (-1, 0, 1)])
print([below(150, TOP - 9, TOP + a) for a in (-3, -2, -1, 0, 1, 3)], [below(150, -TOP - a, -TOP + 4) for a in (0, 2)])
ends = (TOP - 1, TOP - 2, TOP, -TOP, -TOP + 1, -TOP - 1, 0, 7, -6)
for x in ends:
    print([compared(60, x, y) for y in ends])
print([impossible(60, x, y) for x in ends for y in ends])
print(indexed(700, [1, 2, 3], 2), indexed(700, [1, 2, 3], 0), indexed(700, [1, 2, 3], -1), indexed(700, (TOP - 1,) * 9, 4))
print([masked(150, x, y) for x in (0, 1000, -1, TOP - 1, -TOP, TOP + 5) for y in (3, 255, TOP - 1)])
print([summed(150, TOP - a) for a in (500, 300, 3)])
