def t(f, *a):
    try:
        print(repr(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', e)

S = ['', 'a', 'abc', 'Hello World', 'HELLO', 'hello', ' \t x y \n', 'ß', 'ǆabc', 'ΑΣ', 'ΑΣ.', 'ΣΑΣ Σ', 'İstanbul', 'ﬁx', 'ŉ', '123', '१२३', '²½', 'Ⅷ', 'x1', '_x', '1x', 'é', '日本語', '😀a', 'a\x00b', '\u2028x\r\ny\x0bz\x0c\x1c\x85', 'They\'re bill\'s', 'ᾳ', 'ͅa', '\ud800', 'aͅΣ', 'ǅ', 'x\u0345Σ']
for s in S:
    print(ascii(s), len(s), s.isalnum(), s.isalpha(), s.isascii(), s.isdecimal(), s.isdigit(), s.isidentifier(), s.islower(), s.isnumeric(), s.isprintable(), s.isspace(), s.istitle(), s.isupper())
    for m in ['capitalize', 'casefold', 'lower', 'upper', 'swapcase', 'title', 'strip', 'lstrip', 'rstrip', 'split', 'rsplit', 'splitlines', 'expandtabs', 'encode']:
        t(lambda: ascii(getattr(s, m)()))
    print(ascii(s), ascii(s[::-1]), ascii(s[1:3]), ascii(s[-2:]), ascii(s * 3), ascii(s + 'é'), ascii(s.replace('a', 'ü')), ascii(s.replace('', '-')), ascii(s.splitlines(True)), ascii(s.center(9, '*')), ascii(s.ljust(8)), ascii(s.rjust(8, 'é')), ascii(s.zfill(8)))
for a, b in [('abcabc', 'c'), ('abcabc', 'bc'), ('abcabc', ''), ('', ''), ('', 'a'), ('aaaa', 'aa'), ('日本日本', '本'), ('日本日本', '日本'), ('日a😀b😀', '😀'), ('abc', '日'), ('é' * 300 + 'x', 'x'), ('ab' * 100, 'ba')]:
    print(a.find(b), a.rfind(b), a.count(b), a.find(b, 1), a.rfind(b, 1, -1), a.count(b, 2), a.find(b, -2), a.find(b, 100), a.count(b, 100), b in a, a.startswith(b), a.endswith(b), a.startswith(b, 1), a.endswith(b, 0, 2), a.startswith((b, 'x')), a.replace(b, '<>'), a.replace(b, '', 1), a.removeprefix(b), a.removesuffix(b))
    t(a.index, b); t(a.rindex, b); t(a.split, b); t(a.rsplit, b, 1); t(a.split, b, 1); t(a.partition, b); t(a.rpartition, b); t(a.strip, b); t(a.lstrip, b); t(a.rstrip, b)
t('a b  c '.split, None, 1); t(' a b  c '.rsplit, None, 1); t('a b c'.split, ' ', 0); t('a b c'.split, None, 0); t(' a b c '.rsplit, None, 0); t(lambda: 'a,b,c'.split(maxsplit=1, sep=','))
t('abc'.find, 1); t('abc'.index, 'x'); t('abc'.count, None); t('abc'.startswith, 1); t('abc'.endswith, (1,)); t('abc'.split, 1); t('abc'.partition, 1); t('abc'.partition, ''); t('abc'.replace, 1, 2); t('abc'.replace, 'a', 1); t('abc'.strip, 1); t('abc'.join, 1); t('abc'.join, [1]); t('abc'.join, ['a', 1]); t('abc'.center, 5, 'ab'); t('abc'.center, 5, 1); t('abc'.center, 'x'); t('a'.zfill, None); t('abc'.removeprefix, 1); t('abc'.find, 'a', 'b'); t('abc'.find, 'a', None, None); t('x'.replace, 'x'); t('x'.encode, 1); t(lambda: 'x'.encode(encoding=1)); t(lambda: 'x'.split(foo=1)); t('x'.lower, 1)
t(lambda: 'abc'[5]); t(lambda: 'abc'['a']); t(lambda: 'abc'[1.0]); t(lambda: 'abc'[::0]); t(lambda: 'abc'[10**30]); t(lambda: 'abc'[-3:10**30]); t(lambda: 'abc' + 1); t(lambda: 'abc' * 'a'); t(lambda: 1 in 'abc'); t(lambda: 'a' < 1); t(lambda: 'abc' * -1); t(lambda: 'ab' * 10**30); t(lambda: -'a'); t(lambda: 'abc'['a':])
t(lambda: ','.join(['a', 'b', 'é', '日', '😀'])); t(lambda: ''.join(())); t(lambda: ''.join('abc')); t(lambda: '-'.join(c for c in 'xyz')); t(lambda: ','.join({'k': 1}))
t(str.maketrans, {'a': 'b', 'c': None, 100: 'xyz'}); t(str.maketrans, 'abc', 'xyz'); t(str.maketrans, 'abc', 'xyz', 'q'); t(str.maketrans, 'ab', 'c'); t(str.maketrans, 1); t(str.maketrans, {'ab': 1}); t(str.maketrans, {1.5: 1}); t(str.maketrans, 'a', 1)
t('abcd'.translate, str.maketrans('abc', 'xéz', 'd')); t('abcd'.translate, {97: 'long', 98: None, 99: 0x1F600}); t('ab'.translate, {97: 1.5}); t('ab'.translate, {97: 0x110000}); t('ab'.translate, ['x'] * 98); t('ab'.translate, 5)
t('a\tb\tc'.expandtabs, 4); t('\t'.expandtabs, 0); t('ab\n\tc'.expandtabs, 3); t(lambda: 'a\tb'.expandtabs(tabsize=2)); t('a\tb'.expandtabs, -1)
print('abc' < 'abd', 'abc' < 'ab', 'é' > 'z', '日' > '😀', 'a' == 'a', 'a' != 'b', 'a' >= 'a', sorted(['b', 'a', '日', '😀', 'é', 'Z']))
for s in ["'", '"', '\'"', '\\', '\n\r\t', '\x7f', '\x80\xa0\xad', '\u0300', '\u2028', '\ud800', '😀', '\U0010ffff', 'a\'b', '\x1b[0m', '\u200b', 'ÿ', '\ue000']:
    print(ascii(repr(s)), ascii(s))
print(str(), str(5), str(b'ab'), str('x'), str(None)); t(str, b'ab\xc3\xa9', 'utf-8'); t(str, b'ab\xff', 'utf-8'); t(str, b'ab\xff', 'utf-8', 'replace'); t(str, b'ab\xff', errors='ignore') if 0 else None; t(str, 'x', 'utf-8'); t(str, 5, 'utf-8'); t(lambda: str(object='q')); t(lambda: str(b'q', encoding='ascii')); t(lambda: str(b'q\xff', errors='ignore')); t(str, b'', 5)
class T(str): pass
x = T('abc'); x.y = 1
print(x, type(x) is T, type(x + 'd') is str, x.upper(), type(x[:]) is str, type(str(x)) is str, x.y, repr(x), hash(x) == hash('abc'), x == 'abc', T(5), {x: 1}['abc'], type(x.strip()) is str, type(x.replace('q', 'w')) is str, type(x * 1) is str, type(''.join([x])) is str, type('%s' % x) is str, type(format(x)) is str)
class U:
    def __str__(self): return 'ü'
    def __repr__(self): return T('rep')
t(str, U()); t(repr, U()); print('%s %r %a' % (U(), U(), U()), f'{U()} {U()!r:>5} {U()!a}')
class V:
    def __str__(self): return 5
t(str, V())
print('a'.__add__('b'), 'a'.__eq__(1), 'a'.__lt__(1), 'abc'.__contains__('b'), 'abc'.__len__(), 'a'.__mul__(3), 'a'.__rmul__(2), 'abc'.__getitem__(1), 'a%s'.__mod__('b'), 'abc'.__getnewargs__(), list('aé😀'), 'x'.__format__('>3'), [*reversed('abc')])
print(''.join(sorted('hello')), max('abc'), 'a' 'b', len('日本' * 1000), ('é' * 5000).count('é'), ('ab' * 5000).find('bb'))
s = ''
for i in range(2000): s += chr(97 + i % 26)
print(len(s), s[:30], s[-5:]); s2 = s + '日'; print(len(s2), s2[-3:]); s3 = s + 'x'; s4 = s + 'y'; print(s3[-3:], s4[-3:], s3 == s4, hash(s3) == hash(s4))
