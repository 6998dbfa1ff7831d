"""Eight queens and more: recursion, sets, generators."""


def place(n, row, cols, up, down):
    if row == n:
        yield ()
        return
    for c in range(n):
        if c not in cols and row + c not in up and row - c not in down:
            for rest in place(n, row + 1, cols | {c}, up | {row + c}, down | {row - c}):
                yield (c,) + rest


def main():
    nothing = frozenset()
    print(sum(1 for _ in place(10, 0, nothing, nothing, nothing)), next(place(20, 0, nothing, nothing, nothing)))


if __name__ == "__main__":
    main()
