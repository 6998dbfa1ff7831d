# Row, buffer and checks of them stand before the inner loop; the tuple is not made.
class Grid:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, at):
        if isinstance(at, tuple):
            return self.rows[at[0]][at[1]]
        return self.rows[at]


def f(g, n):
    s = 0
    for y in range(2):
        for x in range(n):
            s += g[y, x]
    return s


g = Grid([[1, 2, 3, 4], [5, 6, 7, 8]])
for i in range(200):
    f(g, 4)
