"""Power iteration on an infinite matrix: calls and float arithmetic."""


def a(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v, transposed):
    n = len(v)
    out = []
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += (a(j, i) if transposed else a(i, j)) * v[j]
        out.append(s)
    return out


def main():
    u = [1.0] * 340
    for _ in range(10):
        v = times(times(u, False), True)
        u = times(times(v, False), True)
    vbv = sum(x * y for x, y in zip(u, v))
    vv = sum(y * y for y in v)
    print(f"{(vbv / vv) ** 0.5:.9f}")


if __name__ == "__main__":
    main()
