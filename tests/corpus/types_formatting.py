def t(f, *a):
    try:
        print(ascii(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', ascii(str(e)))

specs = ['', 'd', 'b', 'o', 'x', 'X', '#b', '#o', '#x', '#X', 'n', 'c', ',', '_', ',d', '_d', '_x', '_b', ',x', '08', '+', ' ', '-', '+08d', '<8', '>8', '^8', '=8', '*<8', '*^9', 'é>6', '08,', '010_', '012,d', '020_b', '#010x', '+#12o', 'e', '.2e', 'E', 'f', '.0f', '.3f', '#.0f', 'F', 'g', '.3g', 'G', '#.3g', '%', '.1%', 'z', 'z.1f', '.2', '.10', ',.2f', '_.3f', '015,.2f', 's', '5s', '.2s', 'q', '5q', '10.3', '.', ',,', ',_', '_,', '1,2', '99999999999999999999', '{', '<', '0', '00', '0<5', 'zd', '+c', '#c', '.3d', '6c', '^6c', '日<5d', '.3c', '-5', 'ld', '=', '0=5', '+.3', ' .3', '#', '#g', '+,', 'xd', '.3n', '10n', '+010.2f', 'é', '\x01']
for v in [0, 5, -5, 1234567, -98765432109876543210, True, 255]:
    for s in specs: t(format, v, s)
for v in [0.0, -0.0, 1.5, -1234567.891, 1e16, 1e-7, 123456789.0, float('inf'), float('nan'), -float('inf'), 0.1, 5e-324, 1e22, 0.5, 2.5, 99999.5, -0.04]:
    for s in specs: t(format, v, s)
for v in ['', 'abc', 'é日']:
    for s in specs: t(format, v, s)
for v in [1+2j, -0.5j, complex(1, -0.0), 0j, complex('inf+nanj'), 1e20+1e-20j]:
    for s in specs: t(format, v, s)
for v in [None, [1], (1,), {}, object]:
    for s in ['', '5', 's']: t(format, v, s)
P = ['%d', '%i', '%u', '%5d', '%-5d|', '%05d', '%+d', '% d', '%.3d', '%x', '%#x', '%X', '%#X', '%o', '%#o', '%08x', '%#08x', '%e', '%.2e', '%f', '%.0f', '%#.0f', '%g', '%.3g', '%G', '%E', '%F', '%010.2f', '%-10.2f|', '%+.1f', '%s', '%5s', '%-5s|', '%.2s', '%r', '%a', '%c', '%5c', '%%', '%', '%q', '%5', '%(a)s', '%ld', '%hd', '%5%', '%.', '%-05d|', '%+5d', '%é', 'a%sb%sc', '%.50d', '%#.5x', '%-#8x|', '%+s', '%05s', '%.0e', '%#g']
for p in P:
    for v in [5, -5, 1.5, -2.75, 'abc', 'é', 10**20, True, None, (1,), (1, 2), {'a': 1}, b'x', 1e100, float('inf'), [1], 97, 0x110000, '', (), 1+2j]:
        t(lambda: p % v)
t(lambda: '%s %s' % (1,)); t(lambda: '%s' % (1, 2)); t(lambda: '%(a)s %(b)d' % {'a': 1, 'b': 2}); t(lambda: '%(a)s' % 5); t(lambda: '%(a' % {'a': 1}); t(lambda: '%(a)s' % {}); t(lambda: '%(a(b))s' % {'a(b)': 3}); t(lambda: '%*d' % (5, 3)); t(lambda: '%-*d|' % (5, 3)); t(lambda: '%*d|' % (-5, 3)); t(lambda: '%.*f' % (2, 3.14159)); t(lambda: '%*d' % ('a', 3)); t(lambda: '%.*f' % (-1, 3.14159)); t(lambda: 'abc' % ()); t(lambda: 'abc' % 5); t(lambda: 'abc' % {}); t(lambda: 'abc' % []); t(lambda: '%s' % ((1, 2),)); t(lambda: '%(a)d %%' % {'a': 3.7}); t(lambda: '%d' % 3.99); t(lambda: '%x' % 3.5); t(lambda: '%d' % '3'); t(lambda: '%c' % 'ab'); t(lambda: '%c' % 1.5); t(lambda: '%c' % -1); t(lambda: '%99999999999d' % 1); t(lambda: '%.99999999999d' % 1); t(lambda: '%s %(a)s' % {'a': 1})
class I:
    def __index__(self): return 10
    def __int__(self): return 20
    def __float__(self): return 2.5
t(lambda: '%d %x %f %c' % (I(), I(), I(), I())); t(lambda: '%s' % I) if 0 else None
F = ['{}', '{} {}', '{0} {1} {0}', '{a}', '{a.real}', '{0[0]}', '{0[a]}', '{a[b]}', '{0.x}', '{:>5}', '{:{}}', '{:{w}.{p}}', '{!r}', '{!s:>5}', '{!a}', '{!x}', '{!}', '{!rx}', '{', '}', '{{}}', '{{{}}}', '{0} {}', '{} {0}', '{a} {}', '{0[', '{0[]}', '{0.}', '{0]}', '{0[0]x}', '{:{:{}}}', '{:', '{!r', '{a!r:^10}', '{99}', '{-1}', '{0!}', '{:}}', '{{', '}}', 'a{}b', '{0:{1}>{2}}', '{ 0}', '{0[-1]}', '{0[1]}', '{99999999999999999999}', '{a{b}', '{:d}', '{:>{a}}', '{[0]}', '{.real}']
for f in F:
    t(f.format); t(f.format, 5); t(f.format, 'xyz', 10, 4); t(lambda: f.format([1, 2], {'a': 3}, a=7, w=8, p=2)); t(lambda: f.format({'a': 5, 'b': 6}, a={'b': 9}))
t('{a} {b}'.format_map, {'a': 1, 'b': 2}); t('{a}'.format_map, {}); t('{}'.format_map, {}); t('{0}'.format_map, {}); t('{a[0]}'.format_map, {'a': [5]})
class M(dict):
    def __missing__(self, k): return '<' + k + '>'
t('{a} {b}'.format_map, M(a=1)); t(lambda: '%(x)s' % M())
class Fm:
    def __format__(self, s): return 'F(' + s + ')'
t('{:abc} {}'.format, Fm(), Fm()); t(lambda: f'{Fm():x{1+1}}'); t(lambda: format(Fm(), 5))
class Bad:
    def __format__(self, s): return 5
t(format, Bad()); t(lambda: f'{Bad()}'); t(lambda: f'{5:{3}}{"a":>{2+3}}{3.14159:.{2}f}{1!r:5}')
t(lambda: b'%d %s %b %a %c %x' % (5, b'x', b'y', 'é', 65, 255)); t(lambda: b'%s' % 'a'); t(lambda: b'%(a)s' % {b'a': b'z'}); t(lambda: b'%d' % 'a'); t(lambda: b'%c' % 256); t(lambda: b'%c' % b'ab'); t(lambda: b'%5.1f|%-5d|%05d' % (2.25, 3, 4)); t(lambda: b'%r' % 'a'); t(lambda: b'%q' % 1); t(lambda: b'%s %s' % (b'a',)); t(lambda: b'' % (1,)); t(lambda: bytearray(b'%d') % 5); t(lambda: b'%f' % 'x'); t(lambda: b'%5s|%-5s|%.1s' % (b'ab', b'ab', b'ab'))
