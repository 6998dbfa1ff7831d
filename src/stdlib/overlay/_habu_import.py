"""Brings importlib up, and adds what the packed Lib needs: an entry of `sys.path` that is no folder.

Runs before anything else, so it imports only native modules.
"""

import sys

import _habu
import _imp
import posix

ROOT = "/<habu>"

import _frozen_importlib as bootstrap
bootstrap._install(sys, _imp)
bootstrap._install_external_importers()
external = bootstrap._bootstrap_external


class PackedLoader:
    """Loads a module of the packed Lib, which was compiled when Habu was built."""

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def __repr__(self):
        return f"<PackedLoader for {self.name!r}>"

    def _own(self, name):
        if name is not None and name != self.name:
            raise ImportError(f"loader for {self.name} cannot handle {name}", name=name)
        return self.name

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        bootstrap._call_with_frames_removed(exec, _habu.packed_code(module.__name__), module.__dict__)

    def load_module(self, name=None):
        return bootstrap._load_module_shim(self, self._own(name))

    def get_code(self, name):
        return _habu.packed_code(self._own(name))

    def get_source(self, name):
        return _habu.packed_source(self._own(name))

    def get_filename(self, name=None):
        self._own(name)
        return self.path

    def is_package(self, name):
        return _habu.is_packed(self._own(name))

    def get_data(self, path):
        if path == self.path:
            return _habu.packed_source(self.name).encode()
        raise FileNotFoundError(2, "No such file or directory", path)


class PackedFinder:
    """The path entry finder of `/<habu>` and of what packages in it have as `__path__`."""

    def __init__(self, path):
        if path != ROOT and not path.startswith(ROOT + "/"):
            raise ImportError("only the packed Lib is supported", path=path)
        self.path = path
        self._prefix = path[len(ROOT) + 1:].replace("/", ".")
        if self._prefix:
            self._prefix += "."

    def __repr__(self):
        return f"PackedFinder({self.path!r})"

    def find_spec(self, name, target=None):
        tail = name.rpartition(".")[2]
        full = self._prefix + tail
        package = _habu.is_packed(full)
        if package is None:
            return None
        path = f"{self.path}/{tail}"
        file = path + "/__init__.py" if package else path + ".py"
        spec = bootstrap.ModuleSpec(name, PackedLoader(full, file), origin=file)
        spec._set_fileattr = True
        if package:
            spec.submodule_search_locations = [path]
        return spec

    def iter_modules(self, prefix=""):
        for name, package in _habu.packed_names(self._prefix):
            yield prefix + name, package

    @staticmethod
    def invalidate_caches():
        pass


def _in_archive(path):
    """Whether the path is a file, or would be in one if that were a folder."""
    while not external._path_isfile(path):
        parent = external._path_split(path)[0]
        if parent == path or not parent or external._path_isdir(path):
            return False
        path = parent
    return True


_refused = None


def _archive_hook(path):
    """Archives are zipimport's, which is imported when a path entry is in a file. What it imports itself, also to read
    an archive for the first time, is sought in no archive: those that were passed over are forgotten again."""
    global _refused
    if not _in_archive(path):
        raise ImportError("not an archive", path=path)
    if _refused is not None:
        _refused.append(path)
        raise ImportError("zipimport is being imported", path=path)
    _refused = []
    try:
        from zipimport import zipimporter
        return zipimporter(path)
    finally:
        for other in _refused:
            sys.path_importer_cache.pop(other, None)
        _refused = None


def _checked(classify):
    """A `.pyc` whose code is damaged is out of date."""
    def _classify_pyc(data, name, exc_details):
        flags = classify(data, name, exc_details)
        if not _habu.is_intact(data[16:]):
            raise ImportError(f"bytecode of {name!r} is damaged", **exc_details)
        return flags
    return _classify_pyc


external._classify_pyc = _checked(external._classify_pyc)
sys.path_hooks[:0] = [PackedFinder, _archive_hook]
for _module, _origin in ((bootstrap, "importlib._bootstrap"), (external, "importlib._bootstrap_external")):
    _module.__spec__ = bootstrap.ModuleSpec(_module.__name__, bootstrap.FrozenImporter, origin="frozen")
    _module.__loader__ = bootstrap.FrozenImporter
