"""The tokenizer behind `tokenize`: the native one reads the whole source at once."""

import _habu


class TokenizerIter:
    def __init__(self, readline, *, encoding=None, extra_tokens=False):
        lines = []
        while True:
            try:
                line = readline()
            except StopIteration:
                break
            if not line:
                break
            if encoding is not None:
                line = line.decode(encoding)
            lines.append(line)
        self._tokens, self._error = _habu.tokens("".join(lines), extra_tokens)
        self._next = iter(self._tokens)

    def __iter__(self):
        return self

    def __next__(self):
        for token in self._next:
            return token
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopIteration
