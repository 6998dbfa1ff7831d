"""Dicts and sets: graphs, counting, grouping, deletion, tuple keys, set algebra."""


def graph(n):
    edges = {}
    x = 1
    for i in range(n):
        for _ in range(4):
            x = (x * 48271) % 2147483647
            edges.setdefault(i, []).append(x % n)
    return edges


def breadth_first(edges, start):
    distance = {start: 0}
    queue = [start]
    for node in queue:
        d = distance[node] + 1
        for other in edges[node]:
            if other not in distance:
                distance[other] = d
                queue.append(other)
    return distance


def life(cells, steps):
    for _ in range(steps):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        key = x + dx, y + dy
                        counts[key] = counts.get(key, 0) + 1
        cells = {c for c, n in counts.items() if n == 3 or n == 2 and c in cells}
    return cells


def grouped(n):
    groups = {}
    for i in range(n):
        key = f"k{i % 997}"
        if key in groups:
            groups[key].append(i)
        else:
            groups[key] = [i]
    return sum(len(v) * int(k[1:]) for k, v in groups.items())


def main():
    edges = graph(60000)
    far = breadth_first(edges, 0)
    print(len(far), max(far.values()))
    glider = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
    acorn = {(40, 40), (41, 40), (41, 38), (43, 39), (44, 40), (45, 40), (46, 40)}
    print(len(life(glider | acorn, 130)))
    print(grouped(1500000))
    table = {i: str(i) for i in range(300000)}
    for i in range(0, 300000, 3):
        del table[i]
    print(len(table), next(iter(table)), sum(1 for k in table if k & 1))
    threes, fives = set(range(0, 900000, 3)), set(range(0, 900000, 5))
    print(len(threes & fives), len(threes | fives), len(threes ^ fives), sum(threes - fives))


if __name__ == "__main__":
    main()
