//! What instructions and the ends of blocks refer to: operands, exits, targets.

use crate::ir::*;

/// Go over an instruction's operands, without those of exits.
macro_rules! operands {
    ($inst:expr, $f:ident, $iter:ident $(, $m:tt)?) => {
        match $inst {
            Inst::Param
            | Inst::Word(_)
            | Inst::F64(_)
            | Inst::Raw(_)
            | Inst::Slot(_)
            | Inst::At(..)
            | Inst::Current(_)
            | Inst::Deep(..)
            | Inst::Header(_)
            | Inst::Pop(..)
            | Inst::Count(_)
            | Inst::FrameAddress(_)
            | Inst::Wanted
            | Inst::Sink
            | Inst::Alloc(..) => {}
            Inst::Guard(a, ..)
            | Inst::Unbox(a, _)
            | Inst::UnboxNumber(a, ..)
            | Inst::GuardTrue(a, _)
            | Inst::GuardFalse(a, _)
            | Inst::IntNeg(a, _)
            | Inst::Truncate(a, _)
            | Inst::FloatNeg(a)
            | Inst::FloatAbs(a)
            | Inst::FloatSqrt(a)
            | Inst::IntToFloat(a)
            | Inst::Box(a)
            | Inst::BoolWord(a)
            | Inst::Not(a)
            | Inst::TakesExactly(a, _)
            | Inst::IsPlain(a)
            | Inst::PlainTruth(a)
            | Inst::Open(a)
            | Inst::Untag(a)
            | Inst::Tag(a)
            | Inst::HighHalf(a)
            | Inst::LoadShape(a)
            | Inst::Known(a)
            | Inst::Load(a, _)
            | Inst::LoadFixed(a, ..)
            | Inst::LoadRaw(a, _)
            | Inst::SetShape(a, _)
            | Inst::InitShape(a, _)
            | Inst::Sync(_, a)
            | Inst::Save(_, a)
            | Inst::SyncMaybe(_, a) => $f(a),
            Inst::Int(_, a, b, _)
            | Inst::IntCmp(_, a, b)
            | Inst::Float(_, a, b)
            | Inst::FloatCmp(_, a, b)
            | Inst::Same(a, b)
            | Inst::BothInts(a, b)
            | Inst::RawOp(_, a, b)
            | Inst::RawCmp(_, a, b)
            | Inst::Below(a, b)
            | Inst::Bounded(a, b, _)
            | Inst::LoadItem(a, b, _)
            | Inst::LoadNumber(_, a, b, _)
            | Inst::Store(a, _, b)
            | Inst::StoreRaw(a, _, b) => {
                $f(a);
                $f(b)
            }
            Inst::Select(a, b, c)
            | Inst::StoreItem(a, b, _, c)
            | Inst::StoreNumber(_, a, b, _, c) => {
                $f(a);
                $f(b);
                $f(c)
            }
            Inst::Call(_, args, _) => args.$iter().for_each(|a| $f(a)),
            Inst::CallPython(c) => {
                $f(&$($m)? c.func);
                c.args.$iter().for_each(|a| $f(a))
            }
        }
    };
}

/// The exit of a guard.
macro_rules! guard_exit {
    ($inst:expr) => {
        match $inst {
            Inst::Guard(_, _, x)
            | Inst::Unbox(_, x)
            | Inst::UnboxNumber(_, x, _)
            | Inst::Bounded(_, _, x)
            | Inst::GuardTrue(_, x)
            | Inst::GuardFalse(_, x)
            | Inst::Int(_, _, _, x)
            | Inst::IntNeg(_, x)
            | Inst::Truncate(_, x) => Some(x),
            _ => None,
        }
    };
}

/// All exits.
macro_rules! all_exits {
    ($inst:expr, $f:ident $(, $m:tt)?) => {
        match $inst {
            Inst::Alloc(_, _, x)
            | Inst::Call(_, _, Some(x))
            | Inst::Deep(_, _, x)
            | Inst::Pop(_, x) => $f(x),
            Inst::CallPython(c) => {
                if let Some(x) = &$($m)? c.exit {
                    $f(x)
                }
                $f(&$($m)? c.deep)
            }
            guard => {
                if let Some(x) = guard_exit!(guard) {
                    $f(x)
                }
            }
        }
    };
}

