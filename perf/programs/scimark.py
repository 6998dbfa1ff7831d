"""The five kernels of SciMark: Fourier transform, relaxation, Monte Carlo, sparse product, LU factors."""
import math


class Random:
    """A linear congruential generator: the same numbers in every language with 64-bit integers."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return self.state / 2147483648.0


def transform(re, im, sign):
    """In place, the length a power of two: bits reversed, then butterflies of growing span."""
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    half = 1
    while half < n:
        angle = sign * math.pi / half
        for k in range(half):
            c = math.cos(angle * k)
            s = math.sin(angle * k)
            for a in range(k, n, 2 * half):
                b = a + half
                x = re[b] * c - im[b] * s
                y = re[b] * s + im[b] * c
                re[b] = re[a] - x
                im[b] = im[a] - y
                re[a] += x
                im[a] += y
        half *= 2


def fft(n, rounds):
    """There and back again: the largest error, which stays near rounding, and one value on the way."""
    random = Random(113)
    re = [random.next() for _ in range(n)]
    im = [random.next() for _ in range(n)]
    first = list(re)
    seen = 0.0
    for _ in range(rounds):
        transform(re, im, -1.0)
        seen = re[1]
        transform(re, im, 1.0)
        for i in range(n):
            re[i] /= n
            im[i] /= n
    return seen, max(abs(x - y) for x, y in zip(re, first)) < 1e-10


def relax(n, rounds, omega):
    random = Random(7)
    grid = [[random.next() for _ in range(n)] for _ in range(n)]
    quarter = omega * 0.25
    rest = 1.0 - omega
    for _ in range(rounds):
        for i in range(1, n - 1):
            above, row, below = grid[i - 1], grid[i], grid[i + 1]
            for j in range(1, n - 1):
                row[j] = quarter * (above[j] + below[j] + row[j - 1] + row[j + 1]) + rest * row[j]
    return sum(map(sum, grid))


def monte_carlo(samples):
    random = Random(42)
    inside = 0
    for _ in range(samples):
        x = random.next()
        y = random.next()
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / samples


def sparse(n, each, rounds):
    """A matrix by compressed rows, `each` entries in a row, times a vector."""
    random = Random(5)
    x = [random.next() for _ in range(n)]
    starts = [i * each for i in range(n + 1)]
    columns = [(i * 31 + k * (n // each)) % n for i in range(n) for k in range(each)]
    values = [random.next() for _ in columns]
    y = [0.0] * n
    for _ in range(rounds):
        for i in range(n):
            s = 0.0
            for k in range(starts[i], starts[i + 1]):
                s += values[k] * x[columns[k]]
            y[i] = s
    return sum(y)


def factor(m):
    """LU with row exchanges, in place; the sign that the exchanges give the determinant."""
    n = len(m)
    sign = 1.0
    for j in range(n):
        pivot = j
        for i in range(j + 1, n):
            if abs(m[i][j]) > abs(m[pivot][j]):
                pivot = i
        if pivot != j:
            m[pivot], m[j] = m[j], m[pivot]
            sign = -sign
        top = m[j]
        scale = 1.0 / top[j]
        for i in range(j + 1, n):
            row = m[i]
            f = row[j] * scale
            row[j] = f
            for k in range(j + 1, n):
                row[k] -= f * top[k]
    return sign


def lu(n, rounds):
    logarithm = 0.0
    sign = 0.0
    for r in range(rounds):
        random = Random(1000 + r)
        m = [[random.next() - 0.5 for _ in range(n)] for _ in range(n)]
        sign += factor(m)
        for i in range(n):
            logarithm += math.log(abs(m[i][i]))
    return sign, logarithm


def main():
    seen, close = fft(1024, 40)
    print(f"fft {seen:.9f} {'close' if close else 'wrong'}")
    print(f"relaxation {relax(100, 50, 1.25):.6f}")
    print(f"monte carlo {monte_carlo(800000):.6f}")
    print(f"sparse {sparse(1000, 5, 150):.6f}")
    sign, logarithm = lu(60, 16)
    print(f"lu {sign:.0f} {logarithm:.9f}")


if __name__ == "__main__":
    main()
