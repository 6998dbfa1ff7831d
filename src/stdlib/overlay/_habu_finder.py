"""What `importlib` sees of the native importer: one finder on `sys.meta_path`."""

import sys

import _habu


class _Loader:
    def __init__(self, module):
        self._module = module

    def create_module(self, spec):
        return self._module

    def exec_module(self, module):
        pass


class Finder:
    """Finds what the native importer finds: built-in modules, the packed Lib, files on a path."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        from importlib._bootstrap import ModuleSpec
        try:
            module = _habu.load(name)
        except ModuleNotFoundError as error:
            if error.name == name:
                return None
            raise
        spec = ModuleSpec(name, _Loader(module), origin=getattr(module, "__file__", None),
                          is_package=hasattr(module, "__path__"))
        if hasattr(module, "__path__"):
            spec.submodule_search_locations = list(module.__path__)
        module.__spec__ = spec
        return spec


sys.meta_path.append(Finder)
