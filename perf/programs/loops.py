"""Plain loops over ints: sieve, gcd, Collatz, a linear congruence."""


def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    i = 2
    while i * i <= n:
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
        i += 1
    return sum(flags)


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def collatz(limit):
    best = length = 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n >> 1 if n & 1 == 0 else 3 * n + 1
            steps += 1
        if steps > length:
            best, length = start, steps
    return best, length


def congruence(n):
    x = odd = 0
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        if x >> 16 & 1:
            odd += 1
    return x, odd


def main():
    print(sieve(1500000))
    print(sum(gcd(i, j) for i in range(1, 350) for j in range(1, 350)))
    print(collatz(40000))
    print(congruence(2000000))


if __name__ == "__main__":
    main()
