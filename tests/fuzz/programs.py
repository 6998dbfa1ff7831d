"""Random programs from a seed: functions over ints, floats, texts, lists, dicts, objects and generators that end soon,
print what they come to, and mean the same to every Python.

    programs.py SEED [COUNT]     prints the program of SEED with COUNT functions
"""
import random
import sys

PREAMBLE = '''\
def m(x):
    # Keeps values small enough for loops.
    t = type(x)
    if t is int:
        return x if -2**70 < x < 2**70 else x % 1000003
    if t is str or t is list or t is tuple:
        return x[:6] if len(x) > 12 else x
    return x


class P:
    kind = 1

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def get(self, k):
        return self.a if k % 2 else self.b

    def put(self, v):
        self.a, self.b = self.b, v
        return self

    @property
    def both(self):
        return (self.a, self.b)

    def __add__(self, o):
        return P(self.a, o.b if isinstance(o, P) else o)

    def __getitem__(self, i):
        return self.a if i == 0 else self.b

    def __eq__(self, o):
        return isinstance(o, P) and self.a == o.a

    def __hash__(self):
        return 7

    def __repr__(self):
        return f"P({self.a!r}, {self.b!r})"


class Q(P):
    kind = 2

    def __init__(self, a, b):
        super().__init__(b, a)
        self.c = 0

    def get(self, k):
        self.c += 1
        return m(self.c + k)


def g(n, x):
    for i in range(n % 7):
        if i % 3 == 2:
            continue
        x = (yield x) or i
    return x


def show(f, *args):
    try:
        r = f(*args)
        if hasattr(r, "send"):
            r = list(r)
        print(f.__name__, repr(r)[:300])
    except Exception as e:
        print(f.__name__, type(e).__name__, str(e)[:200])
'''


