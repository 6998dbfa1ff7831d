# Ends that are stripped: few characters and many, of every width.
words = ["", "a", ",", ",.", ".,a.,", "a,b", ",,,", "the", "the,", ";the.", "\x00a\x00", "a\x7f", "é,", ",é", "\u0100,", "aaaaabaaaa", "x" * 20 + ",,", "ab" * 9]
sets = [",", ".,", ",.;", "a", "ab", "abc,.;", "abc,.;x", "abc,.;xyz", "\x00", "\x00a", "é", "é,", "", "\x7f", "\x80", "the,.;a", "\u0100", "aaaaaaa", "a" * 9]
for w in words:
    for s in sets:
        print(ascii(w), ascii(s), ascii(w.strip(s)), ascii(w.lstrip(s)), ascii(w.rstrip(s)))
