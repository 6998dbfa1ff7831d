//! Names the runtime itself looks up, interned once. The first ones are the special methods that classes cache
//! by number (`core::class::special`).

use crate::runtime::rt;
use habu_heap::Value;

macro_rules! known_names {
    (specials { $($s:ident = $st:literal),* $(,)? } others { $($o:ident = $ot:literal),* $(,)? }) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum N { $($s,)* SpecialsEnd, $($o,)* End }
        pub const TEXTS: &[&str] = &[$($st,)* "", $($ot,)* ""];
    };
}

known_names! {
    specials {
        New = "__new__", Init = "__init__", Del = "__del__", Repr = "__repr__", Str = "__str__",
        Bytes = "__bytes__", Format = "__format__", Hash = "__hash__", Bool = "__bool__",
        GetAttribute = "__getattribute__", GetAttr = "__getattr__", SetAttr = "__setattr__",
        DelAttr = "__delattr__", Dir = "__dir__", Get = "__get__", Set = "__set__", Delete = "__delete__",
        Call = "__call__", Len = "__len__", LengthHint = "__length_hint__", GetItem = "__getitem__",
        SetItem = "__setitem__", DelItem = "__delitem__", Missing = "__missing__", Iter = "__iter__",
        Next = "__next__", Reversed = "__reversed__", Contains = "__contains__",
        Lt = "__lt__", Le = "__le__", Eq = "__eq__", Ne = "__ne__", Gt = "__gt__", Ge = "__ge__",
        Add = "__add__", And = "__and__", FloorDiv = "__floordiv__", LShift = "__lshift__",
        MatMul = "__matmul__", Mul = "__mul__", Mod = "__mod__", Or = "__or__", Pow = "__pow__",
        RShift = "__rshift__", Sub = "__sub__", TrueDiv = "__truediv__", Xor = "__xor__",
        RAdd = "__radd__", RAnd = "__rand__", RFloorDiv = "__rfloordiv__", RLShift = "__rlshift__",
        RMatMul = "__rmatmul__", RMul = "__rmul__", RMod = "__rmod__", ROr = "__ror__", RPow = "__rpow__",
        RRShift = "__rrshift__", RSub = "__rsub__", RTrueDiv = "__rtruediv__", RXor = "__rxor__",
        IAdd = "__iadd__", IAnd = "__iand__", IFloorDiv = "__ifloordiv__", ILShift = "__ilshift__",
        IMatMul = "__imatmul__", IMul = "__imul__", IMod = "__imod__", IOr = "__ior__", IPow = "__ipow__",
        IRShift = "__irshift__", ISub = "__isub__", ITrueDiv = "__itruediv__", IXor = "__ixor__",
        DivMod = "__divmod__", RDivMod = "__rdivmod__",
        Neg = "__neg__", Pos = "__pos__", Abs = "__abs__", Invert = "__invert__", Int = "__int__",
        Float = "__float__", Complex = "__complex__", Index = "__index__", Round = "__round__",
        Trunc = "__trunc__", Floor = "__floor__", Ceil = "__ceil__",
        Enter = "__enter__", Exit = "__exit__", AEnter = "__aenter__", AExit = "__aexit__",
        Await = "__await__", AIter = "__aiter__", ANext = "__anext__",
        InstanceCheck = "__instancecheck__", SubclassCheck = "__subclasscheck__",
        Buffer = "__buffer__", ReleaseBuffer = "__release_buffer__",
    }
    others {
        Class = "__class__", Dict = "__dict__", Doc = "__doc__", Name = "__name__", QualName = "__qualname__",
        Module = "__module__", Slots = "__slots__", Bases = "__bases__", Mro = "__mro__", MroCall = "mro",
        ClassCell = "__classcell__", InitSubclass = "__init_subclass__", SetName = "__set_name__",
        ClassGetItem = "__class_getitem__", Prepare = "__prepare__", MroEntries = "__mro_entries__",
        Annotations = "__annotations__", Annotate = "__annotate__", AnnotateFunc = "__annotate_func__",
        TypeParams = "__type_params__", StaticAttributes = "__static_attributes__",
        FirstLineNo = "__firstlineno__", AbstractMethods = "__abstractmethods__", WeakRef = "__weakref__",
        Builtins = "__builtins__", Main = "__main__", File = "__file__", Path = "__path__", Spec = "__spec__",
        Loader = "__loader__", Package = "__package__", All = "__all__", Import = "__import__",
        BuildClass = "__build_class__", MatchArgs = "__match_args__", Wrapped = "__wrapped__",
        Reduce = "__reduce__", ReduceEx = "__reduce_ex__", GetState = "__getstate__", SetState = "__setstate__",
        GetNewArgs = "__getnewargs__", GetNewArgsEx = "__getnewargs_ex__", Copy = "__copy__",
        DeepCopy = "__deepcopy__", SizeOf = "__sizeof__", Fspath = "__fspath__", Notes = "__notes__",
        Origin = "__origin__", Args = "__args__", Parameters = "__parameters__",
        TypingSubst = "__typing_subst__", TypingPrepareSubst = "__typing_prepare_subst__",
        TypingUnpackedTupleArgs = "__typing_unpacked_tuple_args__", Unpacked = "__unpacked__",
        OrigClass = "__orig_class__", OrigBases = "__orig_bases__", IsAbstract = "__isabstractmethod__",
        Func = "__func__", SelfAttr = "__self__", Closure = "__closure__", Code = "__code__",
        Defaults = "__defaults__", KwDefaults = "__kwdefaults__", Globals = "__globals__",
        ObjClass = "__objclass__", TextSignature = "__text_signature__", Cause = "__cause__",
        Context = "__context__", Traceback = "__traceback__", SuppressContext = "__suppress_context__",
        Send = "send", Throw = "throw", Close = "close", Keys = "keys", Items = "items", Values = "values",
        Append = "append", Write = "write", Flush = "flush", Read = "read", ReadLine = "readline",
        Stdout = "stdout", Stderr = "stderr", Stdin = "stdin", Encoding = "encoding", Errors = "errors",
        Modules = "modules", MetaPath = "meta_path", Initializing = "_initializing", Origin_ = "origin",
        Metaclass = "metaclass", Key = "key", Reverse = "reverse", Default = "default", Sep = "sep",
        End_ = "end", File_ = "file", Args_ = "args", Value = "value", Join = "join", Update = "update",
        Get_ = "get", Underscore = "_", GetItem_ = "__getitem__", Isalpha = "isalpha",
        FindAndLoad = "_find_and_load", HandleFromlist = "_handle_fromlist", Static = "staticmethod",
        ClassDict = "__classdict__", ClassDictCell = "__classdictcell__", Debug = "__debug__",
        Displayhook = "displayhook", Excepthook = "excepthook", Genexpr = "<genexpr>", Lambda = "<lambda>",
        ModuleCode = "<module>", FileNo = "fileno", Isatty = "isatty", Lower = "lower", Empty = "",
        Obj = "obj", Name_ = "name", Msg = "msg", Filename = "filename", LineNo = "lineno",
        Offset = "offset", Text = "text", EndLineNo = "end_lineno", EndOffset = "end_offset",
        PrintFileAndLine = "print_file_and_line", Signature = "__signature__", Real = "real", Imag = "imag",
        HashInfo = "hash_info", Path_ = "path", Last_exc = "last_exc", Mro_ = "__mro__",
        Warn = "warn", Category = "category", StackLevel = "stacklevel", Source = "source",
        Numerator = "numerator", Denominator = "denominator",
        TraceCall = "call", TraceLine = "line", TraceReturn = "return", TraceException = "exception",
        TraceOpcode = "opcode", TraceCCall = "c_call", TraceCReturn = "c_return", TraceCException = "c_exception",
    }
}

/// The interned string of a known name.
#[inline(always)]
pub fn nm(n: N) -> Value {
    // SAFETY: all known names are interned before anything asks for one.
    unsafe { rt().names[n as usize].get_unchecked() }
}

pub const SPECIALS: usize = N::SpecialsEnd as usize;
