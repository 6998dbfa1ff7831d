def show(a, b):
    """What a line shows."""
    print(f"{a!r:>{b}} and {b=}" "tail")
    return t"{a} x {b:.2f}"


folded = (1 + 2 * 3, "a" * 3, -5 // 2, 2**10, not 1, (1, 2)[0], "abc"[1:], 1.5 - 2j)
listed = [1, 2, 3]
member = folded in {1, 2, 3}
