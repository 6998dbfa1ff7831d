"""Pancake flipping over all permutations: small lists, indexing, slices."""
from itertools import permutations


def flips(p):
    n = 0
    while p[0]:
        k = p[0]
        p[:k + 1] = p[k::-1]
        n += 1
    return n


best = total = 0
for i, p in enumerate(permutations(range(9))):
    f = flips(list(p))
    total += f
    if f > best:
        best = f
print(best, total)
