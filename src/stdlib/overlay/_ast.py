"""The node classes of Python's syntax tree, made from one table: name, base, fields (`*` list, `?` optional)."""

_TABLE = """
mod AST: 
Module mod: body* type_ignores*
Interactive mod: body*
Expression mod: body
FunctionType mod: argtypes* returns
stmt AST: 
FunctionDef stmt: name args body* decorator_list* returns? type_comment? type_params*
AsyncFunctionDef stmt: name args body* decorator_list* returns? type_comment? type_params*
ClassDef stmt: name bases* keywords* body* decorator_list* type_params*
Return stmt: value?
Delete stmt: targets*
Assign stmt: targets* value type_comment?
TypeAlias stmt: name type_params* value
AugAssign stmt: target op value
AnnAssign stmt: target annotation value? simple
For stmt: target iter body* orelse* type_comment?
AsyncFor stmt: target iter body* orelse* type_comment?
While stmt: test body* orelse*
If stmt: test body* orelse*
With stmt: items* body* type_comment?
AsyncWith stmt: items* body* type_comment?
Match stmt: subject cases*
Raise stmt: exc? cause?
Try stmt: body* handlers* orelse* finalbody*
TryStar stmt: body* handlers* orelse* finalbody*
Assert stmt: test msg?
Import stmt: names*
ImportFrom stmt: module? names* level?
Global stmt: names*
Nonlocal stmt: names*
Expr stmt: value
Pass stmt: 
Break stmt: 
Continue stmt: 
expr AST: 
BoolOp expr: op values*
NamedExpr expr: target value
BinOp expr: left op right
UnaryOp expr: op operand
Lambda expr: args body
IfExp expr: test body orelse
Dict expr: keys* values*
Set expr: elts*
ListComp expr: elt generators*
SetComp expr: elt generators*
DictComp expr: key value generators*
GeneratorExp expr: elt generators*
Await expr: value
Yield expr: value?
YieldFrom expr: value
Compare expr: left ops* comparators*
Call expr: func args* keywords*
FormattedValue expr: value conversion format_spec?
Interpolation expr: value str conversion format_spec?
JoinedStr expr: values*
TemplateStr expr: values*
Constant expr: value kind?
Attribute expr: value attr ctx
Subscript expr: value slice ctx
Starred expr: value ctx
Name expr: id ctx
List expr: elts* ctx
Tuple expr: elts* ctx
Slice expr: lower? upper? step?
expr_context AST: 
Load expr_context: 
Store expr_context: 
Del expr_context: 
boolop AST: 
And boolop: 
Or boolop: 
operator AST: 
Add operator: 
Sub operator: 
Mult operator: 
MatMult operator: 
Div operator: 
Mod operator: 
Pow operator: 
LShift operator: 
RShift operator: 
BitOr operator: 
BitXor operator: 
BitAnd operator: 
FloorDiv operator: 
unaryop AST: 
Invert unaryop: 
Not unaryop: 
UAdd unaryop: 
USub unaryop: 
cmpop AST: 
Eq cmpop: 
NotEq cmpop: 
Lt cmpop: 
LtE cmpop: 
Gt cmpop: 
GtE cmpop: 
Is cmpop: 
IsNot cmpop: 
In cmpop: 
NotIn cmpop: 
comprehension AST: target iter ifs* is_async
excepthandler AST: 
ExceptHandler excepthandler: type? name? body*
arguments AST: posonlyargs* args* vararg? kwonlyargs* kw_defaults* kwarg? defaults*
arg AST: arg annotation? type_comment?
keyword AST: arg? value
alias AST: name asname?
withitem AST: context_expr optional_vars?
match_case AST: pattern guard? body*
pattern AST: 
MatchValue pattern: value
MatchSingleton pattern: value
MatchSequence pattern: patterns*
MatchMapping pattern: keys* patterns* rest?
MatchClass pattern: cls patterns* kwd_attrs* kwd_patterns*
MatchStar pattern: name?
MatchAs pattern: pattern? name?
MatchOr pattern: patterns*
type_ignore AST: 
TypeIgnore type_ignore: lineno tag
type_param AST: 
TypeVar type_param: name bound? default_value?
ParamSpec type_param: name default_value?
TypeVarTuple type_param: name default_value?
"""

PyCF_ONLY_AST = 1024
PyCF_TYPE_COMMENTS = 4096
PyCF_ALLOW_TOP_LEVEL_AWAIT = 8192
PyCF_OPTIMIZED_AST = 33792

_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_POSITIONED = {"stmt", "expr", "excepthandler", "pattern", "type_param", "arg", "keyword", "alias"}


class AST:
    _fields = ()
    _attributes = ()
    _field_types = {}
    __match_args__ = ()
    _kinds = {}

    def __init__(self, *args, **kwargs):
        cls = type(self)
        fields = cls._fields
        if len(args) > len(fields):
            plural = "" if len(fields) == 1 else "s"
            raise TypeError(f"{cls.__name__} constructor takes at most {len(fields)} positional argument{plural}")
        for name, value in zip(fields, args):
            setattr(self, name, value)
        given = set(fields[:len(args)])
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{cls.__name__} got multiple values for argument {name!r}")
            if name in fields:
                given.add(name)
            elif name not in cls._attributes:
                import warnings
                warnings.warn(
                    f"{cls.__name__}.__init__ got an unexpected keyword argument {name!r}. "
                    "Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                    DeprecationWarning, stacklevel=2)
            setattr(self, name, value)
        for name in fields:
            if name in given:
                continue
            kind = cls._kinds.get(name)
            if kind == "*":
                setattr(self, name, [])
            elif kind == "c":
                setattr(self, name, Load())
            elif kind != "?":
                import warnings
                warnings.warn(
                    f"{cls.__name__}.__init__ missing 1 required positional argument: {name!r}. "
                    "This will become an error in Python 3.15.",
                    DeprecationWarning, stacklevel=2)

    def __reduce_ex__(self, protocol):
        return _rebuild, (type(self), dict(self.__dict__))

    def __replace__(self, **changes):
        cls = type(self)
        allowed = {*cls._fields, *cls._attributes, *self.__dict__}
        for name in changes:
            if name not in allowed:
                raise TypeError(f"{cls.__name__}.__replace__ got an unexpected keyword argument {name!r}.")
        return _rebuild(cls, {**self.__dict__, **changes})


def _rebuild(cls, attributes):
    node = cls.__new__(cls)
    node.__dict__.update(attributes)
    return node


def _make():
    for line in _TABLE.split("\n"):
        if not line:
            continue
        head, _, rest = line.partition(":")
        name, base_name = head.split()
        base = globals()[base_name]
        kinds = {}
        for field in rest.split():
            plain = field.rstrip("*?")
            kinds[plain] = "c" if plain == "ctx" else field[len(plain):]
        fields = tuple(kinds)
        namespace = {"_fields": fields, "__match_args__": fields, "_kinds": kinds, "__module__": "ast"}
        if name in _POSITIONED:
            namespace["_attributes"] = _POSITION
            if name not in ("pattern", "type_param"):
                namespace["end_lineno"] = None
                namespace["end_col_offset"] = None
        for field, kind in kinds.items():
            if kind == "?":
                namespace[field] = None
        globals()[name] = type(name, (base,), namespace)


_make()
AST.__module__ = "ast"
