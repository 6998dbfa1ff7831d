//! Values of constant expressions, within CPython's limits on how large a folded result may be.

use crate::ast::{Expr, ExprKind, Operator, UnaryOp};
use crate::literal::{code_points, text_const};
use habu_bytecode::opcode::{binary as bin, intrinsic1};
use habu_bytecode::{Const, Op};

const MAX_INT_BITS: u32 = 128;
const MAX_COLLECTION: usize = 256;
const MAX_STRING: usize = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;

/// Sign and magnitude.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wide {
    negative: bool,
    magnitude: u128,
}

impl Wide {
    fn of(c: &Const) -> Option<Wide> {
        match c {
            Const::Int(i) => Some(Wide { negative: *i < 0, magnitude: u128::from(i.unsigned_abs()) }),
            Const::True => Some(Wide { negative: false, magnitude: 1 }),
            Const::False => Some(Wide { negative: false, magnitude: 0 }),
            Const::BigInt { negative, hex } => {
                Some(Wide { negative: *negative, magnitude: u128::from_str_radix(hex, 16).ok()? })
            }
            _ => None,
        }
    }

    fn to_const(self) -> Const {
        int_const(self.negative, self.magnitude)
    }

    fn bits(self) -> u32 {
        128 - self.magnitude.leading_zeros()
    }

    fn signed(self) -> Option<i128> {
        let m = i128::try_from(self.magnitude).ok()?;
        Some(if self.negative { -m } else { m })
    }

    fn to_f64(self) -> f64 {
        let m = self.magnitude as f64;
        if self.negative { -m } else { m }
    }

    fn add(self, o: Wide) -> Option<Wide> {
        if self.negative == o.negative {
            return Some(Wide { negative: self.negative, magnitude: self.magnitude.checked_add(o.magnitude)? });
        }
        let (big, small) = if self.magnitude >= o.magnitude { (self, o) } else { (o, self) };
        Some(Wide { negative: big.negative, magnitude: big.magnitude - small.magnitude })
    }

    fn neg(self) -> Wide {
        Wide { negative: !self.negative, ..self }
    }

    /// Floor division and its remainder.
    fn divmod(self, o: Wide) -> Option<(Wide, Wide)> {
        if o.magnitude == 0 {
            return None;
        }
        let (q, r) = (self.magnitude / o.magnitude, self.magnitude % o.magnitude);
        if self.negative == o.negative {
            return Some((Wide { negative: false, magnitude: q }, Wide { negative: o.negative, magnitude: r }));
        }
        if r == 0 {
            return Some((Wide { negative: true, magnitude: q }, Wide { negative: false, magnitude: 0 }));
        }
        let rest = Wide { negative: o.negative, magnitude: o.magnitude - r };
        Some((Wide { negative: true, magnitude: q.checked_add(1)? }, rest))
    }
}

fn int_const(negative: bool, magnitude: u128) -> Const {
    match i64::try_from(magnitude) {
        Ok(v) => Const::Int(if negative { -v } else { v }),
        Err(_) if negative && magnitude == 1 << 63 => Const::Int(i64::MIN),
        Err(_) => Const::BigInt { negative, hex: format!("{magnitude:x}") },
    }
}

fn bool_const(b: bool) -> Const {
    if b { Const::True } else { Const::False }
}

/// Truth value of a constant.
pub fn truth(c: &Const) -> Option<bool> {
    Some(match c {
        Const::None | Const::False => false,
        Const::True | Const::Ellipsis | Const::Slice(_) | Const::Code(_) => true,
        Const::Int(i) => *i != 0,
        Const::BigInt { .. } => true,
        Const::Float(f) => *f != 0.0,
        Const::Complex(r, i) => *r != 0.0 || *i != 0.0,
        Const::Str(s) => !s.is_empty(),
        Const::Surrogates(p) => !p.is_empty(),
        Const::Bytes(b) => !b.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
    })
}

