# \N{...} at run time: escapes, regular expressions, the namereplace handler, unicodedata.
import re
import unicodedata

names = [
    "LATIN SMALL LETTER A", "latin small letter a", "Hangul syllable ga", "CJK UNIFIED IDEOGRAPH-4e00",
    "TANGUT IDEOGRAPH-17000", "tangut ideograph-187f7", "TANGUT IDEOGRAPH-017000", "TANGUT IDEOGRAPH-1",
    "NUSHU CHARACTER-1B170", "VARIATION SELECTOR-17", "HANGUL JUNGSEONG O-E", "hangul jungseong oe",
    "LF", "NULL", "bell", "ALERT", "BYTE ORDER MARK", "LATIN CAPITAL LETTER GHA",
    "KEYCAP DIGIT ONE", "no such name", "LATIN_SMALL_LETTER_A", "LATINSMALLLETTERA", " LATIN SMALL LETTER A", "",
    "ARABIC LETTER NOON WITH RING ABOVE", "\u0100",
]
for n in names:
    for f in (
        lambda: ("x\\N{%s}y" % n).encode().decode("unicode_escape"),
        lambda: unicodedata.lookup(n),
        lambda: re.findall("[\\N{%s}b]" % n, "\U0001f514\x07abc\n\u1180\u116c"),
    ):
        try:
            print(ascii(n), ascii(f()))
        except (UnicodeDecodeError, KeyError, re.error) as e:
            print(ascii(n), type(e).__name__, ascii(str(e)))

for bad in (b"\\N", b"\\N{", b"\\N{}", b"\\N{x", b"\\Nx", b"a\\N{zz}b"):
    for errors in ("strict", "replace", "ignore", "backslashreplace"):
        try:
            print(bad, errors, ascii(bad.decode("unicode_escape", errors)))
        except UnicodeDecodeError as e:
            print(bad, errors, e)

for c in range(0x80, 0xF0000, 0x1357):
    if not 0xD800 <= c < 0xE000:
        s = chr(c)
        e = s.encode("ascii", "namereplace")
        print(e, unicodedata.name(s, None), e.decode("unicode_escape") == s)
print("\u4e00\xe9\udc80".encode("latin-1", "namereplace"))