impl Inst {
    pub fn exits(&self, f: &mut impl FnMut(Exit)) {
        let mut f = |x: &Exit| f(*x);
        all_exits!(self, f)
    }

    pub fn change_exits(&mut self, f: &mut impl FnMut(Exit) -> Exit) {
        let mut f = |x: &mut Exit| *x = f(*x);
        all_exits!(self, f, mut)
    }

    /// The operands, without those of exits.
    pub fn each(&self, f: &mut impl FnMut(V)) {
        let mut f = |v: &V| f(*v);
        operands!(self, f, iter)
    }

    /// Change the operands, but not those of exits.
    pub fn rename(&mut self, f: &mut impl FnMut(V) -> V) {
        let mut f = |v: &mut V| *v = f(*v);
        operands!(self, f, iter_mut, mut)
    }

    /// Give a guard another exit.
    pub fn set_exit(&mut self, to: Exit) {
        if let Some(x) = guard_exit!(self) {
            *x = to;
        }
    }

    /// May it be dropped when nobody uses its value?
    pub fn is_pure(&self) -> bool {
        match self {
            Inst::Store(..)
            | Inst::StoreItem(..)
            | Inst::StoreRaw(..)
            | Inst::StoreNumber(..)
            | Inst::SetShape(..)
            | Inst::InitShape(..)
            | Inst::Sync(..)
            | Inst::Save(..)
            | Inst::SyncMaybe(..)
            | Inst::At(..)
            | Inst::Current(_)
            | Inst::Deep(..)
            | Inst::Header(_)
            | Inst::Pop(..)
            | Inst::Count(_)
            | Inst::Call(..)
            | Inst::CallPython(_)
            | Inst::Guard(..)
            | Inst::Unbox(..)
            | Inst::UnboxNumber(..)
            | Inst::Bounded(..)
            | Inst::Truncate(..)
            | Inst::GuardTrue(..)
            | Inst::GuardFalse(..) => false,
            // An unused result still has to leave where Python would raise: its guards stay, and so does what may
            // divide by zero. Mere overflow means nothing to nobody.
            Inst::Int(op, ..) => matches!(
                op,
                IntOp::Add | IntOp::Sub | IntOp::Mul | IntOp::And | IntOp::Or | IntOp::Xor
            ),
            _ => true,
        }
    }
}

impl Term {
    pub fn exits(&self, f: &mut impl FnMut(Exit)) {
        match self {
            Term::Leave(x) | Term::Return(_, Some(x)) => f(*x),
            _ => {}
        }
    }
    pub fn each(&self, f: &mut impl FnMut(V)) {
        match self {
            Term::Jump(_, args) => args.iter().for_each(|&a| f(a)),
            Term::Branch(c, ..) => f(*c),
            Term::Return(v, _) | Term::Give(v) => f(*v),
            Term::Open | Term::Leave(_) => {}
        }
    }
    pub fn rename(&mut self, f: &mut impl FnMut(V) -> V) {
        match self {
            Term::Jump(_, args) => args.iter_mut().for_each(|a| *a = f(*a)),
            Term::Branch(c, ..) => *c = f(*c),
            Term::Return(v, _) | Term::Give(v) => *v = f(*v),
            Term::Open | Term::Leave(_) => {}
        }
    }
    pub fn targets(&self) -> Vec<Block> {
        match self {
            Term::Jump(b, _) => vec![*b],
            Term::Branch(_, a, b) => vec![*a, *b],
            _ => vec![],
        }
    }
}

impl Held {
    pub fn rename(&mut self, f: &mut impl FnMut(V) -> V) {
        match self {
            Held::Value(v) => *v = f(*v),
            Held::Empty | Held::Tuple(_) | Held::Function(_) | Held::Object(_) => {}
            Held::Range(a, b, c) => {
                *a = f(*a);
                *b = f(*b);
                *c = f(*c)
            }
            Held::List(a, b) => {
                *a = f(*a);
                *b = f(*b)
            }
        }
    }
}
