"""Word counting: strings and dicts."""

TEXT = "the quick brown fox jumps over the lazy dog while seven wise owls watch from the old oak tree"


def count(lines):
    counts = {}
    for line in lines:
        for word in line.split():
            word = word.strip(".,;").lower()
            counts[word] = counts.get(word, 0) + 1
    return counts


def main():
    lines = [f"{TEXT}, line {i}; {'x' * (i % 7)}." for i in range(150000)]
    c = count(lines)
    top = sorted(c.items(), key=lambda kv: (-kv[1], kv[0]))[:5]
    print(len(c), top)


if __name__ == "__main__":
    main()
