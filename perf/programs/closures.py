"""Closures: cells written in inner functions, functions that call functions, lambdas in a table."""


def counter(step):
    n = 0

    def add(k):
        nonlocal n
        n += step * k
        return n

    return add


def compose(f, g):
    return lambda x: f(g(x))


def main():
    add = counter(3)
    both = compose(lambda x: x + 1, compose(lambda x: x * 2, lambda x: x - 3))
    total = 0
    for n in range(2000000):
        add(n)
        total += both(n)
    print(add(0), total)
    table = [lambda x, k=k: x * k + total for k in range(4)]
    print(sum(table[i & 3](i) for i in range(1000000)))


if __name__ == "__main__":
    main()
