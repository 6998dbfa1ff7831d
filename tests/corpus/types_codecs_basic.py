def t(f, *a):
    try:
        print(ascii(f(*a)))
    except Exception as e:
        print(type(e).__name__, '|', ascii(str(e)))

T = ['', 'abc', 'aé', 'a日b', 'x😀', '\ud800', 'a\udc80\udcffb', '\udfff\ud800é', '\x00\x7f\x80\xff']
encs = ['utf-8', 'UTF8', 'ascii', 'latin-1', 'ISO-8859-1', 'utf-16', 'utf-16-le', 'utf_16_be', 'utf-32', 'utf-32-be', 'unicode-escape', 'raw_unicode_escape']
errs = ['strict', 'ignore', 'replace', 'surrogateescape', 'surrogatepass', 'backslashreplace', 'xmlcharrefreplace']
for s in T:
    for e in encs:
        for r in errs:
            t(s.encode, e, r)
D = [b'', b'abc', b'\xff', b'a\xc3', b'a\xc3\xa9b', b'\xc3(', b'\xe2\x82', b'\xe2\x82x', b'\xe2(\xac', b'\xf0\x9f\x98\x80', b'\xf0\x9f\x98', b'\xf0\x9fx', b'\xed\xa0\x80', b'\xed\xbf\xbfz', b'\xc0\x80', b'\xf5\x80\x80\x80', b'\x80abc\x80', b'\xff\xfea\x00', b'\xfe\xff\x00a', b'a\x00\x00', b'\x00\xd8', b'\x00\xdc', b'\x00\xd8a\x00', b'a\x00\x00\xd8', b'\xff\xfe\x00\x00a\x00\x00\x00', b'a\x00\x00\x00b', b'\x00\x00\x11\x00', b'\x00\xd8\x00\x00', b'\\n\\x41\\u00e9\\U0001f600\\101\\\\', b'\\x4', b'\\u12', b'\\', b'\\U00110000', b'\\q', b'\\N{DIGIT ONE}' if 0 else b'z', b'\xe9\\u00e9']
for b in D:
    for e in encs:
        for r in errs[:6]:
            t(b.decode, e, r)
