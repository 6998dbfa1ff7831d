"""Quotients of large ints that are short themselves: what is left over is nothing, little, or all but enough for one more."""


def numbers(bits, count, seed):
    x = seed
    for _ in range(count):
        n = 0
        for _ in range(bits // 31 + 1):
            x = x * 48271 % 2147483647
            n = n << 31 | x
        yield n >> (n.bit_length() - bits) if n.bit_length() > bits else n


SHORT = [0, 1, 3, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 2, 2**64 - 1, 2**64, 2**65 - 3]
checked = 0
digest = 0


def check(d, q, r):
    global checked, digest
    n = q * d + r
    assert n // d == q, (n, d)
    assert n % d == r, (n, d)
    assert divmod(n, d) == (q, r), (n, d)
    below = -q - 1 if r else -q
    assert -n // d == below and n // -d == below, (n, d)
    assert -n // -d == q, (n, d)
    assert -n % d == (d - r if r else 0)
    assert divmod(n, -d) == (below, r - d if r else 0)
    checked += 1
    digest = (digest * 31 + (n // d) % 1000003 + (n % d) % 999983) % 1000000007


for bits in (128, 150, 192, 193, 640, 2048):
    ds = list(numbers(bits, 2, bits)) + [2 ** (bits - 1), 2 ** bits - 1, 2 ** (bits - 1) + 1, 2 ** bits - 2 ** (bits // 2),
                                         2 ** (bits - 1) + 2 ** 64 - 1, 2 ** bits - 2 ** (bits - 64)]
    for d in ds:
        for q in SHORT + list(numbers(64, 1, d % 1000 + 1)):
            for r in (0, 1, q, q + 1, d // 3, d - 1 - q, d - 1):
                if 0 <= r < d:
                    check(d, q, r)
print(checked, digest)

# One factor of one limb, of many lengths.
for m in (1, 3, 2**61 + 5, 2**63, 2**64 - 1):
    total = 0
    for bits in range(1, 2600, 37):
        a = 2 ** bits - 1
        p = a * m
        assert p == m * a == (m << bits) - m and -p == a * -m
        assert p // m == a and p // a == m
        total = (total * 33 + p) % 1000000007
    print(m, total)

# Sums and differences whose carry goes all the way, of many lengths.
for bits in range(60, 3000, 53):
    a = 2 ** bits - 1
    assert a + 1 == 2 ** bits and 2 ** bits - 1 == a and (a + 1) - a == 1
    assert a + a == 2 * a == (a << 1) and a - 2 * a == -a
    assert a + (a << 700) - (a << 700) == a
print("carried")
