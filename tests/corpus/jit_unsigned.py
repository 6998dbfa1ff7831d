"""Ints of up to 64 bits without a sign: hashes, random numbers, rotations, and what does not fit among them."""

M64 = 0xffffffffffffffff
M63 = 0x7fffffffffffffff


def lcg(seed, n):
    for _ in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) & M64
    return seed


def written_out(seed, n):
    inside = 0
    for _ in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        x = (seed >> 40) / 16777216.0
        seed = (seed * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        y = (seed >> 40) / 16777216.0
        inside += x * x + y * y < 1.0
    return seed, inside


def xorshift(x, n):
    total = 0
    for _ in range(n):
        x ^= (x << 13) & 0xffffffffffffffff
        x ^= x >> 7
        x ^= (x << 17) & 0xffffffffffffffff
        total = (total + (x >> 11)) & 0xfffffff
    return x, total


def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = ((h ^ b) * 0x100000001b3) & 0xffffffffffffffff
    return h


def splitmix(state, n):
    out = 0
    for _ in range(n):
        state = (state + 0x9e3779b97f4a7c15) % 2**64
        z = state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) % 18446744073709551616
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) % 18446744073709551616
        out ^= z ^ (z >> 31)
    return out, state


def rotate(x, k, n):
    for _ in range(n):
        x = ((x << 7) | (x >> 57)) & 0xffffffffffffffff
        x = (x + k) & 0xffffffffffffffff
    return x


def halves(x, n):
    out = []
    for i in range(n):
        x = (x * 6364136223846793005 + 1) & 0xffffffffffffffff
        if i > n - 4:
            out += x >> 32, x & 0xffffffff, x >> 1, x >> 2, x >> 0, x >> 63, x & 1, x | 1, x ^ M64, x & M63, x % 2**62
    return out


def shifted(x, n):
    for _ in range(n):
        y = x >> 64
        z = x >> 200
        x = (x ^ 0x8000000000000001) & M64
    return x, y, z


class Random:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 2862933555777941757 + 3037000493) & 0xffffffffffffffff
        return self.state >> 33


def drawn(seed, n):
    r = Random(seed)
    return sum(r.next() for _ in range(n)), r.state


def operators(a, b, n):
    for _ in range(n):
        c = (a & b, a | b, a ^ b, (a - b) & M64, (b - a) & M64, (a << 3) & M64, (a * b) & M64, (a * a) >> 64)
    return c


for seed in 0, 1, 42, 2**61, 2**62 - 1, 2**62, 2**63, M64, -1, -2**63, 2**64, 2**100, -2**100, True:
    print(seed, lcg(seed, 120), written_out(seed, 120), rotate(seed, 12345, 120) if seed >= 0 else "")
    print(xorshift(seed, 100 if seed != 2**100 else 5), splitmix(seed, 120), drawn(seed, 120))
    print(halves(seed, 90), shifted(seed, 90))
print(fnv(b"Habu" * 90), fnv(bytearray(b"\xff" * 120)), fnv([1, 2, 300] * 99), fnv([-1] * 5), fnv([2**70]), fnv([True]))
numbers = [0, 1, 5, 2**62 - 1, 2**62, 2**63 - 1, 2**63, M64, -5, 2**64, 2**65 + 7]
for a in numbers:
    print([operators(a, b, 2) for b in numbers])
for a in numbers:
    print(operators(a, 2**63 + 5, 40), operators(2**63 + 5, a, 40))
for wrong in 1.5, None, []:
    try:
        lcg(wrong, 120)
    except (TypeError, MemoryError) as e:
        print(type(e).__name__, e)
