def t(f, *a):
    try:
        print(repr(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', e)
inf = float('inf'); nan = float('nan')
V = [0j, 1j, -1j, 1+0j, complex(-0.0, 0.0), complex(0.0, -0.0), 1+2j, -3.5+0.25j, complex(inf, 1), complex(nan, 0), complex(1, -inf), 1e300+1e300j, 5e-324j]
for v in V:
    print(v, repr(v), -v, +v, bool(v), v.real, v.imag, v.conjugate(), v == v, v != v)
    t(abs, v); t(lambda: hash(v) if v == v else 0)
    for w in [1+1j, 2-3j, 1j, complex(inf, nan)]:
        t(lambda: v + w); t(lambda: v - w); print(v == w, v != w)
    for w in [1+1j, 2-3j, 0.5j]:
        t(lambda: v * w); t(lambda: v / w)
t(lambda: (1+2j) ** 2); t(lambda: (1+2j) ** -1); t(lambda: (1+2j) ** 0.5); t(lambda: 0j ** -1); t(lambda: 0j ** 2); t(lambda: (1+2j) / 0j); t(lambda: (1+2j) // 1); t(lambda: (1+2j) % 1); t(lambda: 1j < 2); t(lambda: pow(1j, 2, 3)); t(lambda: 2 ** (1+1j)); t(lambda: 1j + 'a'); t(lambda: (1+2j) == (1+2j)); t(lambda: 1+0j == 1); t(lambda: 2.5+0j == 2.5); t(lambda: hash(3+0j) == hash(3)); t(lambda: int(1j)); t(lambda: float(1j)); t(lambda: 10**400 + 1j)
for s in ['1', '1j', '1+2j', ' ( 1-2j ) ', '-1.5e3-2.5e-3j', 'j', '-j', '+j', '1+j', '1-j', 'infj', 'nan+infj', '1_0+2_0j', '', '1+', '1+2', '(1+2j', 'a', '1 + 2j', '1e', '1j2', '٣+٤j', '1+-2j', '--1']:
    t(complex, s)
t(complex); t(complex, 1, 2); t(complex, 1.5); t(complex, None); t(complex, 1, 'a'); t(complex, '1', 2); t(complex, 1j, 2j); t(complex, []); t(lambda: complex(real=3)); t(lambda: complex(imag=3)); t(lambda: complex(1, imag=-0.0)); t(complex, 10**400)
class C(complex): pass
c = C(1, 2); c.x = 1
print(c, type(c) is C, c + 1, type(c + 1) is complex, c.x, complex(c), type(complex(c)) is complex)
class D:
    def __complex__(self): return 3+4j
t(complex, D()); print(1j.__add__('a'), 1j.__eq__('a'), 1j.__getnewargs__(), 1j.__lt__(1))
