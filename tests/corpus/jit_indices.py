# Indices that count from the back, or miss, where native code has only seen others.
from array import array

numbers = list(range(100, 164))
several = tuple(numbers)
text = "".join(chr(i) for i in numbers)
floats = array("d", [i / 4 for i in numbers])
small = array("b", range(64))


def sums(indices):
    total = 0
    for i in indices:
        total += numbers[i] + several[i] + ord(text[i]) + int(floats[i]) + small[i]
    return total


def stores(indices):
    made = [0] * 64
    halves = array("d", [0.0] * 64)
    for i in indices:
        made[i] = i
        halves[i] = i / 2
    return made[-1], made[0], made[-2], halves[-1], halves[0], sum(made), sum(halves)


def misses(items, indices):
    found = missed = 0
    for i in indices:
        try:
            found += items[i]
        except IndexError as e:
            missed += 1
            message = str(e)
    return found, missed, message


front = list(range(64)) * 120
back = list(range(-64, 0)) * 120
print(sums(front), sums(back), sums(front + back), sums(front))
print(stores(front), stores(back), stores(front + back))
print(misses(numbers, front + [64]), misses(numbers, back + [-65, 64] * 100), misses(numbers, [-64, 63, 64, -65] * 1500))
print(misses(several, [-64, 63, 64, -65] * 1500), misses(floats, [-64, 63, 64, -65] * 1500))
print(misses(small, [-64, 63, 64, -65] * 1500), misses(bytes(small), [2**70 % 3, 63, 64, -65] * 1500))


def around(cells):
    """Each cell and those at its sides, the first having the last at its left."""
    for _ in range(100):
        cells = [cells[i - 1] ^ cells[(i + 1) % len(cells)] for i in range(len(cells))]
    return cells


print(around([i % 3 == 0 for i in range(97)])[:10])