pub fn unary(op: Op, c: &Const) -> Option<Const> {
    match op {
        Op::UNARY_NOT => truth(c).map(|t| bool_const(!t)),
        Op::UNARY_INVERT => match c {
            // `~True` is deprecated: it must warn when it runs.
            Const::True | Const::False => None,
            _ => Wide::of(c)?.add(Wide { negative: false, magnitude: 1 }).map(|w| w.neg().to_const()),
        },
        Op::UNARY_NEGATIVE => match c {
            Const::Float(f) => Some(Const::Float(-f)),
            Const::Complex(r, i) => Some(Const::Complex(-r, -i)),
            Const::BigInt { negative, hex } => {
                Some(match Wide::of(c) {
                    Some(w) => w.neg().to_const(),
                    None => Const::BigInt { negative: !negative, hex: hex.clone() },
                })
            }
            _ => Some(Wide::of(c)?.neg().to_const()),
        },
        Op::CALL_INTRINSIC_1 => match c {
            Const::Float(_) | Const::Complex(..) | Const::Int(_) | Const::BigInt { .. } => Some(c.clone()),
            Const::True | Const::False => Some(Wide::of(c)?.to_const()),
            _ => None,
        },
        _ => None,
    }
}

/// A real number as float, if exact conversion is not at stake.
fn float_of(c: &Const) -> Option<f64> {
    match c {
        Const::Float(f) => Some(*f),
        _ => {
            let w = Wide::of(c)?;
            (w.bits() <= 64).then(|| w.to_f64())
        }
    }
}

pub fn binary(op: u32, a: &Const, b: &Const) -> Option<Const> {
    let op = if op >= bin::INPLACE { return None } else { op };
    if let (Some(x), Some(y)) = (Wide::of(a), Wide::of(b)) {
        if let (Const::True | Const::False, Const::True | Const::False) = (a, b) {
            let (p, q) = (x.magnitude == 1, y.magnitude == 1);
            match op {
                bin::AND => return Some(bool_const(p & q)),
                bin::OR => return Some(bool_const(p | q)),
                bin::XOR => return Some(bool_const(p ^ q)),
                _ => {}
            }
        }
        return integers(op, x, y);
    }
    if matches!(a, Const::Complex(..)) || matches!(b, Const::Complex(..)) {
        return complexes(op, a, b);
    }
    if let (Some(x), Some(y)) = (float_of(a), float_of(b)) {
        return floats(op, x, y);
    }
    match op {
        bin::ADD => add(a, b),
        bin::MULTIPLY => match (Wide::of(a), Wide::of(b)) {
            (None, Some(n)) => repeat(a, n),
            (Some(n), None) => repeat(b, n),
            _ => None,
        },
        _ => None,
    }
}

fn integers(op: u32, x: Wide, y: Wide) -> Option<Const> {
    Some(match op {
        bin::ADD => x.add(y)?.to_const(),
        bin::SUBTRACT => x.add(y.neg())?.to_const(),
        bin::MULTIPLY => {
            if x.bits() + y.bits() > MAX_INT_BITS {
                return None;
            }
            let m = x.magnitude.checked_mul(y.magnitude)?;
            int_const(x.negative != y.negative && m != 0, m)
        }
        bin::TRUE_DIVIDE => {
            if y.magnitude == 0 || x.bits() > 53 || y.bits() > 53 {
                return None;
            }
            Const::Float(x.to_f64() / y.to_f64())
        }
        bin::FLOOR_DIVIDE => x.divmod(y)?.0.to_const(),
        bin::REMAINDER => x.divmod(y)?.1.to_const(),
        bin::POWER => {
            if y.negative {
                if x.magnitude == 0 || x.bits() > 53 || y.bits() > 31 {
                    return None;
                }
                return Some(Const::Float(x.to_f64().powi(-(y.magnitude as i32))));
            }
            let e = u32::try_from(y.magnitude).ok()?;
            if e != 0 && x.bits() > MAX_INT_BITS / e {
                return None;
            }
            let m = x.magnitude.checked_pow(e)?;
            int_const(x.negative && e % 2 == 1, m)
        }
        bin::LSHIFT => {
            if y.negative {
                return None;
            }
            if x.magnitude == 0 {
                return Some(Const::Int(0));
            }
            let n = u32::try_from(y.magnitude).ok()?;
            if n > MAX_INT_BITS || x.bits() + n > MAX_INT_BITS {
                return None;
            }
            int_const(x.negative, x.magnitude.checked_shl(n).filter(|_| n < 128)?)
        }
        bin::RSHIFT => {
            if y.negative {
                return None;
            }
            let n = u32::try_from(y.magnitude).ok()?.min(127);
            let v = x.signed()? >> n;
            int_const(v < 0, v.unsigned_abs())
        }
        bin::AND | bin::OR | bin::XOR => {
            let (p, q) = (x.signed()?, y.signed()?);
            let v = match op {
                bin::AND => p & q,
                bin::OR => p | q,
                _ => p ^ q,
            };
            int_const(v < 0, v.unsigned_abs())
        }
        _ => return None,
    })
}

