"""`threading.local`: one dict of attributes for each thread, by thread id."""

from _habu import get_ident


def _attributes(self):
    dicts, args, kwargs = object.__getattribute__(self, "_habu_state")
    ident = get_ident()
    found = dicts.get(ident)
    if found is None:
        found = dicts[ident] = {}
        cls = type(self)
        if cls.__init__ is not object.__init__:
            cls.__init__(self, *args, **kwargs)
    return found


def _is_data(cls, name):
    for c in cls.__mro__:
        if name in c.__dict__:
            return hasattr(type(c.__dict__[name]), "__set__")
    return False


class _local:
    def __new__(cls, /, *args, **kwargs):
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = object.__new__(cls)
        object.__setattr__(self, "_habu_state", ({get_ident(): {}}, args, kwargs))
        return self

    def __getattribute__(self, name):
        attributes = _attributes(self)
        if name == "__dict__":
            return attributes
        if name in attributes and not _is_data(type(self), name):
            return attributes[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        if name == "__dict__":
            raise AttributeError(f"{type(self).__name__!r} object attribute '__dict__' is read-only")
        if _is_data(type(self), name):
            object.__setattr__(self, name, value)
        else:
            _attributes(self)[name] = value

    def __delattr__(self, name):
        if name == "__dict__":
            raise AttributeError(f"{type(self).__name__!r} object attribute '__dict__' is read-only")
        attributes = _attributes(self)
        if name in attributes:
            del attributes[name]
        else:
            object.__delattr__(self, name)
