//! The intermediate representation: typed SSA with block parameters, and a frame state for every place where
//! compiled code may have to hand over to the interpreter.
//!
//! What must hold: an instruction's operands are defined before it in its block or in a dominating one (`validate`);
//! an exit's state describes the frame as it is before the bytecode instruction that the exit serves, and nothing
//! with an effect that others can see lies between the two.

use crate::unit::CodeId;
use habu_runtime::interp::tier::Place;
use rustc_hash::FxHashSet as HashSet;
use std::fmt;

macro_rules! ids {
    ($($(#[$m:meta])* $name:ident $letter:literal;)*) => {$(
        $(#[$m])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    )*};
}

ids! {
    /// An instruction and the value it gives.
    V "v";
    Block "b";
    State "s";
    Exit "x";
    /// A function body in this compilation: 0 is the one compiled, the others are inlined.
    Body "f";
}

/// How a value is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Rep {
    /// A word as the runtime has it.
    Word,
    F64,
    /// 0 or 1.
    Bool,
    /// A machine integer or an address inside an object: never seen by the interpreter.
    Raw,
}

/// Kinds that a word may be of, as a set.
pub mod kind {
    pub const INT: u8 = 1;
    pub const FLOAT: u8 = 2;
    pub const BOOL: u8 = 4;
    pub const NONE: u8 = 8;
    /// The empty word.
    pub const EMPTY: u8 = 16;
    /// A heap object that is no float.
    pub const OBJECT: u8 = 32;
    /// Ellipsis and NotImplemented.
    pub const OTHER: u8 = 64;
    pub const ANY: u8 = INT | FLOAT | BOOL | NONE | OBJECT | OTHER;
}

/// What stands for "no float: look into the frame" where a local is held unboxed that nobody reads before it is
/// written: a NaN that arithmetic does not make.
pub const ABSENT: u64 = 0x7ff8_ab5e_0007_ab5e;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Ty {
    pub rep: Rep,
    pub kinds: u8,
    /// The exact shape, where it is known and cannot change (built-in classes); 0 otherwise.
    pub shape: u32,
}

impl Ty {
    pub const F64: Ty = Ty::of(Rep::F64, kind::FLOAT);
    /// A float, or `ABSENT`: memory has what the frame's word is.
    pub const MAYBE_F64: Ty = Ty::of(Rep::F64, kind::FLOAT | kind::EMPTY);
    pub const BOOL: Ty = Ty::of(Rep::Bool, kind::BOOL);
    pub const RAW: Ty = Ty::of(Rep::Raw, 0);
    pub const ANY: Ty = Ty::word(kind::ANY);
    pub const INT: Ty = Ty::word(kind::INT);
    pub const OBJECT: Ty = Ty::word(kind::OBJECT);
    pub const NONE: Ty = Ty::word(0);

    const fn of(rep: Rep, kinds: u8) -> Ty {
        Ty {
            rep,
            kinds,
            shape: 0,
        }
    }
    pub const fn word(kinds: u8) -> Ty {
        Ty::of(Rep::Word, kinds)
    }
    pub const fn shape(shape: u32) -> Ty {
        Ty {
            rep: Rep::Word,
            kinds: kind::OBJECT,
            shape,
        }
    }
    pub fn is_int(self) -> bool {
        self.rep == Rep::Word && self.kinds == kind::INT
    }
    /// A float for sure, however it is held.
    pub fn is_float(self) -> bool {
        self.kinds == kind::FLOAT
    }
    pub fn may(self, kinds: u8) -> bool {
        self.kinds & kinds != 0
    }
    /// An unboxed float that may be `ABSENT`.
    pub fn is_maybe(self) -> bool {
        self.rep == Rep::F64 && self.may(kind::EMPTY)
    }
    /// Nothing but these kinds.
    pub fn only(self, kinds: u8) -> bool {
        self.kinds & !kinds == 0
    }
    /// The least type that covers both.
    pub fn join(self, o: Ty) -> Ty {
        if self == o {
            return self;
        }
        let kinds = self.kinds | o.kinds;
        if kinds == kind::FLOAT {
            // A float for sure: one of the two is unboxed, and the other can be.
            return Ty::F64;
        }
        if self.rep == o.rep && self.rep != Rep::Word {
            return Ty { kinds, ..self };
        }
        Ty {
            rep: Rep::Word,
            kinds,
            shape: if self.shape == o.shape { self.shape } else { 0 },
        }
    }
    /// Is every value of this type one of `o`, held the same way?
    pub fn fits(self, o: Ty) -> bool {
        self.rep == o.rep && self.only(o.kinds) && (o.shape == 0 || o.shape == self.shape)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum IntOp {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    FloorDiv,
    Mod,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Cmp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RawOp {
    Add,
    Sub,
    /// To the right, unsigned.
    Shr,
    Mul,
    And,
    Or,
    Xor,
    Shl,
    /// To the right, with the sign.
    Sar,
}

/// How a number lies in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    F32,
    F64,
}

impl Number {
    /// By the type codes of `array`.
    pub fn of_code(code: u8) -> Option<Number> {
        Some(match code {
            b'b' => Number::I8,
            b'B' => Number::U8,
            b'h' => Number::I16,
            b'H' => Number::U16,
            b'i' => Number::I32,
            b'I' => Number::U32,
            b'l' | b'q' => Number::I64,
            b'f' => Number::F32,
            b'd' => Number::F64,
            _ => return None,
        })
    }
    pub fn is_float(self) -> bool {
        matches!(self, Number::F32 | Number::F64)
    }
    /// Binary logarithm of its size in bytes.
    pub fn scale(self) -> u8 {
        match self {
            Number::I8 | Number::U8 => 0,
            Number::I16 | Number::U16 => 1,
            Number::I32 | Number::U32 | Number::F32 => 2,
            Number::I64 | Number::F64 => 3,
        }
    }
    /// Least and greatest value of the narrow ints.
    pub fn range(self) -> Option<(i64, i64)> {
        Some(match self {
            Number::I8 => (-128, 127),
            Number::U8 => (0, 255),
            Number::I16 => (-32768, 32767),
            Number::U16 => (0, 65535),
            Number::I32 => (i32::MIN as i64, i32::MAX as i64),
            Number::U32 => (0, u32::MAX as i64),
            _ => return None,
        })
    }
}

/// Must an int be exact as a float (for comparisons), or is it rounded (for arithmetic)?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Exactly {
    Yes,
    Rounded,
}

/// What a guard asks of a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Test {
    Int,
    Bool,
    /// A heap object with this shape.
    Shape(u32),
    NotEmpty,
    /// A heap object of any kind.
    Object,
    /// A tuple of this many items.
    Items(u32),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Inst {
    /// Parameter of its block.
    Param,
    Word(u64),
    F64(u64),
    Raw(i64),
    /// Word `n` of the frame, read at the entry.
    Slot(u32),
    /// The word itself once it passes the test.
    Guard(V, Test, Exit),
    /// The float in a word (of any float representation).
    Unbox(V, Exit),
    /// The same, or an int as a float.
    UnboxNumber(V, Exit, Exactly),
    /// The float in a word that is one for sure.
    Open(V),
    /// Leaves unless the condition holds.
    GuardTrue(V, Exit),
    /// Leaves if the condition holds.
    GuardFalse(V, Exit),
    Int(IntOp, V, V, Exit),
    IntNeg(V, Exit),
    IntCmp(Cmp, V, V),
    Float(FloatOp, V, V),
    FloatNeg(V),
    FloatAbs(V),
    FloatSqrt(V),
    FloatCmp(Cmp, V, V),
    IntToFloat(V),
    /// A float without its fraction as a machine integer, which leaves where that is no int word.
    Truncate(V, Exit),
    /// A float as a word; may allocate.
    Box(V),
    /// `True` or `False` as a word.
    BoolWord(V),
    Not(V),
    /// Are the two words the same?
    Same(V, V),
    /// `cond ? a : b` of words or raws.
    Select(V, V, V),
    /// Are both words ints?
    BothInts(V, V),
    /// Is the word an int, a bool, None or Ellipsis?
    IsPlain(V),
    /// The truth of such a word.
    PlainTruth(V),
    /// Is the word a Python function that takes exactly this many positional arguments?
    TakesExactly(V, u32),
    /// Int word to machine integer.
    Untag(V),
    /// Machine integer (known to fit) to int word.
    Tag(V),
    RawOp(RawOp, V, V),
    /// The upper 32 bits.
    HighHalf(V),
    RawCmp(Cmp, V, V),
    /// Unsigned comparison `a < b`.
    Below(V, V),
    /// The first, which leaves unless it is below the second (unsigned): an index that has been checked.
    Bounded(V, V, Exit),
    /// The word at `base + offset`: a value.
    Load(V, i32),
    /// The same for what never changes in an object.
    LoadFixed(V, i32, Ty),
    /// The shape of an object; of a word that is no object 0.
    LoadShape(V),
    /// The word itself, where more is known of it than elsewhere.
    Known(V),
    /// The word at `base + offset` as a machine integer; may change.
    LoadRaw(V, i32),
    /// The value at `base + 8 * index + offset`.
    LoadItem(V, V, i32),
    /// Store a value into an object: owner, offset, value; with the write barrier.
    Store(V, i32, V),
    /// Owner, index, offset, value.
    StoreItem(V, V, i32, V),
    /// The number at `base + size * index + offset`: an unboxed float, or a machine integer.
    LoadNumber(Number, V, V, i32),
    /// Base, index, offset, number.
    StoreNumber(Number, V, V, i32, V),
    /// Store a machine word without barrier.
    StoreRaw(V, i32, V),
    /// Change the object's shape.
    SetShape(V, u32),
    /// The same for an object just made.
    InitShape(V, u32),
    /// The address of word `n` of the frame.
    FrameAddress(u32),
    /// Does somebody want this thread?
    Wanted,
    /// Who takes the items of the generator that runs; 0: they are yielded.
    Sink,
    /// Write a value to word `n` of the frame, where others may see it.
    Sync(u32, V),
    /// The same for an unboxed float, unless it is `ABSENT`.
    SyncMaybe(u32, V),
    /// The same for what a generator keeps while it is suspended, operands included.
    Save(u32, V),
    /// The body's frame is at this op.
    At(Body, u32),
    /// The body's frame is the current one, and all that the VM stack holds ends with this code's words.
    Current(Body),
    /// Leaves where so many frames above this body's are too deep.
    Deep(Body, u32, Exit),
    /// Make the header of an inlined body's frame, which others may see from here on.
    Header(Body),
    /// An inlined body whose frame has a header returns; leaves before that where somebody keeps the frame.
    Pop(Body, Exit),
    /// So many instructions of bytecode begin here (`-X stats=instructions`).
    Count(u32),
    /// A runtime function: its number in `helpers`, arguments, where to go if it raised.
    Call(u16, Box<[V]>, Option<Exit>),
    /// Push a frame for this function (a constant or a value) and call its code's entry: function, code address,
    /// words of frame, arguments.
    CallPython(Box<PythonCall>),
    /// Room for an object: header word, size in bytes. The words behind the header are not set yet.
    Alloc(u64, u32, Exit),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PythonCall {
    pub func: V,
    /// Address of the code object; 0: the function is only known when it is called.
    pub code: u64,
    /// For how many words, of the code object's frame, there is to be room; `None`: there is.
    pub room: Option<u32>,
    /// How many frames above the body's must not be too deep; 0: they are not.
    pub levels: u32,
    /// The body that calls.
    pub body: Body,
    pub args: Vec<V>,
    /// More flags of its frame.
    pub flags: u64,
    /// Where to go if it raised; `None`: what it gives is looked at.
    pub exit: Option<Exit>,
    /// Taken when there is no room for the frame: the interpreter does the call.
    pub deep: Exit,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Term {
    /// Not finished yet.
    Open,
    Jump(Block, Vec<V>),
    /// Condition, then, else. Arguments go only through blocks that jump.
    Branch(V, Block, Block),
    /// Leaves before the return where somebody keeps the frame, if anybody can have seen it.
    Return(V, Option<Exit>),
    /// A generator's frame was put away; this is what whoever resumed it gets.
    Give(V),
    Leave(Exit),
}

/// What a frame word holds as far as the compiler knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Held {
    Value(V),
    /// The empty word.
    Empty,
    /// A range iterator that was not made: next, step, left.
    Range(V, V, V),
    /// A list iterator that was not made: list, index.
    List(V, V),
    /// A tuple that was not made: one of the function's list (only passes find them).
    Tuple(u32),
    /// A Python function that was not made, the same.
    Function(u32),
    /// An instance that was not made, the same.
    Object(u32),
}

/// An instance that only exits make: its first word, and the others.
#[derive(Clone, Debug)]
pub struct NewObject {
    pub header: u64,
    pub words: Vec<Held>,
}

/// A Python function that only exits make.
#[derive(Clone, Debug)]
pub struct NewFunction {
    /// A function with the same globals, and the code object.
    pub like: V,
    pub code: u64,
    /// A tuple, or nothing.
    pub closure: Held,
}

/// The frame before a bytecode instruction.
#[derive(Clone, PartialEq, Debug)]
pub struct FrameState {
    pub body: Body,
    /// Index of the op to go on at.
    pub op: u32,
    /// Of the instruction that is being done, for the counters.
    pub line: u32,
    pub offset: u32,
    /// Words on the operand stack.
    pub depth: u32,
    /// Frame words that memory does not have yet.
    pub dirty: Vec<(u32, Held)>,
    /// Memory has the frame's header.
    pub framed: bool,
    /// State of the caller, for inlined bodies.
    pub parent: Option<State>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Why {
    /// The runtime raised.
    Raised,
    /// The thread is wanted (collection, signal, GIL).
    Poll,
    /// An inner loop that was compiled alone ended.
    LoopEnd,
    /// Code that was never run: nothing is known of it.
    Unseen,
    /// An instruction that this tier does not compile.
    NotCompiled,
    Int,
    Float,
    Bool,
    Shape,
    Kind,
    Same,
    Empty,
    Overflow,
    Index,
    /// An index that counts from the front.
    Negative,
    Zero,
    Global,
    Class,
    Deep,
    /// What was to hold for a whole loop.
    Loop,
    /// What was assumed holds no more.
    Broken,
    /// Somebody keeps the frame, which is to show what its locals were at the end.
    Kept,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ExitData {
    pub state: State,
    pub why: Why,
}

#[derive(Clone, Debug)]
pub struct InstData {
    pub inst: Inst,
    pub ty: Ty,
}

#[derive(Clone, Debug)]
pub struct BlockData {
    pub params: Vec<V>,
    pub insts: Vec<V>,
    pub term: Term,
    pub cold: bool,
    pub header: bool,
}

/// Who takes the items of a generator that runs where they are taken, and what becomes of those that are left when an
/// exit has made it an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taking {
    /// A loop: the caller stands at its FOR_ITER, which has the generator.
    Loop,
    /// `sum`, with what there is so far and what rounding has lost of it.
    Sum,
    /// `set`, with the set.
    Set,
    /// A call that gets a list of all items, with the list.
    List,
}

impl Taking {
    /// Words that it keeps.
    pub fn words(self) -> usize {
        match self {
            Taking::Loop => 0,
            Taking::Sum => 2,
            Taking::Set | Taking::List => 1,
        }
    }
}

/// A body's place in the frame of the whole.
#[derive(Clone, Debug)]
pub struct BodyData {
    pub name: String,
    /// For inlined bodies.
    pub caller: Option<Body>,
    pub code: CodeId,
    /// Addresses of its threaded code and its function (0: the frame has it).
    pub ops: u64,
    pub func: u64,
    /// Where its locals begin, in words from the outermost frame's locals.
    pub base: u32,
    pub locals: u32,
    pub words: u32,
    /// For inlined bodies: the caller's stack word that gets the result, flags of its frame.
    pub result: u32,
    pub flags: u64,
    /// For generators whose items are taken at once: by whom, and the first of the words that exits store for that: the
    /// function, then what `Taking` keeps.
    pub taking: Option<(Taking, u32)>,
    /// Its frame has a header before anything is called that may look at it. An inlined body without calls nothing of the
    /// kind.
    pub framed: bool,
}

/// Something that the code takes for granted and checks nowhere: the runtime tells when it changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Assumption {
    /// An object and what of it, as `core::watch` has it.
    pub owner: u64,
    pub what: u64,
    /// Where that was assumed, and what it was to be good for.
    pub code: CodeId,
    pub offset: u32,
    pub why: Why,
}

#[derive(Clone, Debug, Default)]
pub struct Func {
    pub insts: Vec<InstData>,
    pub blocks: Vec<BlockData>,
    pub states: Vec<FrameState>,
    pub exits: Vec<ExitData>,
    pub bodies: Vec<BodyData>,
    /// Heap words that the code mentions: they must stay alive as long as the code.
    pub roots: Vec<u64>,
    /// Why calls of known functions were not inlined.
    pub not_inlined: Vec<&'static str>,
    /// Offset of the loop header for OSR code.
    pub osr: Option<u32>,
    /// The state that OSR code begins with: guards that leave to it only say what was seen, and may go if unused.
    pub entry: Option<State>,
    /// Items of tuples that only exits make.
    pub tuples: Vec<Vec<V>>,
    /// Functions that only exits make.
    pub functions: Vec<NewFunction>,
    /// Instances that only exits make.
    pub objects: Vec<NewObject>,
    /// For loop headers the exit of guards that are moved before the loop: the interpreter begins it then.
    pub loop_exits: Vec<(Block, Exit)>,
    /// Where the frame is.
    pub place: Place,
    pub assumptions: HashSet<Assumption>,
    /// Address of the word that is 1 while they all hold.
    pub valid: u64,
    /// Values whose type decided something: their guards stay though nobody uses them.
    pub relied: Vec<V>,
}

impl Func {
    pub fn ty(&self, v: V) -> Ty {
        self.insts[v.index()].ty
    }
    pub fn inst(&self, v: V) -> &Inst {
        &self.insts[v.index()].inst
    }
    pub fn block(&self, b: Block) -> &BlockData {
        &self.blocks[b.index()]
    }
    /// The body and those whose calls led to it.
    pub fn callers(&self, body: Body) -> impl Iterator<Item = Body> {
        std::iter::successors(Some(body), |b| self.bodies[b.index()].caller)
    }
    /// For each body: is its frame the thread's current one anywhere, or that of a body inside it?
    pub fn ever_current(&self) -> Vec<bool> {
        let mut are = vec![false; self.bodies.len()];
        for d in &self.insts {
            if let Inst::Current(b) = d.inst {
                self.callers(b).for_each(|b| are[b.index()] = true);
            }
        }
        are
    }
    pub fn new_block(&mut self) -> Block {
        self.blocks.push(BlockData {
            params: Vec::new(),
            insts: Vec::new(),
            term: Term::Open,
            cold: false,
            header: false,
        });
        Block(self.blocks.len() as u32 - 1)
    }
    pub fn new_value(&mut self, inst: Inst, ty: Ty) -> V {
        self.insts.push(InstData { inst, ty });
        V(self.insts.len() as u32 - 1)
    }
    pub fn append(&mut self, b: Block, inst: Inst, ty: Ty) -> V {
        let v = self.new_value(inst, ty);
        self.blocks[b.index()].insts.push(v);
        v
    }
    pub fn param(&mut self, b: Block, ty: Ty) -> V {
        let v = self.new_value(Inst::Param, ty);
        self.blocks[b.index()].params.push(v);
        v
    }
    pub fn state(&mut self, s: FrameState) -> State {
        self.states.push(s);
        State(self.states.len() as u32 - 1)
    }
    pub fn exit(&mut self, state: State, why: Why) -> Exit {
        // Exits of one state and reason are one.
        let from = self.exits.len().saturating_sub(16);
        for i in from..self.exits.len() {
            if self.exits[i].state == state && self.exits[i].why == why {
                return Exit(i as u32);
            }
        }
        self.exits.push(ExitData { state, why });
        Exit(self.exits.len() as u32 - 1)
    }
    fn held_values(&self, h: Held, f: &mut impl FnMut(V)) {
        match h {
            Held::Tuple(n) => self.tuples[n as usize].iter().for_each(|&v| f(v)),
            Held::Object(n) => {
                for &h in &self.objects[n as usize].words {
                    self.held_values(h, f);
                }
            }
            Held::Function(n) => {
                let made = &self.functions[n as usize];
                f(made.like);
                self.held_values(made.closure, f);
            }
            Held::Value(v) => f(v),
            Held::Empty => {}
            Held::Range(a, b, c) => {
                f(a);
                f(b);
                f(c)
            }
            Held::List(a, b) => {
                f(a);
                f(b)
            }
        }
    }
    /// Every value that this exit needs.
    pub fn exit_values(&self, x: Exit, f: &mut impl FnMut(V)) {
        let mut s = Some(self.exits[x.index()].state);
        while let Some(i) = s {
            let st = &self.states[i.index()];
            for &(_, h) in &st.dirty {
                self.held_values(h, f);
            }
            s = st.parent;
        }
    }
}