fn float_mod(x: f64, y: f64) -> f64 {
    let r = x % y;
    if r == 0.0 {
        return 0f64.copysign(y);
    }
    if (y < 0.0) != (r < 0.0) { r + y } else { r }
}

fn floats(op: u32, x: f64, y: f64) -> Option<Const> {
    Some(Const::Float(match op {
        bin::ADD => x + y,
        bin::SUBTRACT => x - y,
        bin::MULTIPLY => x * y,
        bin::TRUE_DIVIDE if y != 0.0 => x / y,
        bin::FLOOR_DIVIDE if y != 0.0 => {
            let m = float_mod(x, y);
            let q = (x - m) / y;
            if q == 0.0 {
                0f64.copysign(x / y)
            } else {
                let f = q.floor();
                if q - f > 0.5 { f + 1.0 } else { f }
            }
        }
        bin::REMAINDER if y != 0.0 => float_mod(x, y),
        bin::POWER => {
            if (x == 0.0 && y < 0.0) || (x < 0.0 && y.fract() != 0.0) {
                return None;
            }
            let v = x.powf(y);
            if v.is_infinite() && x.is_finite() && y.is_finite() {
                return None;
            }
            v
        }
        _ => return None,
    }))
}

fn complexes(op: u32, a: &Const, b: &Const) -> Option<Const> {
    // A real operand counts with its own rules for zeros: only its real part takes part in + and -.
    let parts = |c: &Const| match c {
        Const::Complex(r, i) => Some((*r, Some(*i))),
        _ => float_of(c).map(|f| (f, None)),
    };
    let ((ar, ai), (br, bi)) = (parts(a)?, parts(b)?);
    let imaginary = |x: Option<f64>, y: Option<f64>, minus: bool| match (x, y) {
        (Some(x), Some(y)) => if minus { x - y } else { x + y },
        (Some(x), None) => x,
        (None, Some(y)) => if minus { -y } else { y },
        (None, None) => 0.0,
    };
    match op {
        bin::ADD => Some(Const::Complex(ar + br, imaginary(ai, bi, false))),
        bin::SUBTRACT => Some(Const::Complex(ar - br, imaginary(ai, bi, true))),
        bin::MULTIPLY => Some(match (ai, bi) {
            (Some(x), Some(y)) => {
                let (r, i) = (ar * br - x * y, ar * y + x * br);
                if !r.is_finite() || !i.is_finite() {
                    return None;
                }
                Const::Complex(r, i)
            }
            (Some(x), None) => Const::Complex(ar * br, x * br),
            (None, Some(y)) => Const::Complex(ar * br, ar * y),
            (None, None) => return None,
        }),
        _ => None,
    }
}

fn add(a: &Const, b: &Const) -> Option<Const> {
    match (a, b) {
        (Const::Str(x), Const::Str(y)) => Some(Const::Str(format!("{x}{y}").into())),
        (Const::Str(_) | Const::Surrogates(_), Const::Str(_) | Const::Surrogates(_)) => {
            let mut p = code_points(a);
            p.extend(code_points(b));
            Some(text_const(p))
        }
        (Const::Bytes(x), Const::Bytes(y)) => Some(Const::Bytes([&**x, &**y].concat().into())),
        (Const::Tuple(x), Const::Tuple(y)) => Some(Const::Tuple([&**x, &**y].concat().into())),
        _ => None,
    }
}

fn total_items(items: &[Const], mut limit: i64) -> i64 {
    limit -= items.len() as i64;
    for i in items {
        if limit < 0 {
            break;
        }
        if let Const::Tuple(t) | Const::FrozenSet(t) = i {
            limit = total_items(t, limit);
        }
    }
    limit
}

fn repeat(c: &Const, n: Wide) -> Option<Const> {
    let n = if n.negative { 0 } else { usize::try_from(n.magnitude).ok()? };
    let fits = |len: usize, max: usize| len == 0 || n <= max / len;
    match c {
        Const::Str(s) if fits(s.chars().count(), MAX_STRING) => Some(Const::Str(s.repeat(n).into())),
        Const::Surrogates(p) if fits(p.len(), MAX_STRING) => Some(text_const(p.repeat(n))),
        Const::Bytes(b) if fits(b.len(), MAX_STRING) => Some(Const::Bytes(b.repeat(n).into())),
        Const::Tuple(t) if fits(t.len(), MAX_COLLECTION) => {
            if n > 0 && total_items(t, MAX_TOTAL_ITEMS / n as i64) < 0 {
                return None;
            }
            let mut out = Vec::with_capacity(t.len() * n);
            (0..n).for_each(|_| out.extend(t.iter().cloned()));
            Some(Const::Tuple(out.into()))
        }
        _ => None,
    }
}

