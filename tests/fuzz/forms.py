"""What random programs are made of: forms, one in a place, separated by `;`.

In an expression's or a statement's form `$i` is an int, `$f` a float, `$b` a condition, `$s` a text, `$l` a list, `$d`
a dict, `$o` an object, `$x` anything, `$y` what can be iterated over, `$c` a call, `$n` a small number; `$_i` is an int
without further parts, `$!i` a name of one; `$C` is a class, `$K` one of the program's own, `$F` a function, `$Y` a
generator; of `$[a b]` one word is taken; `&&` stands for `;`. Behind a line `-` stands what mostly raises, which is taken less often.
"""


def split(text):
    usual, _, edgy = text.strip().partition("\n-\n")
    parts = lambda t: [p.strip().replace("&&", ";") for line in t.split("\n") for p in line.split(";") if p.strip()]
    return parts(usual), parts(edgy)


EXPRESSIONS = {
    "n": "0;1;2;3;4;5",
    "i": """
$!i;$!i;$!i;($i $[+ - & | ^] $i);($i $[+ - *] $_i);($i * $[2 3 -1 7]);($i $[// %] $[3 7 -4 8]);($i $[<< >>] $n)
($i >> ($_i & 7));(($i * $[1103515245 6364136223846793005] $[+ - ^] $_i) & $[4294967295 65535 18446744073709551615]);((($i << $[5 29]) ^ $_i) * 48271 % $[4294967296 3 64 18446744073709551616]);(($i $[^ | + &] ($i >> $[7 30 63])) & $[9223372036854775807 255 18446744073709551615]);(1 << ($i & 63));len($_l);len($_s);($i if $b else $i);-$i;~$i;abs($i);min($i, $i);max($i, $_i, 3)
m($i * $i);m($_i ** $n);divmod($i, $[3 -7])[$[0 1]];sum([i2 * $_i for i2 in range($n)])
sum(i2 for i2 in $y if type(i2) is int);sum(i2 * $_i for i2 in $l if isinstance(i2, int));len(set(i2 % $[3 7] for i2 in range($n * 4)));sum(i2 - $_i for i2 in reversed(range($n)));len(list(x2 for x2 in $y));sum($!o.kind == i2 for i2 in range($n));ord('k');int($b);(i3 := $i);$!o.step($_i);$!o.step($_i, by=$_i);rec($n, $_i)
$!o.step($_i, $_i, 5, scale=2, z=1);math.gcd($_i, 12);math.isqrt(abs($_i));$!o.st($_i);int('7$n');caller_line()
$!l.count($_x);len($!d);$!s.find('a')
-
($i $[// %] $_i);int($_f // 3);round($_f % 99);pow($_i, $n, 7);$!d.get($_x, $_i);G0;raises($_i);$!o.kind;sum($_l);sum(x2 for x2 in $y);sum(raises(i2) for i2 in range($n));len(set(x2 for x2 in $l));$!o - $!o
""",
    "f": """
$!f;$!f;$!f;($f $[+ - *] $f);($f $[+ - *] $_i);($_i $[+ - *] $f);($f / $[2 3.0 -7]);($_i / $[2 5]);abs($f);max($f, $f)
min($f, $_i);($f if $b else $f);float($_i % 1000);-$f;m($f * $f);($f % $[3 2.5]);math.sqrt(abs($f));math.sin(m($_f))
float('2.$n');round(m($_f), 1);(f3 := $f);sum([0.5, $_f]);math.floor(m($f) % 50) * 0.5;sum(i2 * $_f for i2 in range($n));sum($_f for x2 in $y)
-
($f / $_f);($_i / $_i);($f // $_f);math.sqrt($f);raises($_f);G0;m($f ** 2)
""",
    "b": """
$i $[< <= == != > >=] $_i;$i $[< <= == != > >=] $_i;$f $[< <= == != > >=] $_f;$_i $[< >= == !=] $_f;$_x $[== !=] $_x
$!x is None;$!x is not None;$_i in $_l;$_x not in $_l;$_s in $_s;$_i in $!d;$_i in ($_i, 3, 'a');not $_x;$_x
isinstance($!x, $[int float str P (list,tuple) V]);($b and $b);($b or $b);$_s $[< == != >=] $_s;$_i < $_i <= $_i
$!o is $!o;any($_l);all($_l);any(x2 == $_x for x2 in $y);all(x2 is not $!x for x2 in $l);any(i2 > $_i for i2 in range($n));callable($_x);$_l == $_l;$_i;type($!x) is $[int float str];hasattr($!o, '$[a c t]');$!o == $!o;$!o
-
$!o < $!o;$_x in $!d;$_x < $_i;$_x in $!o;$_x > $_x
""",
    "s": """
$!s;$!s;$!s;m($_s + $_s);str($_i);$!s[$[1: :2 ::-1]];$!s[$_i:];f'{$_i}-{$!s}';f'{m($_f):.2f}';f'{$_i!r:>6}'
$!s.$[upper lower strip title]();''.join([$_s, 'b']);'-'.join($!s);($s if $b else $s);m($_s * $n);chr(97 + $n)
$!s.replace('a', $_s);repr($_i);type($!x).__name__;$!s[:$n]
-
$!s[$_i];$!s[$[0 -1]];'%s/%d' % ($_s, $_i);raises($_s);$_s + $_x
""",
    "l": """
$!l;$!l;$!l;[$_x, $_x];[$_i, $_i, $_i];[$_f, $_f];[];m($_l + $_l);$!l[$[:2 1: ::-1 : -2:]];$!l[$_i:$_i]
[flat(i2) for i2 in $y];[flat($x) for i2 in range($n) if $b];[x2 for x2 in $!l if $_b];sorted($!l, key=text);[*$!l, $_i]
list(range($_i % 9));[$_i] * $n;list($!s);[flat(x2) for x2 in $!d];sorted({$_i, $_i, 3}, key=text);list(map(flat, $!l));m($!l * 2)
[(i2, flat(x2)) for i2, x2 in enumerate($!l[:5])];$!s.split('b');[x2 for x1 in [$!l[:4], ()] for x2 in x1];[i2 + $_i for i2 in range($n)]
[k() for k in [lambda: $_x, lambda: $_i]];[flat(x2) for x2 in list(zip($!l, $!s))[:3]]
-
list($y)[:6];[$_x] * $_i;[x2 + $_i for x2 in $!l];sorted($!l)
""",
    "d": """
$!d;$!d;{$_i: $_i};{$_s: flat($_x), 1: $_i};{i2: $_i for i2 in range($n)};dict($!d);{**$!d, 'a': $_f};dict(a=$_i, b=2)
-
{$_x: $_x}
""",
    "o": """
$!o;$!o;$C(flat($x), flat($x));$C($_i, $_i);$!o.put($x);($!o + $_x);$!o.put($_x).put(1);V($_i)
-
($!o + $!o);G1;-$!o;($!o * 2);($_x + $!o)
""",
    "y": """
$!l[:8];$_l[:8];range($n);range($n, $_i % 9);enumerate($!l[:8]);zip($!l[:8], range($n));zip($!l[:5], $!s, range(4))
g($n, $_x);h($n, $_i);list($!d.items())[:6];list($!d)[:6];(1, 2.5, 'z');$!s[:6];reversed($!l[:8]);(x2 for x2 in $!l[:6] if $_b)
I($n);range($n, -$n, -$[1 2]);iter($!l[:4]);map(flat, $!l[:6]);list($!d.values())[:6];($_x, $_x);$Y;$Y;V($_i, 2)
""",
    "x": """
$i;$i;$f;$f;$s;flat($l);$!x;$!x;flat($o);$!o.$[a b both];$!o.get($_i);$!l[:1];$!d.get($_i, $_x);(flat($x), flat($_x))
$[None True False];$c;$c;$c;next(iter($_l), None);$!o.cm($_i);$!o.st($_x);kw($_x);kw($_x, *$_l[:3], c=$_x);kw(b=$_x, a=1)
kw(*[$_x, $_x]);kw($_i, **{'z': $_x});getattr($!o, 'a', $_x);($x or $x);($x and $_x);max($_l, key=text, default=0);next($Y, 7)
(lambda v, k=2: m(v * k) if isinstance(v, int) else v)($x);$!l.pop() if $!l else $_x;G0;flat($_d);caller_line();flat($!o.get);$!o[$[0 1]]
-
$!l[$[0 -1]];$!l[$_i];$!d[$_x];($!x $[+ - * < ==] $_x);next(iter($y));$!o($_x);raises($x);$!d.pop($_x);$!o.c;$!o.kind;G1.a
""",
}
STATEMENTS = """
$!i = $i;$!i = m($i);$!i = m($i);$!i $[+= -= ^= |=] $_i;$!i += 1;$!i = m($!i * 3);$!f = $f;$!f = m($f);$!f $[+= -= *=] $_f;$!f = m($!f)
$!s = m($s);$!s = m($s);$!s = m($!s + $_s);$!l = m($l);$!l = m($l);$!l.append(flat($x));$!l[:2] = $_l[:3];$!l[$n:$n] = [$_i]
$!l.insert($n, $_i);$!x = m($x);$!x = m($x);$!x = m($x);$!x, $!x = $x, $x;$!i, $!i = $!i, $!i;$!i, $!f = $i, $f
$!i, ($!f, $!x) = $i, ($f, $x);$!o = $o;$!o = $o;$!o = $o;$!o.$[a b c] = flat($x);$!o.a = $_i;$!o.b = $_x;$!o.both = $_x;$!o[$n] = flat($x)
$!d[$_i] = flat($x);$!d[$_s] = $_i;$!d = $d;$!i = sum(i2 * 2 for i2 in range($n));$!l.reverse();$!l.extend(flat(x2) for x2 in $y);$!x = [flat(x2) for x2 in $y]
$!x = $c;$!x = $c;$!x = m($c);$!d.setdefault($_i, $_i);$!d.update(a=$_i);$!s = f'{$!s[:3]}{$_i}';$!l = $!l[:6];$!i = $!x = $i;$!i = $!i + 1
$!i, $!x = ($_i, $x) if $b else (1, None);print(text($_x));$!l += [$_i];x3 = $!o.put && x3(1);x3 = $!o.get && $!x = flat(x3($_i))
x3 = lambda: $_x && $!x = x3();del $!l[:1];$!x = flat(super(Q, Q(1, $_i)).get(1));$!l[:] = sorted($!l, key=text)[:5]
-
$!x, *$!l = $l;$!l[$[0 -1]] = flat($x);$!l[$_i] = flat($_x);$!o += $_x;$!d[$_x] = flat($x);$!o.$[a b] += $_i;del $!l[$[0 -1]];del $!o.c
assert $b;$!i = $!l[$_i];raises($x);$!x += $_x;$!o.__dict__['b'] = $_i;$!x, $!i = $_l[:2];$!o.__class__ = $C;del $!x;$!i = $_x;$!f = $_x
"""
YIELDS = "yield $x;yield flat($x);yield $_i;$!x = yield $_x;yield from $y;$!x = yield from g($n, $_i)"
# What may change under running code.
CHANGES = """
G0 = $x;G0 = $[1 2.5 'g' None len];G1 = $C($n, 'g');G1.a = $_x;G1.b = $n;$K.kind = $[5 2.5 'k'];$K.get = P.get
$K.get = lambda self, k: (flat(self.a), k);$K.st = staticmethod(flat);$K.both = property(lambda self: 5);$K.both = 7
$K.step = kw;$K.__add__ = lambda a, b: a;$K.__bool__ = lambda a: False;del $K.get;del $K.kind;G1.__class__ = $C
$F.__defaults__ = ($n,);$F.__defaults__ = None;$F.__kwdefaults__ = {'k': $n};$F.__code__ = kw.__code__;rebind;raises = $[flat m]
G1.get = flat;$K.__getattr__ = lambda self, name: 1;$K.__call__ = lambda self, x, y=1: flat(x);len = P;len = lambda x: 7
$K.cm = classmethod(lambda cls, x: cls.kind);$K.__eq__ = P.__eq__;abs = flat;$K.__init__ = P.__init__;$K.put = lambda self, v: self
"""
# Heads of methods, and what they return.
METHODS = """
get(self, x0):$x;get(self, x0):super().get(x0);get(self, i0=2):$i;put(self, x0):super().put(x0);put(self, x0):self
__init__(self, x0, x1=3):super().__init__(x1, x0);step(self, i0, by=2):i0 + by;step(self, *l0, **d0):len(l0);both(self):$x
__add__(self, x0):self;__add__(self, x0):super().__add__(x0);__sub__(self, x0):$i;__mul__(self, x0):$x;st(x0):x0
__getitem__(self, i0):super().__getitem__(i0);__lt__(self, x0):bool($i);__bool__(self):bool($_i);__call__(self, x0, x1=2):$x
__eq__(self, x0):type(x0) is type(self);__iter__(self):iter([$_x, $_i]);__len__(self):$n;__neg__(self):self
__contains__(self, x0):$b;__radd__(self, x0):x0;__iadd__(self, x0):self;cm(cls, x0):cls.kind;cm(cls, x0):super().cm(x0)
__setattr__(self, s0, x0):object.__setattr__(self, s0, x0);__getattr__(self, s0):7;__setitem__(self, i0, x0):super().__setitem__(i0, 1)
"""
PATTERNS = """
int();int(i0);float() as f0;str(s0);[];[x0];[x0, x1];[x0, *l0];[_, *_, 3];(x0, (x1, x2));{};{'a': x0};{1: x0, **d0}
None;True;P(a=x0, b=x1);Q() | S();0 | 1 | 2;'ab';-1;2.5;int(i0) if i0 > 2;[int(i0), *_]
"""
STATEMENTS = split(STATEMENTS)
EXPRESSIONS = {kind: split(text) for kind, text in EXPRESSIONS.items()}
YIELDS, CHANGES, METHODS, PATTERNS = (split(text)[0] for text in (YIELDS, CHANGES, METHODS, PATTERNS))

