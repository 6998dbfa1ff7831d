//! The layouts, field by field. What `kinds::KINDS` tells the collector of objects of one size is counted from here.

use super::{Gc, Object, Word};
use crate::kinds;
use habu_heap::{Header, Layout, Slot, Value};

macro_rules! layouts {
    ($($(#[$m:meta])* $name:ident : $kind:ident { $($field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$m])*
        #[repr(C)]
        pub struct $name { pub header: Header, $(pub $field: $ty),* }
        impl Object for $name { const KIND: u8 = kinds::$kind; }
        impl Fields for $name { const ARE_VALUES: &'static [bool] = &[$(<$ty as Field>::IS_VALUE),*]; }
    )*};
}

/// What a word behind the header is.
pub trait Field {
    const IS_VALUE: bool;
}
impl Field for Slot {
    const IS_VALUE: bool = true;
}
impl Field for Word {
    const IS_VALUE: bool = false;
}

/// The words behind an object's header, in order.
pub trait Fields {
    const ARE_VALUES: &'static [bool];
}

/// Objects of one size: the collector looks at the words up to the last value.
pub const fn fixed<T: Fields>() -> Layout {
    let words = T::ARE_VALUES.len();
    let mut values = words;
    while values > 0 && !T::ARE_VALUES[values - 1] {
        values -= 1;
    }
    Layout::Fixed {
        values: values as u16,
        words: words as u16,
    }
}

layouts! {
    /// Text: `width` bytes a code point; data stands behind the struct, or in `owner`'s buffer.
    StrObj: STR { sizes: Word, owner: Slot, len: Word, hash: Word }
    BytesObj: BYTES { sizes: Word, len: Word, hash: Word }
    /// An int beyond 63 bits: magnitude limbs behind the struct, sign in the flags.
    IntObj: INT { sizes: Word, limbs: Word }
    FloatObj: FLOAT { value: Word }
    ComplexObj: COMPLEX { re: Word, im: Word }
    /// `hash`: 0 until somebody asked.
    TupleObj: TUPLE { sizes: Word, hash: Word }
    ListObj: LIST { buf: Slot }
    /// `items` words behind the struct; capacity is the value words of `sizes`.
    ListBuf: LISTBUF { sizes: Word, len: Word }
    DictObj: DICT { table: Slot }
    SetObj: SET { table: Slot }
    /// `hash`: 0 until somebody asked; `low`: the same (see `core::dict`).
    FrozenSetObj: FROZENSET { table: Slot, hash: Word, low: Word }
    /// Entries (key, value, hash) behind the struct, as many as the value words of `sizes` say; then the index.
    Table: TABLE { sizes: Word, id: Word, live: Word, fill: Word, mask: Word, capacity: Word }
    ByteArrayObj: BYTEARRAY { buf: Slot, start: Word, len: Word, exports: Word }
    /// Plain bytes for whoever needs a buffer.
    RawBuf: RAW { sizes: Word }
    ArrayObj: ARRAY { sizes: Word }

    TypeObj: TYPE {
        name: Slot, qualname: Slot, bases: Slot, mro: Slot, base: Slot, dict: Slot, subclasses: Slot,
        root_shape: Slot, entries: Slot, specials: Slot, slot_names: Slot, doc: Slot, weak_shapes: Slot,
        metaclass_spare: Slot, v14: Slot, v15: Slot, v16: Slot, v17: Slot, v18: Slot, v19: Slot,
        flags: Word, version: Word, spec: Word, native_words: Word, inline_hint: Word, instance_kind: Word,
        slot_count: Word, id: Word
    }
    ShapeObj: SHAPE {
        class: Slot, parent: Slot, key: Slot, names: Slot, transitions: Slot,
        id: Word, count: Word, inline: Word
    }
    /// The answer of a lookup of a name through a shape's class; shared by all sites, zeroed when it goes stale.
    Entry: ENTRY { name: Slot, value: Slot, shape: Word, info: Word }
    CodeObj: CODE {
        name: Slot, qualname: Slot, filename: Slot, consts: Slot, names: Slot, locals: Slot, kinds: Slot,
        code: Slot, line_table: Slot, exception_table: Slot, ops: Slot, traced: Slot, native_consts: Slot, events: Slot, home: Slot,
        argcount: Word, posonly: Word, kwonly: Word, flags: Word, stacksize: Word, firstlineno: Word,
        nlocalsplus: Word, ncells: Word, nfrees: Word, nlocals: Word, heat: Word, simple_argc: Word,
        entry: Word, tier: Word
    }
    /// Generators, coroutines, async generators. The suspended frame's locals and operand stack stand behind the struct,
    /// and `sizes` tells how many words they are. The last six fields are what a frame's header has, in that order:
    /// native code may take the saved words for the frame.
    GeneratorObj: GENERATOR {
        sizes: Word, name: Slot, qualname: Slot, frame: Slot, handled: Slot, caller_handled: Slot, origin: Slot,
        hooks: Slot, state: Slot, running_async: Slot, sink: Slot,
        prev: Slot, ip: Slot, ret_sp: Slot, frame_flags: Slot, extra: Slot, func: Slot
    }
    WeakRefObj: WEAKREF { target: Word, callback: Slot, spare: Slot, attrs: Slot }
    NativeBox: NATIVE_BOX { extra: Slot, extra2: Slot, data: Word, drop: Word }

    Instance: INSTANCE { attrs: Slot }
    FunctionObj: FUNCTION {
        attrs: Slot, code: Slot, globals: Slot, builtins: Slot, simple_argc: Slot, name: Slot, qualname: Slot,
        defaults: Slot, kwdefaults: Slot, closure: Slot, doc: Slot, module: Slot, annotations: Slot,
        annotate: Slot, type_params: Slot
    }
    BuiltinObj: BUILTIN { attrs: Slot, def: Slot, this: Slot, module: Slot, owner: Slot }
    MethodObj: METHOD { attrs: Slot, func: Slot, this: Slot }
    CellObj: CELL { attrs: Slot, value: Slot }
    ModuleObj: MODULE { attrs: Slot, dict: Slot }
    SliceObj: SLICE { attrs: Slot, start: Slot, stop: Slot, step: Slot }
    RangeObj: RANGE { attrs: Slot, start: Slot, stop: Slot, step: Slot, len: Slot }
    ExcObj: EXC {
        attrs: Slot, args: Slot, traceback: Slot, context: Slot, cause: Slot, suppress: Slot, notes: Slot,
        f0: Slot, f1: Slot, f2: Slot, f3: Slot, f4: Slot, f5: Slot, f6: Slot, f7: Slot
    }
    PropertyObj: PROPERTY { attrs: Slot, get: Slot, set: Slot, del: Slot, doc: Slot, name: Slot, getter_doc: Slot }
    ClassMethodObj: CLASSMETHOD { attrs: Slot, func: Slot }
    StaticMethodObj: STATICMETHOD { attrs: Slot, func: Slot }
    /// A `__slots__` member: word `index` behind the header.
    MemberObj: MEMBER { attrs: Slot, name: Slot, owner: Slot, index: Slot }
    TupleGetterObj: TUPLE_GETTER { attrs: Slot, index: Slot, doc: Slot }
    GetSetObj: GETSET { attrs: Slot, def: Slot, owner: Slot }
    SuperObj: SUPER { attrs: Slot, class: Slot, this: Slot, this_class: Slot }
    TracebackObj: TRACEBACK { attrs: Slot, next: Slot, frame: Slot, lasti: Slot, lineno: Slot }
    /// `fp` is the address of the live frame as a tagged int, or absent once the frame has gone; `jump` is the depth of
    /// the operand stack where `f_lineno` was set to.
    FrameObj: FRAME {
        attrs: Slot, func: Slot, fp: Slot, back: Slot, lasti: Slot, saved: Slot, locals: Slot, extra_locals: Slot,
        trace: Slot, jump: Slot, trace_lines: Slot, trace_opcodes: Slot, generator: Slot
    }
    /// Iterators with a position: list, tuple, str, bytes, sequence protocol.
    IndexIter: LIST_ITER { attrs: Slot, source: Slot, index: Slot }
    RangeIter: RANGE_ITER { attrs: Slot, next: Slot, step: Slot, left: Slot }
    /// `what`: 0 keys, 1 values, 2 items.
    DictIter: DICT_ITER { attrs: Slot, source: Slot, index: Slot, what: Slot, expect: Slot, left: Slot }
    DictView: DICT_VIEW { attrs: Slot, dict: Slot, what: Slot }
    CallIter: CALL_ITER { attrs: Slot, func: Slot, sentinel: Slot }
    EnumerateObj: ENUMERATE { attrs: Slot, iter: Slot, index: Slot }
    ZipObj: ZIP { attrs: Slot, iters: Slot, strict: Slot }
    MapObj: MAP { attrs: Slot, func: Slot, iters: Slot, strict: Slot }
    FilterObj: FILTER { attrs: Slot, func: Slot, iter: Slot }
    ReversedObj: REVERSED { attrs: Slot, source: Slot, index: Slot }
    MappingProxyObj: MAPPINGPROXY { attrs: Slot, mapping: Slot }
    GenericAliasObj: GENERIC_ALIAS { attrs: Slot, origin: Slot, args: Slot, params: Slot, starred: Slot }
    UnionObj: UNION { attrs: Slot, args: Slot, params: Slot }
    RecordObj: RECORD { attrs: Slot }
}

impl TupleObj {
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.sizes.get() >> 32) as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `len` initialized non-zero words stand behind the struct, and tuples do not change.
        unsafe {
            std::slice::from_raw_parts((self as *const Self).add(1) as *const Value, self.len())
        }
    }
    #[inline(always)]
    pub fn slot(&self, i: usize) -> &Slot {
        debug_assert!(i < self.len());
        // SAFETY: as above.
        unsafe { &*((self as *const Self).add(1) as *const Slot).add(i) }
    }
}

