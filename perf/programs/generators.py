"""Generators: pipelines, delegation, values sent in, a tree walk, expressions."""


def numbers(limit):
    for i in range(limit):
        if i % 5 == 0:
            yield from (i, i + 1)
        else:
            yield i


def squares(source):
    for x in source:
        yield x * x


def every(n, source):
    for i, x in enumerate(source):
        if i % n == 0:
            yield x


def average():
    total = count = 0
    value = None
    while True:
        value = yield value
        total += value
        count += 1
        value = total / count


class Tree:
    def __init__(self, low, high):
        self.value = (low + high) // 2
        self.left = Tree(low, self.value) if self.value > low else None
        self.right = Tree(self.value + 1, high) if self.value + 1 < high else None

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def main():
    print(sum(every(3, squares(numbers(2400000)))))
    a = average()
    next(a)
    for i in range(1600000):
        last = a.send(i)
    print(last)
    tree = Tree(0, 40000)
    print(sum(i * v for i, v in enumerate(tree)))
    print(sum(x * y for x in range(2000) for y in range(x % 1000)))


if __name__ == "__main__":
    main()
