# UTF-7: all that is short and odd, whole, in pieces and with each error handler.
import codecs
import random

r = random.Random(5)
points = [0x20, 0x41, 0x2B, 0x2D, 0x7E, 0x5C, 0xE9, 0x20AC, 0x1F600, 0xD800, 0xDC00, 0x2F, 0x39, 0, 0x7F, 0x80, 0x3F, 9]
for _ in range(60):
    s = "".join(chr(r.choice(points)) for _ in range(r.randrange(9)))
    b = s.encode("utf-7")
    print(ascii(s), b, ascii(b.decode("utf-7")))
octets = b"++--ABab/9 ~\\\xe9 !\x00AQIDdgD+2D3eAP/"
for _ in range(150):
    b = bytes(r.choice(octets) for _ in range(r.randrange(12)))
    for errors in ("strict", "replace", "ignore", "backslashreplace"):
        try:
            print(b, errors, ascii(b.decode("utf-7", errors)))
        except UnicodeDecodeError as e:
            print(e)
    print(ascii(codecs.utf_7_decode(b, "replace", False)))
    d = codecs.getincrementaldecoder("utf-7")("replace")
    print(ascii([d.decode(b[i : i + 1]) for i in range(len(b))] + [d.decode(b"", True)]))
print(codecs.lookup("UTF-7").name, codecs.utf_7_encode("+\u20ac"))
exec(compile(b"# coding: utf-7\nprint(ascii('+AOk-'))\n", "u", "exec"))
