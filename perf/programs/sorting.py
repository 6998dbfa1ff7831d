"""Sorting with keys, and a hand-written quicksort."""


def noise(n, seed=12345):
    out = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) % 2147483648
        out.append(seed)
    return out


def quicksort(v):
    if len(v) < 2:
        return v
    pivot = v[len(v) // 2]
    low = [x for x in v if x < pivot]
    mid = [x for x in v if x == pivot]
    high = [x for x in v if x > pivot]
    return quicksort(low) + mid + quicksort(high)


def main():
    v = noise(150000)
    a = sorted(v)
    b = sorted(v, key=lambda x: (x % 1000, -x))
    c = quicksort(v)
    print(a == c, b[:3], sorted(map(str, v))[-1])
    words = sorted((f"{x % 977:x}-{x % 31}" for x in v), key=str.upper, reverse=True)
    print(words[0], words[-1])


if __name__ == "__main__":
    main()
