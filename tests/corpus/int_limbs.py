"""Sums, products, quotients, shifts and comparisons of ints around limbs and beyond, checked against each other."""
import random

R = random.Random(7)
BITS = [1, 3, 60, 62, 63, 64, 65, 127, 128, 129, 200, 640, 1500, 1600, 1700, 3000]
digest = 0


def number():
    k = R.choice(BITS)
    x = R.getrandbits(k)
    kind = R.random()
    if kind < 0.2:
        x = (1 << k) - R.randint(0, 2)
    elif kind < 0.3:
        x = (1 << k) - (1 << R.randint(0, k))
    elif kind < 0.4:
        x <<= 64 * R.randint(0, 5)
    return -x if R.random() < 0.5 else x


def mix(*results):
    global digest
    for x in results:
        digest = (digest * 1000003 + x) % ((1 << 89) - 1)


for i in range(150):
    x, y, s = number(), number(), R.randint(0, 300)
    z = x + y
    assert z - y == x and z - x == y and -(-x) == x
    mix(z, x - y, x * y, x & y, x | y, x ^ y, -x, ~x, hash(x), x << s, x >> s)
    assert (x << s) >> s == x and x >> s == x // (1 << s)
    if y:
        q, r = divmod(x, y)
        assert q * y + r == x and (0 <= r < y or y < r <= 0) and x // y == q and x % y == r
        mix(q, r)
    mix(x < y, x <= y, x == y, x != y, x > y, x >= y)
    if i % 10 == 0:
        print(digest, hex(x), hex(y))

# What needs just one limb more or less.
for x in (2**62, 2**63, 2**64, 2**128, 2**62 - 1, 2**63 - 1, 2**64 - 1, 2**128 - 1):
    print([x + 1, x - 1, -x - 1, x - x, x * 2, x // 2, x % 7, -x // 3, -x % 3, x >> 1, -x >> 1, -x >> 200, x << 1, x == x + 0])
    print(x - 2**61 == x - 2**60 - 2**60, 2**63 - -(2**63) == 2**64, hash(x) == hash(float(x)), x == float(x), x < float(x))
