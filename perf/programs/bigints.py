"""Big ints: factorials, powers, digits."""


def digit_groups(n):
    s = 0
    while n:
        n, r = divmod(n, 10 ** 18)
        s += r
    return s


def factorial(n):
    f = 1
    for i in range(1, n):
        f *= i
    return f


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def pi_digits(n):
    """The first digits of pi by Gibbons' spigot: many divisions of numbers of some thousand bits."""
    digits = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(digits) < n:
        if 4 * q + r - t < m * t:
            digits.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), (10 * (3 * q + r)) // t - 10 * m
        else:
            q, r, t, k, m, x = (q * k, (2 * q + r) * x, t * x, k + 1,
                                (q * (7 * k + 2) + r * x) // (t * x), x + 2)
    return sum(d * i for i, d in enumerate(digits))


def main():
    f = factorial(6000)
    print(digit_groups(f), pow(3, f, 10 ** 40 + 7))
    a = fibonacci(130000)
    print(a % 10 ** 30, a.bit_length())
    print(pi_digits(2300))


if __name__ == "__main__":
    main()
