# Arithmetic that only a mask's bits are kept of: generators of random numbers, hashes, shifts.
def lcg(n, seed=42):
    out = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(seed)
    return out


def lcg_remainder(n, seed):
    for _ in range(n):
        seed = (6364136223846793005 * seed + 1442695040888963407) % 4294967296
    return seed


def knuth(n, seed):
    for _ in range(n):
        seed = (seed * 2862933555777941757 + 3037000493) % 2**61
    return seed


def fnv(data):
    h = 0x811C9DC5
    for c in data:
        h = ((h ^ c) * 0x01000193) & 0xFFFFFFFF
    return h


def djb(data):
    h = 5381
    for c in data:
        h = ((h << 5) + h + c) & 0xFFFFFFFF
    return h


def mixed(n, x):
    for i in range(n):
        x = (x * 0x5DEECE66D + 0xB - i ^ (x >> 17)) & (2**48 - 1)
    return x


def negative(n, x):
    for i in range(n):
        x = (x * -0x5DEECE66D - (i << 40)) & 0x3FFFFFFFFFFFFFF
    return x


def signed(n, x):
    s = 0
    for i in range(n):
        x = (x * 48271 * 48271 * 48271) % 2147483648
        s ^= x * x * x * x & -2
    return s


def not_masked(n, x):
    for i in range(n):
        x = x * 3 + i
    return x & 0xFFFF


def other_types(values):
    out = []
    for v in values:
        try:
            out.append((v * 0x5DEECE66D + 0xB) & 0xFFFFFFFF)
        except TypeError as e:
            out.append(str(e))
    return out


print(lcg(3000)[-3:], lcg_remainder(3000, 7), knuth(3000, 1))
print(fnv(bytes(range(256)) * 20), djb(bytes(range(256)) * 20))
print(mixed(5000, 12345), negative(5000, 99), signed(3000, 11), not_masked(3000, 1))
print(other_types(list(range(1 << 40, (1 << 40) + 3000)) + [True, 1.5, 2**70, -(2**65), None, {}])[-8:])
for shift in (0, 1, 31, 61):
    x = 1
    for i in range(3000):
        x = ((x << 61) + (x << 7) - i) & 0x3FFFFFFFFFFFFFFF
    print(x >> shift)
