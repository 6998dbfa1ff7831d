"""Pancake flipping over permutations: small lists, indexing, slices."""
from itertools import islice, permutations


def flips(p):
    n = 0
    while p[0]:
        k = p[0]
        p[:k + 1] = p[k::-1]
        n += 1
    return n


def main():
    best = total = 0
    for p in islice(permutations(range(10)), 900000):
        f = flips(list(p))
        total += f
        if f > best:
            best = f
    print(best, total)


if __name__ == "__main__":
    main()
