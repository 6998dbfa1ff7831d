"""What the instructions are called and what their arguments mean.

There are no cache entries in this interpreter's bytecode: its inline caches stand beside the code.
"""

import _opcode
from _opcode import has_arg, has_const, has_exc, has_free, has_jump, has_local, has_name, stack_effect
from _opcode_metadata import HAVE_ARGUMENT, _specializations, _specialized_opmap, opmap

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg",
           "hasconst", "hasname", "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

EXTENDED_ARG = opmap["EXTENDED_ARG"]
cmp_op = ("<", "<=", "==", "!=", ">", ">=")

opname = [f"<{number!r}>" for number in range(max(opmap.values()) + 1)]
for _mapping in (opmap, _specialized_opmap):
    for _name, _number in _mapping.items():
        opname[_number] = _name


def _having(test):
    return [number for number in opmap.values() if test(number)]


hasarg = _having(has_arg)
hasconst = _having(has_const)
hasname = _having(has_name)
hasjump = _having(has_jump)
hasjrel = hasjump
hasjabs = []
hasfree = _having(has_free)
haslocal = _having(has_local)
hasexc = _having(has_exc)
hascompare = [opmap["COMPARE_OP"]]

_intrinsic_1_descs = _opcode.get_intrinsic1_descs()
_intrinsic_2_descs = _opcode.get_intrinsic2_descs()
_special_method_names = _opcode.get_special_method_names()
_nb_ops = _opcode.get_nb_ops()
_common_constants = [AssertionError, NotImplementedError, tuple, all, any]

_cache_format = {}
_inline_cache_entries = {}
