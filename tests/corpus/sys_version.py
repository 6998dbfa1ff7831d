"""`platform` takes `sys.version` apart, which has the form that programs know."""
import platform
import re
import sys

print(platform.python_version() == sys.version.split()[0])
print(platform.python_version_tuple()[:2], platform.python_implementation() != "")
print(bool(re.fullmatch(r"[\w.+]+ \([^()]+\) \[[^\[\]]+\]", sys.version)), bool(platform.python_compiler()))
