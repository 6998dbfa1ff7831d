"""Float arithmetic: integrals, Newton's method, a logistic map, Monte Carlo with a generator of our own."""
import math


def integral(f, low, high, steps):
    h = (high - low) / steps
    total = 0.5 * (f(low) + f(high))
    for i in range(1, steps):
        total += f(low + i * h)
    return total * h


def newton(n):
    x = n
    while True:
        y = 0.5 * (x + n / x)
        if abs(y - x) < 1e-12 * y:
            return y
        x = y


def logistic(r, x, steps):
    low, high = 1.0, 0.0
    for _ in range(steps):
        x = r * x * (1.0 - x)
        low, high = min(low, x), max(high, x)
    return low, high


def quarter_circle(points):
    seed, inside = 42, 0
    for _ in range(points):
        seed = (seed * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        x = (seed >> 40) / 16777216.0
        seed = (seed * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        y = (seed >> 40) / 16777216.0
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / points


def main():
    print(f"{integral(lambda x: math.sin(x) * math.exp(-x), 0.0, 6.0, 1600000):.9f}")
    print(f"{sum(newton(float(n)) for n in range(1, 100000)):.6f}")
    print("{:.9f} {:.9f}".format(*logistic(3.7, 0.4, 1600000)))
    print(quarter_circle(400000))


if __name__ == "__main__":
    main()