/// Start, stop and step of a slice over `len` items.
fn slice_indices(s: &[Const; 3], len: usize) -> Option<Vec<usize>> {
    let part = |c: &Const| match c {
        Const::None => Some(None),
        _ => Wide::of(c)?.signed().map(Some),
    };
    let len = len as i128;
    let step = part(&s[2])?.unwrap_or(1);
    if step == 0 {
        return None;
    }
    let clamp = |v: i128| {
        let v = if v < 0 { v.saturating_add(len) } else { v };
        if step > 0 { v.clamp(0, len) } else { v.clamp(-1, len - 1) }
    };
    let start = part(&s[0])?.map_or(if step > 0 { 0 } else { len - 1 }, clamp);
    let stop = part(&s[1])?.map_or(if step > 0 { len } else { -1 }, clamp);
    let mut out = Vec::new();
    let mut i = start;
    while if step > 0 { i < stop } else { i > stop } {
        out.push(i as usize);
        i = i.saturating_add(step);
    }
    Some(out)
}

pub fn subscript(value: &Const, index: &Const) -> Option<Const> {
    let len = match value {
        Const::Str(s) => s.chars().count(),
        Const::Surrogates(p) => p.len(),
        Const::Bytes(b) => b.len(),
        Const::Tuple(t) => t.len(),
        _ => return None,
    };
    if let Const::Slice(parts) = index {
        let at = slice_indices(parts, len)?;
        return match value {
            Const::Bytes(b) => Some(Const::Bytes(at.iter().map(|i| b[*i]).collect())),
            Const::Tuple(t) => Some(Const::Tuple(at.iter().map(|i| t[*i].clone()).collect())),
            _ => {
                let p = code_points(value);
                Some(text_const(at.iter().map(|i| p[*i]).collect()))
            }
        };
    }
    let i = Wide::of(index)?.signed()?;
    let i = usize::try_from(if i < 0 { i.checked_add(len as i128)? } else { i }).ok().filter(|i| *i < len)?;
    match value {
        Const::Bytes(b) => Some(Const::Int(i64::from(b[i]))),
        Const::Tuple(t) => Some(t[i].clone()),
        Const::Str(s) => s.chars().nth(i).map(|c| Const::Str(c.to_string().into())),
        _ => Some(text_const(vec![code_points(value)[i]])),
    }
}

/// A frozenset constant without repeated members.
pub fn frozenset(items: Vec<Const>) -> Const {
    let mut out: Vec<Const> = Vec::with_capacity(items.len());
    for c in items {
        if !out.iter().any(|o| equal_keys(o, &c)) {
            out.push(c);
        }
    }
    Const::FrozenSet(out.into())
}

/// Python's `==` among constants that may be dict keys.
pub fn equal_keys(a: &Const, b: &Const) -> bool {
    if let (Some(x), Some(y)) = (Wide::of(a), Wide::of(b)) {
        return x.to_const() == y.to_const();
    }
    let number = |c: &Const| match c {
        Const::Complex(r, i) => Some((*r, *i)),
        _ => float_of(c).map(|f| (f, 0.0)),
    };
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x == y,
        _ => match (a, b) {
            (Const::Tuple(x), Const::Tuple(y)) => {
                x.len() == y.len() && x.iter().zip(&**y).all(|(p, q)| equal_keys(p, q))
            }
            _ => a == b,
        },
    }
}

/// The value of a literal such as `-1` or `1+2j`, as patterns allow them.
pub fn constant_value(e: &Expr) -> Option<Const> {
    match &e.kind {
        ExprKind::Constant(c, _) => Some(c.clone()),
        ExprKind::UnaryOp(UnaryOp::USub, v) => unary(Op::UNARY_NEGATIVE, &constant_value(v)?),
        ExprKind::UnaryOp(UnaryOp::UAdd, v) => unary(Op::CALL_INTRINSIC_1, &constant_value(v)?),
        ExprKind::BinOp(l, op @ (Operator::Add | Operator::Sub), r) => {
            let op = if *op == Operator::Add { bin::ADD } else { bin::SUBTRACT };
            binary(op, &constant_value(l)?, &constant_value(r)?)
        }
        _ => None,
    }
}

const _: u32 = intrinsic1::UNARY_POSITIVE;
