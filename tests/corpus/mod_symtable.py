# The compiler's symbol tables as Lib's `symtable` shows them.
import _symtable
import symtable

SOURCE = '''
from __future__ import annotations
import os.path as p
glob = 1
def outer(a, b=2, *args, key: int, **kw) -> str:
    global glob
    local = [x for x in args if a]
    def inner():
        nonlocal local
        local = a, glob
        return (lambda q: q + b + undefined)
    class Kept:
        __private = 1
        def method(self):
            return __class__, self.__private
    return inner, Kept
class Generic[T: int, *Ts, **P](Base):
    field: T = 3
    def get[U](self, u: U = field) -> T: return u
    gen = (i for i in field)
type Alias[K] = dict[K, Generic]
async def coro():
    async with p as f: yield [await g async for g in f]
'''


def show(t, depth=0):
    pad = '  ' * depth
    print(f'{pad}{t.get_type()} {t.get_name()} line {t.get_lineno()} nested {t.is_nested()} optimized {t.is_optimized()}')
    for s in sorted(t.get_symbols(), key=lambda s: s.get_name()):
        print(f'{pad}  {s!r} ns {[n.get_name() for n in s.get_namespaces()]}')
    if isinstance(t, symtable.Function):
        print(pad, t.get_parameters(), sorted(t.get_frees()), sorted(t.get_nonlocals()))
    for c in t.get_children():
        show(c, depth + 1)


show(symtable.symtable(SOURCE, 'file.py', 'exec'))
show(symtable.symtable('[a + (b := c) for a in d]', 'file.py', 'eval'))
show(symtable.symtable(b'# coding: latin-1\n\xe9 = 1', 'file.py', 'single'))
top = _symtable.symtable(SOURCE, 'f', 'exec')
print(type(top).__name__, top.children is top.children, top.varnames, top.children[0].varnames)
for args in [('x', 'f', 'bad'), (3, 'f', 'exec'), ('x', 3, 'exec'), ('x', 'f', 3), ('def', 'f', 'exec'),
             ('def f(a, a): pass', 'f', 'exec'), ('a\0b', 'f', 'exec'), ('nonlocal x', 'f', 'exec')]:
    try:
        print(_symtable.symtable(*args))
    except (TypeError, ValueError, SyntaxError) as e:
        print(type(e).__name__, e)
deep = symtable.symtable('lambda: ' * 90 + '1', 'f', 'eval')
n = 0
while deep.has_children():
    deep, n = deep.get_children()[0], n + 1
print(n)
try:
    type(top)()
except TypeError as e:
    print(e)

# Bytes are read as they say they are to be; a coding line in text means nothing.
print(eval(compile(b'# coding: latin-1\n"\xe9"', 'f', 'eval')), eval('# coding: latin-1\n"\xe9"'))
for source in [b'"\xe9"', b'# coding: nonesuch\n1', b'1\0']:
    try:
        print(eval(source))
    except SyntaxError as e:
        print(type(e).__name__)
# Classes whose objects only their modules make.
import functools, hashlib, select, zlib
for o in [zlib.compressobj(), zlib.decompressobj(), hashlib.md5(), select.poll(), functools.cmp_to_key(len)]:
    try:
        print(type(o)())
    except TypeError as e:
        print('refused')
    try:
        print(object.__new__(type(o)))
    except TypeError as e:
        print('refused')
print(ascii(eval(compile(b'# coding: iso8859-15\n"\xa4"', 'f', 'eval'))), ascii(eval(b'#coding:cp1251\n"\xe9"')))
try:
    eval(b'# coding: cp1252\n"\x81"')
except SyntaxError as e:
    print(type(e).__name__)
