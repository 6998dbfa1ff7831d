//! The classes every process has, by number. The number is also the shape of their exact instances, so that
//! "exactly a list" is one compare with a constant.

use crate::spec::TypeSpec;
use crate::types as t;

macro_rules! classes {
    ($($name:ident = $spec:expr;)*) => {
        #[allow(clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum C { Nothing, $($name,)* End }
        pub static SPECS: &[Option<&'static TypeSpec>] = &[None, $(Some(&$spec)),*];
    };
}

classes! {
    Object = t::object::SPEC;
    Type = t::class::SPEC;
    Int = t::int::SPEC;
    Bool = t::int::BOOL;
    Float = t::float::SPEC;
    Complex = t::complex::SPEC;
    Str = t::string::SPEC;
    Bytes = t::bytes::SPEC;
    ByteArray = t::bytes::BYTEARRAY;
    Tuple = t::tuple::SPEC;
    List = t::list::SPEC;
    Dict = t::dict::SPEC;
    Set = t::set::SPEC;
    FrozenSet = t::set::FROZEN;
    None = t::singletons::NONE;
    Ellipsis = t::singletons::ELLIPSIS;
    NotImplemented = t::singletons::NOT_IMPLEMENTED;
    Function = t::function::SPEC;
    Builtin = t::builtin::FUNCTION;
    MethodDescriptor = t::builtin::METHOD_DESCRIPTOR;
    WrapperDescriptor = t::builtin::WRAPPER_DESCRIPTOR;
    MethodWrapper = t::builtin::METHOD_WRAPPER;
    ClassMethodDescriptor = t::builtin::CLASSMETHOD_DESCRIPTOR;
    GetSet = t::descriptors::GETSET;
    Member = t::descriptors::MEMBER;
    Property = t::descriptors::PROPERTY;
    ClassMethod = t::descriptors::CLASSMETHOD;
    StaticMethod = t::descriptors::STATICMETHOD;
    Super = t::super_::SPEC;
    Method = t::function::METHOD;
    Module = t::module::SPEC;
    Code = t::code::SPEC;
    Frame = t::frame::SPEC;
    FrameLocals = t::frame::LOCALS_PROXY;
    Traceback = t::frame::TRACEBACK;
    Generator = t::generator::SPEC;
    Coroutine = t::generator::COROUTINE;
    CoroutineWrapper = t::generator::COROUTINE_WRAPPER;
    AsyncGenerator = t::generator::ASYNC;
    AsyncGenASend = t::asyncgen::ASEND;
    AsyncGenAThrow = t::asyncgen::ATHROW;
    AsyncGenWrapped = t::asyncgen::WRAPPED;
    ANextAwaitable = t::asyncgen::ANEXT;
    Cell = t::function::CELL;
    Slice = t::slice::SPEC;
    Range = t::range::SPEC;
    RangeIter = t::range::ITER;
    LongRangeIter = t::range::LONG_ITER;
    ListIter = t::iters::LIST;
    ListRevIter = t::iters::LIST_REVERSE;
    TupleIter = t::iters::TUPLE;
    StrIter = t::iters::STR;
    BytesIter = t::iters::BYTES;
    ByteArrayIter = t::iters::BYTEARRAY;
    SeqIter = t::iters::SEQ;
    CallIter = t::iters::CALL;
    DictKeyIter = t::dictviews::KEY_ITER;
    DictValueIter = t::dictviews::VALUE_ITER;
    DictItemIter = t::dictviews::ITEM_ITER;
    DictRevKeyIter = t::dictviews::REV_KEY_ITER;
    DictRevValueIter = t::dictviews::REV_VALUE_ITER;
    DictRevItemIter = t::dictviews::REV_ITEM_ITER;
    SetIter = t::set::ITER;
    Enumerate = t::iters::ENUMERATE;
    Zip = t::iters::ZIP;
    Map = t::iters::MAP;
    Filter = t::iters::FILTER;
    Reversed = t::iters::REVERSED;
    DictKeys = t::dictviews::KEYS;
    DictValues = t::dictviews::VALUES;
    DictItems = t::dictviews::ITEMS;
    MappingProxy = t::mappingproxy::SPEC;
    MemoryView = t::memoryview::SPEC;
    GenericAlias = t::generic_alias::SPEC;
    Union = t::union::SPEC;
    WeakRef = t::weakref::SPEC;
    WeakProxy = t::weakref::PROXY;
    WeakCallableProxy = t::weakref::CALLABLE_PROXY;
    SimpleNamespace = t::namespace::SPEC;
    Capsule = t::singletons::CAPSULE;
    Template = t::template::SPEC;
    Interpolation = t::template::INTERPOLATION;
    TemplateIter = t::template::ITER;
    TypeVar = t::typevars::TYPEVAR;
    ParamSpec = t::typevars::PARAMSPEC;
    ParamSpecArgs = t::typevars::PARAMSPEC_ARGS;
    ParamSpecKwargs = t::typevars::PARAMSPEC_KWARGS;
    TypeVarTuple = t::typevars::TYPEVARTUPLE;
    TypeAlias = t::typevars::TYPEALIAS;
    Generic = t::typevars::GENERIC;
    NoDefault = t::typevars::NODEFAULT;
    BaseException = t::exceptions::BASE_EXCEPTION;
    Exception = t::exceptions::EXCEPTION;
    BaseExceptionGroup = t::exceptions::BASE_EXCEPTION_GROUP;
    GeneratorExit = t::exceptions::GENERATOR_EXIT;
    KeyboardInterrupt = t::exceptions::KEYBOARD_INTERRUPT;
    SystemExit = t::exceptions::SYSTEM_EXIT;
    ArithmeticError = t::exceptions::ARITHMETIC_ERROR;
    AssertionError = t::exceptions::ASSERTION_ERROR;
    AttributeError = t::exceptions::ATTRIBUTE_ERROR;
    BufferError = t::exceptions::BUFFER_ERROR;
    EOFError = t::exceptions::EOF_ERROR;
    ImportError = t::exceptions::IMPORT_ERROR;
    LookupError = t::exceptions::LOOKUP_ERROR;
    MemoryError = t::exceptions::MEMORY_ERROR;
    NameError = t::exceptions::NAME_ERROR;
    OSError = t::exceptions::OS_ERROR;
    ReferenceError = t::exceptions::REFERENCE_ERROR;
    RuntimeError = t::exceptions::RUNTIME_ERROR;
    StopAsyncIteration = t::exceptions::STOP_ASYNC_ITERATION;
    StopIteration = t::exceptions::STOP_ITERATION;
    SyntaxError = t::exceptions::SYNTAX_ERROR;
    SystemError = t::exceptions::SYSTEM_ERROR;
    TypeError = t::exceptions::TYPE_ERROR;
    ValueError = t::exceptions::VALUE_ERROR;
    Warning = t::exceptions::WARNING;
    FloatingPointError = t::exceptions::FLOATING_POINT_ERROR;
    OverflowError = t::exceptions::OVERFLOW_ERROR;
    ZeroDivisionError = t::exceptions::ZERO_DIVISION_ERROR;
    ModuleNotFoundError = t::exceptions::MODULE_NOT_FOUND_ERROR;
    IndexError = t::exceptions::INDEX_ERROR;
    KeyError = t::exceptions::KEY_ERROR;
    UnboundLocalError = t::exceptions::UNBOUND_LOCAL_ERROR;
    BlockingIOError = t::exceptions::BLOCKING_IO_ERROR;
    ChildProcessError = t::exceptions::CHILD_PROCESS_ERROR;
    ConnectionError = t::exceptions::CONNECTION_ERROR;
    BrokenPipeError = t::exceptions::BROKEN_PIPE_ERROR;
    ConnectionAbortedError = t::exceptions::CONNECTION_ABORTED_ERROR;
    ConnectionRefusedError = t::exceptions::CONNECTION_REFUSED_ERROR;
    ConnectionResetError = t::exceptions::CONNECTION_RESET_ERROR;
    FileExistsError = t::exceptions::FILE_EXISTS_ERROR;
    FileNotFoundError = t::exceptions::FILE_NOT_FOUND_ERROR;
    InterruptedError = t::exceptions::INTERRUPTED_ERROR;
    IsADirectoryError = t::exceptions::IS_A_DIRECTORY_ERROR;
    NotADirectoryError = t::exceptions::NOT_A_DIRECTORY_ERROR;
    PermissionError = t::exceptions::PERMISSION_ERROR;
    ProcessLookupError = t::exceptions::PROCESS_LOOKUP_ERROR;
    TimeoutError = t::exceptions::TIMEOUT_ERROR;
    NotImplementedError = t::exceptions::NOT_IMPLEMENTED_ERROR;
    PythonFinalizationError = t::exceptions::PYTHON_FINALIZATION_ERROR;
    RecursionError = t::exceptions::RECURSION_ERROR;
    IndentationError = t::exceptions::INDENTATION_ERROR;
    TabError = t::exceptions::TAB_ERROR;
    IncompleteInputError = t::exceptions::INCOMPLETE_INPUT_ERROR;
    UnicodeError = t::exceptions::UNICODE_ERROR;
    UnicodeDecodeError = t::exceptions::UNICODE_DECODE_ERROR;
    UnicodeEncodeError = t::exceptions::UNICODE_ENCODE_ERROR;
    UnicodeTranslateError = t::exceptions::UNICODE_TRANSLATE_ERROR;
    BytesWarning = t::exceptions::BYTES_WARNING;
    DeprecationWarning = t::exceptions::DEPRECATION_WARNING;
    EncodingWarning = t::exceptions::ENCODING_WARNING;
    FutureWarning = t::exceptions::FUTURE_WARNING;
    ImportWarning = t::exceptions::IMPORT_WARNING;
    PendingDeprecationWarning = t::exceptions::PENDING_DEPRECATION_WARNING;
    ResourceWarning = t::exceptions::RESOURCE_WARNING;
    RuntimeWarning = t::exceptions::RUNTIME_WARNING;
    SyntaxWarning = t::exceptions::SYNTAX_WARNING;
    UnicodeWarning = t::exceptions::UNICODE_WARNING;
    UserWarning = t::exceptions::USER_WARNING;
    // Buffers, shapes, entries and other objects that Python never sees.
    Hidden = t::singletons::HIDDEN;
    TupleGetter = t::tuple_getter::SPEC;
}

impl C {
    /// The shape of exact instances.
    #[inline(always)]
    pub const fn shape(self) -> u32 {
        self as u32
    }
}

pub const FIRST_DYNAMIC_SHAPE: u32 = C::End as u32;