# What names of each kind begin as.
VALUES = {
    "i": ["0", "1", "3", "-5", "2**62 - 1", "255", "7"],
    "f": ["0.5", "-1.25", "3.0", "0.0", "1e10"],
    "s": ["'ab'", "''", "'q'", "'h\u00e9'", "'kl'"],
    "l": ["[1, 2, 3]", "[]", "[1, 1.5, 'k']", "[0.5, 2.5]", "[4, 5, 6, 7]"],
    "x": ["None", "0", "'u'", "2.5", "9"],
    "o": ["P(1, 2.5)", "Q(2, 's')", "P('a', None)", "V(3)", "S(4, 5)", "D(6, 7)"],
    "d": ["{}", "{1: 2}", "{'a': 1, 'b': 2}", "{0: 'z', 'ab': 0.5}"],
}
CONSTANTS = {
    "i": "0 1 2 3 5 -1 -7 10 255 (2**31) (2**61) (-2**62)".split(),
    "f": "0.0 1.0 0.5 -2.25 1e10 3.75 -0.0".split(),
    "b": ["i0 > 1", "x0", "f0 < 1.5"],
    "s": ["''", "'a'", "'xyz'", "'h\u00e9'", "'\u4e2d\u6587'"],
    "x": ["None", "1", "2.5", "'a'", "(1, 2)", "True"],
    "l": ["[]", "[1, 2]", "[0.5, 'z']"],
    "d": ["{}", "{1: 1}"],
    "o": ["P(1, 2)"],
}
# What an argument may be, whatever is asked for.
ODD = ["0", "1", "-3", "2.5", "'t'", "None", "[4, 5]", "P(1, 2)", "2**62", "(1, 2)", "V(2)", "{1: 3}", "True", "Q(1, 2)"]
