"""Escape times: a tight float loop."""


def escape(cr, ci, limit):
    zr = zi = 0.0
    for i in range(limit):
        zr2, zi2 = zr * zr, zi * zi
        if zr2 + zi2 > 4.0:
            return i
        zr, zi = zr2 - zi2 + cr, 2.0 * zr * zi + ci
    return limit


def main():
    total = 0
    for y in range(300):
        for x in range(300):
            total += escape(x / 150.0 - 1.5, y / 150.0 - 1.0, 200)
    print(total)


if __name__ == "__main__":
    main()
