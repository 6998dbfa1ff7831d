"""Matrix multiplication over lists of lists."""


def multiply(a, b):
    cols = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, col)) for col in cols] for row in a]


def plain(a, b):
    n, m, p = len(a), len(b), len(b[0])
    out = [[0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            s = 0
            for k in range(m):
                s += a[i][k] * b[k][j]
            out[i][j] = s
    return out


def main():
    n = 170
    a = [[(i * j) % 17 for j in range(n)] for i in range(n)]
    b = [[(i + j) % 13 for j in range(n)] for i in range(n)]
    x, y = multiply(a, b), plain(a, b)
    print(x == y, sum(map(sum, y)))
    c = [[v / 8 for v in row] for row in a]
    d = [[v * 0.5 for v in row] for row in b]
    print(sum(map(sum, plain(c, d))))


if __name__ == "__main__":
    main()
