"""Random programs from a seed: functions, generators, classes and what changes them between and during calls, over
ints, floats, texts, lists, dicts and objects; they end soon, print what they come to, and mean the same to every
Python.

    programs.py SEED [COUNT]     prints the program of SEED with COUNT functions

A program is `base.py` and lines of its own. What those are made of stands in `forms.py`. A function declares the names
that it uses, and no more: what is compiled should be what is tried. Loops and calls are counted: what a function costs
bounds its loops and whom it calls.
"""
import os
import random
import re
import sys

from forms import CHANGES, CONSTANTS, EXPRESSIONS, METHODS, ODD, PATTERNS, STATEMENTS, VALUES, YIELDS

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "base.py"), encoding="utf-8") as f:
    BASE = f.read()
# What stands between `base.py` and a program's own lines.
CUT = "\n# ---- the program\n"

PART = re.compile(r"\$\[([^\]]+)\]|\$([_!]?)([a-zA-Z])")
NAME = re.compile(r"\b[ifsldxo][0-3]\b")
# How often what mostly raises is taken.
EDGY = 0.025
# Statements that a function may come to in one call, roughly, and runs of one loop with all around it.
BUDGET = 600
TURNS = 150


class Program:
    def __init__(self, seed):
        self.r = random.Random(seed)
        # Name, kinds of parameters, cost.
        self.functions = []
        self.generators = []
        self.classes = []
        self.lines = []
        self.begin()

    def begin(self, generator=False):
        """A new function: nothing spent, one turn."""
        self.cost = 0
        self.turns = 1
        self.generator = generator
        self.nested = False

    # ---- expressions

    def expand(self, form, depth):
        if form == "rebind":
            # To an earlier one: nobody comes to call itself.
            i = self.r.randrange(1, len(self.functions)) if len(self.functions) > 1 else 0
            return f"{self.functions[i][0]} = {self.functions[max(i - 1, 0)][0]}" if self.functions else "pass"
        return PART.sub(lambda found: self.part(found, depth), form)

    def part(self, found, depth):
        words, how, kind = found.groups()
        if words:
            return self.r.choice(words.split(" "))
        if kind == "C":
            return self.r.choice(["P", "Q", "V", "S", "D", *self.classes])
        if kind == "K":
            return self.r.choice(self.classes or ["G1"])
        if kind == "F":
            return self.r.choice(self.functions or [("kw",)])[0]
        if kind == "Y":
            return self.call(self.generators, depth) or f"g(3, {self.name('x')})"
        if kind == "c":
            return depth > 0 and self.call(self.functions, depth) or self.name("x")
        if how == "!":
            return self.name(kind)
        return self.expression(kind, 0 if how == "_" else depth)

    def name(self, kind):
        return f"{kind}{self.r.randrange(3) if self.r.random() < 0.95 else 3}"

    def expression(self, kind, depth):
        """One of a kind whose parts are as deep as `depth` says."""
        r = self.r
        if kind not in "ny" and depth <= 0:
            named = kind != "b" and r.random() < 0.7
            return self.name(kind) if named else r.choice(CONSTANTS[kind])
        usual, edgy = EXPRESSIONS[kind]
        return self.expand(r.choice(edgy if edgy and r.random() < EDGY else usual), depth - 1)

    def call(self, functions, depth):
        """A call of one of these, where it costs no more than is left."""
        r = self.r
        if not functions:
            return None
        name, kinds, cost = r.choice(functions)
        spent = self.turns * cost
        if self.cost + spent > BUDGET:
            return None
        self.cost += spent
        args = [self.expression(k if r.random() < 0.9 else "x", r.randrange(2) if depth > 0 else 0) for k in kinds]
        if args and r.random() < 0.1:
            return f"{name}(*[{', '.join(args)}])"
        if args and r.random() < 0.1:
            args = [*args[:-1], f"{kinds[-1]}{len(kinds) - 1}={args[-1]}"]
        elif args and r.random() < 0.1:
            del args[-1]
        return f"{name}({', '.join(args)})"

    # ---- statements

    def simple(self):
        r = self.r
        self.cost += self.turns
        if self.generator and r.random() < 0.2:
            form = r.choice(YIELDS)
        elif self.classes and r.random() < 0.02:
            form = r.choice([c for c in CHANGES if not c.startswith(("G0 =", "G1 =", "rebind", "len", "raises", "abs"))])
        else:
            usual, edgy = STATEMENTS
            form = r.choice(edgy if r.random() < EDGY else usual)
        return self.expand(form, r.choice([1, 1, 2]))

    def put(self, indent, line):
        self.lines.append("    " * indent + line)

    def block(self, depth, indent, loop):
        for _ in range(self.r.choice([1, 1, 1, 2, 2, 3])):
            self.statement(depth, indent, loop)

    def inner(self, turns, depth, indent, loop):
        """A block that runs so many times for each time that what is around it does."""
        self.turns *= turns
        self.block(depth, indent, loop)
        self.turns //= turns

    def statement(self, depth, indent, loop):
        r = self.r
        choice = r.random()
        if depth <= 0 or choice < 0.42:
            self.put(indent, self.simple())
        elif choice < 0.54:
            self.put(indent, f"if {self.expression('b', 2)}:")
            self.block(depth - 1, indent + 1, loop)
            if r.random() < 0.5:
                self.put(indent, "else:")
                self.block(depth - 1, indent + 1, loop)
        elif choice < 0.72:
            self.loop(depth, indent)
        elif choice < 0.79:
            self.trying(depth, indent, loop)
        elif choice < 0.83:
            # A generator that is left alone ends when it is collected: nothing may tell when that was.
            log = "[]" if self.generator else self.name("l")
            self.put(indent, f"with W({r.choice(['True', 'False', 'False'])}, {log}):")
            self.block(depth - 1, indent + 1, loop)
        elif choice < 0.87:
            self.put(indent, f"match {self.expression(r.choice('xxlido'), 1)}:")
            for _ in range(r.randrange(1, 4)):
                self.put(indent + 1, f"case {r.choice(PATTERNS)}:")
                self.block(depth - 1, indent + 2, loop)
            if r.random() < 0.5:
                self.put(indent + 1, f"case _:\n{'    ' * (indent + 2)}{self.simple()}")
        elif choice < 0.92 and not self.nested:
            self.closure(depth, indent)
        elif loop:
            self.put(indent, f"if {self.expression('b', 1)}:")
            self.put(indent + 1, r.choice(["break", "continue", "continue"]))
        else:
            self.put(indent, f"if {self.expression('b', 1)}:")
            self.put(indent + 1, f"return {self.expression('x', 1)}")

    def loop(self, depth, indent):
        r = self.r
        n = r.randrange(2, 9)
        if self.turns * n > TURNS:
            return self.put(indent, self.simple())
        if r.random() < 0.2:
            w = f"w{indent}"
            self.put(indent, f"{w} = {n}")
            self.put(indent, f"while {w}{' and ' + self.expression('b', 1) if r.random() < 0.3 else ''}:")
            self.put(indent + 1, f"{w} -= 1")
        else:
            targets = ["$!i in range(%d)" % n, "$!i in range(%d, $[-3 0 1], -$[1 2])" % n, "$!x in $y", "$!x in $y", "$!x in $l[:6]",
                       "$!i, $!x in enumerate($_l[:6])", "$!x, $!x in zip($_l[:6], $y)", "$!x, $!x in list($!d.items())[:6]",
                       "$!i in range(0, $_i % 9, $[1 2])", "$!x in (1, 2.5, 'z')", "$!f in [0.5, $_f, 2.5]", "$!i, *$!l in [(1, 2), ($_i,)]"]
            self.put(indent, f"for {self.expand(r.choice(targets), 1)}:")
        self.inner(n, depth - 1, indent + 1, True)
        if r.random() < 0.1:
            self.put(indent, "else:")
            self.put(indent + 1, self.simple())

    def trying(self, depth, indent, loop):
        r = self.r
        self.put(indent, "try:")
        self.block(depth - 1, indent + 1, loop)
        if r.random() < 0.6:
            self.put(indent + 1, self.expand(r.choice(["$!x = raises($_i)", "$!x = $!l[$_i]", "$!i = $_i // $_i", "$!x = $!d[$_x]", "raise KeyError($_i)"]), 1))
        caught = r.random() < 0.85
        if caught:
            kinds = ["TypeError", "(IndexError, KeyError)", "ZeroDivisionError", "ValueError", "Exception", "Exception", "LookupError"]
            self.put(indent, f"except {r.choice(kinds)} as e:")
            self.put(indent + 1, r.choice(["x0 = said(e)", self.simple(), "x1 = type(e).__name__", "raise", "raise ValueError(3) from e", "i0 = where(e)[:1]"]))
            if r.random() < 0.2:
                self.put(indent, f"else:\n{'    ' * (indent + 1)}{self.simple()}")
        if not caught or r.random() < 0.25:
            self.put(indent, "finally:")
            # The same here.
            self.put(indent + 1, "i0 = 1" if self.generator else self.simple())

    def closure(self, depth, indent):
        """A function in the function, which shares some of its names, and calls of it."""
        r = self.r
        kinds = [r.choice("xil") for _ in range(r.randrange(3))]
        params = [f"{k}{i}" for i, k in enumerate(kinds)]
        name = f"n{indent}"
        at = len(self.lines)
        before, self.nested, self.generator = self.generator, True, r.random() < 0.25
        was_generator = self.generator
        self.inner(2, depth - 1, indent + 1, False)
        if self.generator:
            self.put(indent + 1, f"yield {self.expression('x', 1)}")
        self.put(indent + 1, f"return {self.expression('x', 1)}")
        self.nested, self.generator = False, before
        body = self.lines[at:]
        del self.lines[at:]
        used = sorted(set(NAME.findall("\n".join(body))) - set(params))
        shared = [n for n in used if r.random() < 0.5]
        self.put(indent, f"def {name}({', '.join(params)}):")
        if shared:
            self.put(indent + 1, f"nonlocal {', '.join(shared)}")
        self.declare(set(used) - set(shared), indent + 1)
        self.lines.extend(body)
        args = ", ".join(self.expression(k, 0) for k in kinds)
        uses = [f"for x1 in {name}({args}):", f"for x1 in [*{name}({args})][:5]:"] if was_generator else ["for i1 in range(3):", "if True:"]
        self.put(indent, r.choice(uses))
        self.put(indent + 1, self.simple() if was_generator else f"{self.name('x')} = flat({name}({args}))")

    def declare(self, names, indent):
        each = [f"{n} = {self.r.choice(VALUES[n[0]])}" for n in sorted(names)]
        for i in range(0, len(each), 6):
            self.put(indent, "; ".join(each[i : i + 6]))

    # ---- functions and classes

    def function(self, k):
        r = self.r
        kinds = [r.choice("xxiflsod") for _ in range(r.randrange(1, 4))]
        params = [f"{kind}{i}" for i, kind in enumerate(kinds)]
        generator = r.random() < 0.25
        self.begin(generator)
        at = len(self.lines)
        self.block(r.choice([2, 2, 3]), 1, False)
        self.block(2, 1, False)
        if generator:
            self.put(1, f"yield {self.expression('x', 1)}")
        body = self.lines[at:]
        del self.lines[at:]
        used = set(NAME.findall("\n".join(body)))
        given = sorted(used & {f"{kind}{i}" for kind in "ifslxod" for i in range(3)})
        results = r.sample(given, min(len(given), 5))
        last = r.choice(VALUES[kinds[-1]])
        head = [*params[:-1], f"{params[-1]}={last}"]
        if r.random() < 0.1:
            head.append(r.choice(["*l3", "*, k=2", "**d3", "k=1"]))
        self.put(0, f"\n\ndef fn{k}({', '.join(head)}):")
        self.declare((used - set(params) - set(NAME.findall(head[-1]))), 1)
        self.lines.extend(body)
        results = ", ".join([self.expression("x", 1), *results])
        extra = set(NAME.findall(results)) - used - set(params)
        self.declare(extra, 1)
        self.put(1, f"return ({results},)")
        (self.generators if generator else self.functions).append((f"fn{k}", kinds, self.cost + 1))
        return kinds

    def class_(self, k):
        r = self.r
        self.put(0, f"\n\nclass C{k}({self.expand('$C', 0)}):")
        if r.random() < 0.5:
            self.put(1, f"kind = {r.choice(['1', '2.5', repr('k'), 'None'])}")
        # Special methods are looked up where a class has them: not all of them everywhere.
        for method in r.sample(METHODS, r.randrange(1, 4)):
            head, _, result = method.partition(":")
            self.begin()
            # Who calls it is not known.
            self.turns = 20
            name = head.partition("(")[0]
            wrap = {"both": "@property", "st": "@staticmethod", "cm": "@classmethod"}.get(name)
            if wrap:
                self.put(1, wrap)
            self.put(1, f"def {head}:")
            at = len(self.lines)
            # These are called by what prints and compares, and by one another.
            if name not in ("both", "__eq__", "__bool__", "__getattr__", "__setattr__", "__len__", "__iter__") and r.random() < 0.5:
                functions, self.functions = self.functions, []
                self.block(1, 2, False)
                self.functions = functions
            self.put(2, f"return {self.expand(result, 1)}")
            body = self.lines[at:]
            del self.lines[at:]
            self.declare(set(NAME.findall("\n".join(body))) - set(NAME.findall(head)), 2)
            self.lines.extend(body)
        self.classes.append(f"C{k}")

    def change(self):
        """What happens between the rounds."""
        r = self.r
        self.put(0, "\n\ndef change(i):\n    global G0, G1, raises, len, abs" + "".join(f", {n}" for n, *_ in self.functions))
        self.begin()
        at = len(self.lines)
        for i in range(5):
            if r.random() < 0.6:
                form = r.choice(CHANGES)
                if "$K" in form and not self.classes:
                    form = CHANGES[0]
                self.put(1, f"if i == {i}:")
                self.put(2, self.expand(form, 1))
        body = self.lines[at:]
        del self.lines[at:]
        self.declare(NAME.findall("\n".join(body)), 1)
        self.lines.extend(body or ["    pass"])

    def argument(self, kind):
        r = self.r
        return r.choice(VALUES[kind]) if r.random() < 0.75 else r.choice(ODD)

    def text(self, count):
        calls = []
        self.lines.append("G0 = 1\nG1 = P(1, 'g')")
        for k in range(count):
            if self.r.random() < 0.3:
                self.class_(k)
            kinds = self.function(k)
            for _ in range(4):
                calls.append(f"    ({', '.join([f'fn{k}', *(self.argument(kind) for kind in kinds)])}),")
        self.change()
        return "\n".join([BASE + CUT, *self.lines, "\n\nrounds(6, change, [", *calls, "])", ""])


if __name__ == "__main__":
    print(Program(int(sys.argv[1])).text(int(sys.argv[2]) if len(sys.argv) > 2 else 4))