impl ArrayObj {
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.sizes.get() >> 32) as usize
    }
    #[inline(always)]
    pub fn slot(&self, i: usize) -> &Slot {
        debug_assert!(i < self.len());
        // SAFETY: `len` words stand behind the struct.
        unsafe { &*((self as *const Self).add(1) as *const Slot).add(i) }
    }
}

impl BytesObj {
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes stand behind the struct and do not change.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const Self).add(1) as *const u8,
                self.len.get() as usize,
            )
        }
    }
}

impl FloatObj {
    #[inline(always)]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.value.get())
    }
}

impl RecordObj {
    /// Word `i` of a native record (0 is the first behind the attribute storage).
    #[inline(always)]
    pub fn slot(&self, i: usize) -> &Slot {
        // SAFETY: native classes ask only for the words that their spec declares.
        unsafe { &*((self as *const Self).add(1) as *const Slot).add(i) }
    }
}

impl<T> Gc<T> {
    /// Value word `i` behind the header (any `Inst` kind; 0 is the attribute storage).
    #[inline(always)]
    pub fn word(self, i: usize) -> &'static Slot {
        // SAFETY: callers take `i` from the object's shape or spec, which describe this object.
        unsafe { &*(self.header().add(1) as *const Slot).add(i) }
    }
}
