"""A JSON parser and writer, character by character, in plain Python."""

ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
NAMES = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def blanks(self):
        text, at = self.text, self.at
        while at < len(text) and text[at] in " \n\t\r":
            at += 1
        self.at = at

    def expect(self, ch):
        if self.text[self.at] != ch:
            raise ValueError(f"expected {ch!r} at {self.at}")
        self.at += 1

    def value(self):
        self.blanks()
        ch = self.text[self.at]
        if ch == "{":
            return self.object()
        if ch == "[":
            return self.array()
        if ch == '"':
            return self.string()
        if ch in NAMES:
            name, value = NAMES[ch]
            if not self.text.startswith(name, self.at):
                raise ValueError(f"bad name at {self.at}")
            self.at += len(name)
            return value
        return self.number()

    def object(self):
        self.at += 1
        out = {}
        self.blanks()
        if self.text[self.at] == "}":
            self.at += 1
            return out
        while True:
            self.blanks()
            key = self.string()
            self.blanks()
            self.expect(":")
            out[key] = self.value()
            self.blanks()
            if self.text[self.at] == "}":
                self.at += 1
                return out
            self.expect(",")

    def array(self):
        self.at += 1
        out = []
        self.blanks()
        if self.text[self.at] == "]":
            self.at += 1
            return out
        while True:
            out.append(self.value())
            self.blanks()
            if self.text[self.at] == "]":
                self.at += 1
                return out
            self.expect(",")

    def string(self):
        self.expect('"')
        text, at = self.text, self.at
        out = []
        while True:
            ch = text[at]
            at += 1
            if ch == '"':
                break
            if ch == "\\":
                ch = text[at]
                at += 1
                if ch == "u":
                    out.append(chr(int(text[at:at + 4], 16)))
                    at += 4
                else:
                    out.append(ESCAPES[ch])
            else:
                out.append(ch)
        self.at = at
        return "".join(out)

    def number(self):
        start = at = self.at
        text = self.text
        whole = True
        while at < len(text) and text[at] in "+-0123456789.eE":
            if text[at] in ".eE":
                whole = False
            at += 1
        self.at = at
        return int(text[start:at]) if whole else float(text[start:at])


def write(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return '"' + "".join("\\" + c if c in '"\\' else c if c >= " " else f"\\u{ord(c):04x}" for c in value) + '"'
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{write(k)}:{write(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(map(write, value)) + "]"


def document(n):
    rows = []
    for i in range(n):
        rows.append({"id": i, "name": f"row \"{i}\"\n", "price": i * 0.25, "tags": ["a", "b" * (i % 5), None],
                     "on": i % 2 == 0, "inner": {"x": -i, "y": [i, [i + 1, [i + 2]]]}})
    return {"rows": rows, "empty": {}, "none": []}


def main():
    data = document(12000)
    text = write(data)
    again = Parser(text).value()
    print(len(text), again == data, again["rows"][77]["name"] == 'row "77"\n')
    spaced = text.replace(",", " ,\n ").replace(":", " : ")
    print(Parser(spaced).value() == data)
    try:
        Parser('{"a": [1, 2}').value()
    except ValueError as error:
        print(error)


if __name__ == "__main__":
    main()
