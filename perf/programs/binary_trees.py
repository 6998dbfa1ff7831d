"""Trees built and dropped: allocation and collection."""


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def build(depth):
    if depth == 0:
        return Node(None, None)
    return Node(build(depth - 1), build(depth - 1))


def check(node):
    if node.left is None:
        return 1
    return 1 + check(node.left) + check(node.right)


def main():
    keep = build(16)
    total = 0
    for depth in range(4, 16, 2):
        for _ in range(1 << (16 - depth + 2)):
            total += check(build(depth))
    print(total, check(keep))


if __name__ == "__main__":
    main()