class Program:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.functions = []
        self.lines = []

    def pick(self, *choices):
        c = self.r.choice(choices)
        return c() if callable(c) else c

    def name(self, kind):
        return f"{kind}{self.r.randrange(3)}"

    # ---- expressions by kind

    def int_(self, d):
        r = self.r
        if d <= 0:
            return self.pick(lambda: self.name("i"), lambda: str(r.choice([0, 1, 2, 3, 5, -1, -7, 10, 255, 2**31, 2**61, -2**62])))
        e = lambda: self.int_(d - 1)
        return self.pick(
            lambda: self.name("i"),
            lambda: f"({e()} {r.choice(['+', '-', '&', '|', '^'])} {e()})",
            lambda: f"({e()} * {r.choice([2, 3, -1, 7])})",
            lambda: f"({e()} {r.choice(['//', '%'])} {r.choice(['3', '7', '-4', '8', self.name('i')])})",
            lambda: f"({e()} {r.choice(['<<', '>>'])} {r.randrange(5)})",
            lambda: f"len({self.list_(0)})",
            lambda: f"({e()} if {self.bool_(d - 1)} else {e()})",
            lambda: f"-{e()}",
            lambda: f"~{e()}",
            lambda: f"abs({e()})",
            lambda: f"min({e()}, {e()})",
            lambda: f"int({self.float_(0)} // 3)",
            lambda: f"{self.name('o')}.kind",
            lambda: f"m({e()} * {e()})",
        )

    def float_(self, d):
        r = self.r
        if d <= 0:
            return self.pick(lambda: self.name("f"), lambda: str(r.choice([0.0, 1.0, 0.5, -2.25, 1e10, 3.75, -0.0])))
        e = lambda: self.float_(d - 1)
        return self.pick(
            lambda: self.name("f"),
            lambda: f"({e()} {r.choice(['+', '-', '*'])} {e()})",
            lambda: f"({e()} {r.choice(['+', '-', '*'])} {self.int_(0)})",
            lambda: f"({e()} / {r.choice(['2', '3.0', '-7', self.name('i')])})",
            lambda: f"({self.int_(0)} / {r.choice(['2', '5', self.name('i')])})",
            lambda: f"abs({e()})",
            lambda: f"max({e()}, {e()})",
            lambda: f"({e()} if {self.bool_(d - 1)} else {e()})",
            lambda: f"float({self.int_(0)} % 1000)",
            lambda: f"-{e()}",
        )

    def bool_(self, d):
        r = self.r
        cmp = lambda: r.choice(["<", "<=", "==", "!=", ">", ">="])
        return self.pick(
            lambda: f"{self.int_(d - 1)} {cmp()} {self.int_(0)}",
            lambda: f"{self.float_(d - 1)} {cmp()} {self.float_(0)}",
            lambda: f"{self.int_(0)} {cmp()} {self.float_(0)}",
            lambda: f"{self.any_(0)} {r.choice(['==', '!=', 'is', 'is not'])} {r.choice(['None', self.name('x')])}",
            lambda: f"{self.int_(0)} in {self.list_(0)}",
            lambda: f"isinstance({self.name('x')}, {r.choice(['int', 'float', 'str', 'P', '(list, tuple)'])})",
            lambda: f"not {self.any_(0)}",
            lambda: f"{self.any_(0)}" if d <= 0 else f"({self.bool_(d - 1)} {r.choice(['and', 'or'])} {self.bool_(d - 1)})",
            lambda: f"{self.str_(0)} {cmp()} {self.str_(0)}",
        )

    def str_(self, d):
        r = self.r
        return self.pick(
            lambda: self.name("s"),
            lambda: repr(r.choice(["", "a", "xyz", "h\u00e9", "\u4e2d\u6587"])),
            lambda: f"m({self.name('s')} + {self.name('s')})",
            lambda: f"str({self.int_(d - 1)})",
            lambda: f"{self.name('s')}[{r.choice(['0', '-1', '1:', ':2', '::-1'])}]",
            lambda: f"f'{{{self.int_(0)}}}-{{{self.name('s')}}}'",
            lambda: f"{self.name('s')}.upper()",
            lambda: f"''.join([{self.name('s')}, 'b'])",
        )

    def list_(self, d):
        r = self.r
        return self.pick(
            lambda: self.name("l"),
            lambda: self.name("l"),
            lambda: f"[{', '.join(self.any_(d - 1) for _ in range(r.randrange(4)))}]",
            lambda: f"m({self.name('l')} + {self.name('l')})",
            lambda: f"{self.name('l')}[{r.choice([':2', '1:', '::-1', ':', '-2:'])}]",
            lambda: f"[{self.any_(d - 1)} for i2 in range({r.randrange(5)}) if {self.bool_(0)}]",
            lambda: f"sorted({self.name('l')}, key=repr)",
            lambda: f"list(g({self.int_(0)}, {self.any_(0)}))",
        )

    def any_(self, d):
        r = self.r
        return self.pick(
            lambda: self.int_(d),
            lambda: self.float_(d),
            lambda: self.str_(d),
            lambda: self.name("x"),
            lambda: self.name("o"),
            lambda: f"{self.name('o')}.{r.choice(['a', 'b', 'both', 'kind'])}",
            lambda: f"{self.name('o')}.get({self.int_(0)})",
            lambda: f"{self.name('o')}[{r.choice(['0', '1'])}]",
            lambda: f"{self.name('l')}[{r.choice(['0', '-1', self.name('i')])}]",
            lambda: f"{self.name('d')}.get({self.int_(0)}, {self.any_(0) if d > 0 else 'None'})",
            lambda: f"({self.any_(d - 1) if d > 0 else '1'}, {self.name('x')})",
            lambda: r.choice(["None", "True", "False"]),
            lambda: f"({self.name('x')} {r.choice(['+', '-', '*', '<', '=='])} {self.any_(0) if d > 0 else '2'})" if r.random() < 0.4 else self.name("x"),
            lambda: self.call(d),
        )

    def call(self, d):
        if not self.functions or d <= 0:
            return self.name("x")
        f, n = self.r.choice(self.functions)
        return f"{f}({', '.join(self.any_(0) for _ in range(n))})"

    def object_(self, d):
        r = self.r
        return self.pick(
            lambda: f"{r.choice('PQ')}({self.any_(d - 1)}, {self.any_(d - 1)})",
            lambda: f"{self.name('o')}.put({self.any_(d - 1)})",
            lambda: f"({self.name('o')} + {self.any_(0)})",
            lambda: self.name("o"),
        )

    # ---- statements

    def assign(self):
        r = self.r
        return self.pick(
            lambda: f"{self.name('i')} = {self.int_(2)}",
            lambda: f"{self.name('i')} = m({self.int_(3)})",
            lambda: f"{self.name('i')} {r.choice(['+=', '-=', '^='])} {self.int_(1)}",
            lambda: f"{self.name('f')} = {self.float_(2)}",
            lambda: f"{self.name('f')} {r.choice(['+=', '-=', '*='])} {self.float_(1)}",
            lambda: f"{self.name('s')} = m({self.str_(1)})",
            lambda: f"{self.name('l')} = m({self.list_(1)})",
            lambda: f"{self.name('l')}.append({self.any_(1)})",
            lambda: f"{self.name('l')}[{r.choice(['0', '-1', self.name('i')])}] = {self.any_(1)}",
            lambda: f"{self.name('l')}[:2] = {self.list_(0)}",
            lambda: f"{self.name('x')} = m({self.any_(2)})",
            lambda: f"{self.name('x')}, {self.name('x')} = {self.any_(1)}, {self.any_(1)}",
            lambda: f"{self.name('i')}, {self.name('i')} = {self.name('i')}, {self.name('i')}",
            lambda: f"{self.name('x')}, *{self.name('l')} = {self.list_(1)}",
            lambda: f"{self.name('o')} = {self.object_(1)}",
            lambda: f"{self.name('o')}.{r.choice('abc')} = {self.any_(1)}",
            lambda: f"{self.name('o')}.a = m({self.name('o')}.a)",
            lambda: f"{self.name('d')}[{self.any_(0)}] = {self.any_(0)}",
            lambda: f"{self.name('i')} = sum(i2 * 2 for i2 in range({r.randrange(6)}))",
            lambda: f"{self.name('x')} = (lambda v, k=2: m(v * k) if isinstance(v, int) else v)({self.any_(1)})",
        )

    def block(self, depth, room, indent, loop):
        r = self.r
        pad = "    " * indent
        for _ in range(r.randrange(1, 4)):
            kind = r.random()
            if depth <= 0 or kind < 0.5:
                self.lines.append(pad + self.assign())
            elif kind < 0.65:
                self.lines.append(f"{pad}if {self.bool_(2)}:")
                self.block(depth - 1, room, indent + 1, loop)
                if r.random() < 0.5:
                    self.lines.append(f"{pad}else:")
                    self.block(depth - 1, room, indent + 1, loop)
            elif kind < 0.82:
                n = r.randrange(2, 9)
                head = self.pick(
                    lambda: f"for {self.name('i')} in range({n}):",
                    lambda: f"for {self.name('i')} in range({n}, {r.randrange(-3, 3)}, -{r.randrange(1, 3)}):",
                    lambda: f"for {self.name('x')} in {self.list_(1)}[:8]:",
                    lambda: f"for {self.name('i')}, {self.name('x')} in enumerate({self.list_(0)}[:8]):",
                    lambda: f"for {self.name('x')}, {self.name('x')} in zip({self.list_(0)}[:8], range({n})):",
                    lambda: f"for {self.name('x')} in g({n}, {self.any_(0)}):",
                    lambda: f"for {self.name('x')}, {self.name('i')} in list({self.name('d')}.items())[:6]:",
                    lambda: f"for {self.name('x')} in (1, 2.5, 'z'):",
                )
                self.lines.append(pad + head)
                self.block(depth - 1, room // n, indent + 1, True)
                if r.random() < 0.15:
                    self.lines.append(f"{pad}else:")
                    self.lines.append(f"{pad}    {self.assign()}")
            elif kind < 0.88:
                self.lines.append(f"{pad}w{indent} = {r.randrange(1, 7)}")
                self.lines.append(f"{pad}while w{indent}:")
                self.lines.append(f"{pad}    w{indent} -= 1")
                self.block(depth - 1, room, indent + 1, True)
            elif kind < 0.95:
                self.lines.append(f"{pad}try:")
                self.block(depth - 1, room, indent + 1, loop)
                what = r.choice(["TypeError", "(IndexError, KeyError)", "ZeroDivisionError", "Exception"])
                self.lines.append(f"{pad}except {what} as e:")
                self.lines.append(f"{pad}    {r.choice(['x0 = str(e)', self.assign(), 'x1 = type(e).__name__'])}")
                if r.random() < 0.3:
                    self.lines.append(f"{pad}finally:")
                    self.lines.append(f"{pad}    {self.assign()}")
            elif loop:
                self.lines.append(f"{pad}if {self.bool_(1)}:")
                self.lines.append(f"{pad}    {r.choice(['break', 'continue'])}")
            else:
                self.lines.append(f"{pad}if {self.bool_(1)}:")
                self.lines.append(f"{pad}    return {self.any_(1)}")

    def function(self, k):
        r = self.r
        n = r.randrange(1, 4)
        params = [f"x{i}" for i in range(n)]
        generator = r.random() < 0.2
        self.lines.append(f"\n\ndef f{k}({', '.join(params)}):")
        rest = [f"x{i} = None" for i in range(n, 3)]
        self.lines.append(f"    i0 = {r.choice([0, 3, -5])}; i1 = 1; i2 = 2; f0 = 0.5; f1 = -1.25; f2 = 3.0")
        self.lines.append("    s0 = 'ab'; s1 = ''; s2 = 'q'; l0 = [1, 2, 3]; l1 = []; l2 = [x0, 1.5, 'k']")
        self.lines.append("    o0 = P(1, 2.5); o1 = Q(x0, 's'); o2 = P([], None); d0 = {}; d1 = {1: 2}; d2 = {x: 1 for x in 'ab'}")
        if r.random() < 0.6:
            self.lines.append("    if type(x0) is int: i0 = x0")
            self.lines.append("    if type(x0) is float: f0 = x0")
        for line in rest:
            self.lines.append("    " + line)
        self.block(3, 200, 1, False)
        if generator:
            self.lines.append(f"    for i1 in range({r.randrange(5)}):")
            self.lines.append(f"        yield {self.any_(1)}")
            self.block(1, 10, 2, True)
        else:
            self.functions.append((f"f{k}", n))
        self.lines.append(f"    return ({self.any_(1)}, i0, i1, f0, f1, s0, l0, l1, x0, o0, d0)")
        return n

    def text(self, count):
        calls = []
        for k in range(count):
            n = self.function(k)
            for _ in range(4):
                args = ", ".join(str(self.r.choice([0, 1, -3, 2.5, "'t'", "None", "[4, 5]", "P(1, 2)", 2**62, "(1, 2)"])) for _ in range(n))
                calls.append(f"    show(f{k}{', ' if n else ''}{args})")
        return "\n".join([PREAMBLE, *self.lines, "\n\nfor _ in range(6):", *calls, ""])


if __name__ == "__main__":
    print(Program(int(sys.argv[1])).text(int(sys.argv[2]) if len(sys.argv) > 2 else 4))
