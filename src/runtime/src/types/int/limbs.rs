//! Arithmetic on large ints where they stand: the limbs of the operands are read, and those of the result written,
//! in the heap. It takes what is linear in the longer operand, and products and quotients of which one part is
//! short; dashu has the better methods for the rest, but wants its numbers copied.
//!
//! What must hold: limbs are little-endian 64-bit words without leading zeros, and `write` functions fill all of
//! their room.

use crate::core::int::{self, build};
use crate::object::*;
use crate::thread::R;
use crate::thread::Thread;
use habu_heap::Value;
use std::cmp::Ordering;

/// Products and quotients with one part up to so many limbs are made here.
const SHORT: usize = 24;

/// An int of any size as sign and magnitude.
#[derive(Clone, Copy)]
pub struct Number<'a> {
    pub negative: bool,
    pub limbs: &'a [u64],
}

impl<'a> Number<'a> {
    /// `one` has room for an int that has no limbs.
    pub fn of(v: Value, one: &'a mut [u64; 1]) -> Number<'a> {
        if let Some(i) = int::to_i64(v) {
            one[0] = i.unsigned_abs();
            return Number {
                negative: i < 0,
                limbs: &one[..(i != 0) as usize],
            };
        }
        let o: Gc<IntObj> = crate::thread::expect(v);
        let (p, n) = (o.limbs().as_ptr(), o.limbs().len());
        Number {
            negative: o.is_negative(),
            // SAFETY: objects do not move, and the caller has the value, which keeps it alive.
            limbs: unsafe { std::slice::from_raw_parts(p, n) },
        }
    }
    fn is_zero(self) -> bool {
        self.limbs.is_empty()
    }
    pub fn negated(self) -> Number<'a> {
        Number {
            negative: !self.negative,
            ..self
        }
    }
}

pub fn compare(x: Number, y: Number) -> Ordering {
    match (x.negative, y.negative) {
        (false, false) => compare_limbs(x.limbs, y.limbs),
        (true, true) => compare_limbs(y.limbs, x.limbs),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

fn compare_limbs(a: &[u64], b: &[u64]) -> Ordering {
    let by_limbs = || a.iter().rev().cmp(b.iter().rev());
    a.len().cmp(&b.len()).then_with(by_limbs)
}

// ---- sums

pub fn add(th: &Thread, x: Number, y: Number) -> R {
    if x.negative == y.negative || x.is_zero() || y.is_zero() {
        let negative = if x.is_zero() { y.negative } else { x.negative };
        let (a, b) = if x.limbs.len() < y.limbs.len() {
            (y.limbs, x.limbs)
        } else {
            (x.limbs, y.limbs)
        };
        return build(th, a.len() + 1, negative, |out| write_sum(out, a, b));
    }
    match compare_limbs(x.limbs, y.limbs) {
        Ordering::Equal => Ok(Value::small_int(0)),
        Ordering::Greater => build(th, x.limbs.len(), x.negative, |out| {
            write_difference(out, x.limbs, y.limbs)
        }),
        Ordering::Less => build(th, y.limbs.len(), y.negative, |out| {
            write_difference(out, y.limbs, x.limbs)
        }),
    }
}

/// Limbs taken at once, so that the carry stays where the processor has it.
const AT_ONCE: usize = 16;

/// `x + y + carry`: the sum and the carry.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn with_carry(x: u64, y: u64, carry: bool) -> (u64, bool) {
    let mut r = 0;
    // SAFETY: an instruction that every such processor has.
    #[allow(unused_unsafe)]
    let c = unsafe { std::arch::x86_64::_addcarry_u64(carry as u8, x, y, &mut r) };
    (r, c != 0)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn with_carry(x: u64, y: u64, carry: bool) -> (u64, bool) {
    x.carrying_add(y, carry)
}

/// `x - y - borrow`: the difference and the borrow.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn with_borrow(x: u64, y: u64, borrow: bool) -> (u64, bool) {
    let mut r = 0;
    // SAFETY: as above.
    #[allow(unused_unsafe)]
    let c = unsafe { std::arch::x86_64::_subborrow_u64(borrow as u8, x, y, &mut r) };
    (r, c != 0)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn with_borrow(x: u64, y: u64, borrow: bool) -> (u64, bool) {
    x.borrowing_sub(y, borrow)
}

/// `f` of each two limbs of `a` and `b`, and the carry, from `a`'s first to `b`'s last; then of `a`'s others and 0.
/// The carry out of the last limb of `out` is lost.
#[inline(always)]
fn limb_by_limb(out: &mut [u64], a: &[u64], b: &[u64], f: impl Fn(u64, u64, bool) -> (u64, bool)) {
    let (both, rest) = a.split_at(b.len());
    let (low, high) = out.split_at_mut(b.len());
    let mut carry = false;
    let (oo, ot) = low.as_chunks_mut::<AT_ONCE>();
    let (xx, xt) = both.as_chunks::<AT_ONCE>();
    let (yy, yt) = b.as_chunks::<AT_ONCE>();
    for ((o, x), y) in oo.iter_mut().zip(xx).zip(yy) {
        for i in 0..AT_ONCE {
            (o[i], carry) = f(x[i], y[i], carry);
        }
    }
    for ((o, x), y) in ot.iter_mut().zip(xt).zip(yt) {
        (*o, carry) = f(*x, *y, carry);
    }
    let mut rest = rest.iter();
    for o in high {
        (*o, carry) = f(rest.next().map_or(0, |x| *x), 0, carry);
    }
}

/// `a + b`; `a` is not shorter.
fn write_sum(out: &mut [u64], a: &[u64], b: &[u64]) {
    limb_by_limb(out, a, b, with_carry)
}

/// `a - b`; `a` is larger.
fn write_difference(out: &mut [u64], a: &[u64], b: &[u64]) {
    limb_by_limb(out, a, b, with_borrow)
}

// ---- products

/// `None`: both are long.
pub fn multiply(th: &Thread, x: Number, y: Number) -> Option<R> {
    let (a, b) = if x.limbs.len() < y.limbs.len() {
        (y.limbs, x.limbs)
    } else {
        (x.limbs, y.limbs)
    };
    if b.is_empty() {
        return Some(Ok(Value::small_int(0)));
    }
    if b.len() > SHORT {
        return None;
    }
    let negative = x.negative != y.negative;
    Some(build(th, a.len() + b.len(), negative, |out| {
        let (low, high) = out.split_at_mut(a.len());
        high[0] = write_product(low, a, b[0]);
        for (i, &m) in b.iter().enumerate().skip(1) {
            out[i + a.len()] = add_product(&mut out[i..i + a.len()], a, m);
        }
    }))
}

/// `out = a * m`; returns the limb above.
fn write_product(out: &mut [u64], a: &[u64], m: u64) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi2") {
        /// The same by an instruction that leaves the carry alone.
        #[target_feature(enable = "bmi2")]
        fn by_mulx(out: &mut [u64], a: &[u64], m: u64) -> u64 {
            product(out, a, m)
        }
        // SAFETY: the processor has it.
        return unsafe { by_mulx(out, a, m) };
    }
    product(out, a, m)
}

#[inline(always)]
fn product(out: &mut [u64], a: &[u64], m: u64) -> u64 {
    let mut above = 0;
    let (oo, ot) = out.as_chunks_mut::<AT_ONCE>();
    let (xx, xt) = a.as_chunks::<AT_ONCE>();
    for (o, x) in oo.iter_mut().zip(xx) {
        let mut carry = false;
        for i in 0..AT_ONCE {
            let wide = x[i] as u128 * m as u128;
            (o[i], carry) = with_carry(wide as u64, above, carry);
            above = (wide >> 64) as u64;
        }
        // The upper half of a product is not all ones.
        above += u64::from(carry);
    }
    for (o, x) in ot.iter_mut().zip(xt) {
        (*o, above) = x.carrying_mul(m, above);
    }
    above
}

/// `out += a * m`; returns the limb above.
fn add_product(out: &mut [u64], a: &[u64], m: u64) -> u64 {
    let mut carry = 0;
    for (o, x) in out.iter_mut().zip(a) {
        (*o, carry) = x.carrying_mul_add(m, *o, carry);
    }
    carry
}

/// `out -= a * m`; returns what is missing above.
fn subtract_product(out: &mut [u64], a: &[u64], m: u64) -> u64 {
    let mut carry = 0;
    for (o, x) in out.iter_mut().zip(a) {
        let (low, high) = x.carrying_mul(m, carry);
        let borrow;
        (*o, borrow) = o.overflowing_sub(low);
        carry = high + u64::from(borrow);
    }
    carry
}

// ---- quotients

/// A divisor's highest limb, with its top bit set, and the reciprocal that turns division into multiplication
/// (Möller and Granlund, "Improved division by invariant integers").
#[derive(Clone, Copy)]
struct Divisor {
    d: u64,
    reciprocal: u64,
}

impl Divisor {
    fn new(d: u64) -> Divisor {
        debug_assert!(d >> 63 == 1);
        let reciprocal = (u128::MAX / d as u128) as u64;
        Divisor { d, reciprocal }
    }
    /// Quotient and remainder of `high:low`; `high` is less than the divisor.
    #[inline(always)]
    fn divide(self, high: u64, low: u64) -> (u64, u64) {
        let n = (high as u128) << 64 | low as u128;
        let q = (self.reciprocal as u128 * high as u128).wrapping_add(n);
        let mut quotient = ((q >> 64) as u64).wrapping_add(1);
        let mut r = low.wrapping_sub(quotient.wrapping_mul(self.d));
        if r > q as u64 {
            quotient = quotient.wrapping_sub(1);
            r = r.wrapping_add(self.d);
        }
        if r >= self.d {
            quotient = quotient.wrapping_add(1);
            r -= self.d;
        }
        (quotient, r)
    }
}

/// The limb of a number shifted left by less than a limb; `below` is the limb under `x`.
#[inline(always)]
fn shifted_limb(x: u64, below: u64, by: u32) -> u64 {
    x << by | (below >> 1) >> (63 - by)
}

/// `a` shifted left by less than a limb, with room for one more; the limb above is returned.
fn shifted(a: &[u64], by: u32) -> (Vec<u64>, u64) {
    let mut v = Vec::with_capacity(a.len() + 1);
    v.extend(a.first().map(|&x| shifted_limb(x, 0, by)));
    v.extend(a.windows(2).map(|w| shifted_limb(w[1], w[0], by)));
    (v, a.last().map_or(0, |&x| shifted_limb(0, x, by)))
}

/// The quotient of magnitudes if it is one limb and the highest limbs tell what it is: not where the remainder is very
/// small, which may be 0 then.
///
/// The quotient of the three highest limbs (with the divisor's top bit in place) by the two highest is the quotient or
/// more than that, as the limbs left out make the divisor larger by less than one unit of its last limb taken. It is
/// not more where so many such units are left as it has itself.
fn short_quotient(a: &[u64], d: &[u64]) -> Option<u64> {
    let n = d.len();
    if n < 3 || a.len() > n + 1 {
        return None;
    }
    let by = d[n - 1].leading_zeros();
    let limb = |i: usize| {
        let below = a.get(i - 1).map_or(0, |l| *l);
        shifted_limb(a.get(i).map_or(0, |l| *l), below, by)
    };
    let top = shifted_limb(d[n - 1], d[n - 2], by);
    let next = shifted_limb(d[n - 2], d[n - 3], by);
    let high = limb(n);
    if limb(n + 1) != 0 || high >= top {
        return None;
    }
    let (mut guess, mut r) = Divisor::new(top).divide(high, limb(n - 1));
    let below = limb(n - 2);
    while guess as u128 * next as u128 > (r as u128) << 64 | below as u128 {
        guess -= 1;
        r = r.checked_add(top)?;
    }
    let rest = ((r as u128) << 64 | below as u128) - guess as u128 * next as u128;
    (rest > guess as u128).then_some(guess)
}

/// Floor quotient and remainder, as far as they are asked for (the other is 0); `None`: both parts are long. `y`
/// is not 0.
pub fn divide(
    th: &Thread,
    x: Number,
    y: Number,
    quotient: bool,
    remainder: bool,
) -> Option<R<(Value, Value)>> {
    let (a, d) = (x.limbs, y.limbs);
    let more = a.len() as isize - d.len() as isize;
    if d.len() > SHORT && more > SHORT as isize {
        return None;
    }
    let below = x.negative != y.negative;
    if !remainder
        && let Some(q) = short_quotient(a, d)
        && let Some(q) = q.checked_add(u64::from(below))
    {
        let q = build(th, 1, below, |out| out[0] = q);
        return Some(q.map(|q| (q, Value::small_int(0))));
    }
    let mut rest;
    let mut q = Vec::new();
    if compare_limbs(a, d) == Ordering::Less {
        rest = a.to_vec();
    } else {
        let by = d[d.len() - 1].leading_zeros();
        let (mut u, top) = shifted(a, by);
        u.push(top);
        let (v, _) = shifted(d, by);
        q.resize(a.len() - d.len() + 1, 0);
        divide_limbs(&mut u, &v, &mut q);
        u.truncate(d.len());
        for i in 0..d.len() {
            let above = u.get(i + 1).map_or(0, |l| *l);
            u[i] = u[i] >> by | (above << 1) << (63 - by);
        }
        rest = u;
    }
    trim(&mut rest);
    // Round down instead of towards 0.
    if below && !rest.is_empty() {
        let mut more = vec![0; d.len()];
        write_difference(&mut more, d, &rest);
        rest = more;
        if !q.iter_mut().any(|l| {
            *l = l.wrapping_add(1);
            *l != 0
        }) {
            q.push(1);
        }
    }
    let make = |wanted: bool, limbs: &[u64], negative: bool| {
        if wanted {
            build(th, limbs.len(), negative, |out| out.copy_from_slice(limbs))
        } else {
            Ok(Value::small_int(0))
        }
    };
    Some((|| {
        let q = make(quotient, &q, below)?;
        Ok((q, make(remainder, &rest, y.negative)?))
    })())
}

fn trim(limbs: &mut Vec<u64>) {
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
}

/// `u = q * v + rest` with the rest left in `u`: long division (Knuth's algorithm D). `v` has its top bit set, `u`
/// one limb more than the dividend, `q` has as many limbs as `u` has more than `v`.
fn divide_limbs(u: &mut [u64], v: &[u64], q: &mut [u64]) {
    let n = v.len();
    let top = Divisor::new(v[n - 1]);
    if n == 1 {
        let mut r = u[u.len() - 1];
        for (q, u) in q.iter_mut().zip(u.iter_mut()).rev() {
            (*q, r) = top.divide(r, std::mem::take(u));
        }
        u[0] = r;
        return;
    }
    for j in (0..q.len()).rev() {
        let (high, low) = (u[j + n], u[j + n - 1]);
        // An estimate that is at most two too large, then at most one.
        let mut guess = if high >= top.d {
            u64::MAX
        } else {
            let (mut g, mut r) = top.divide(high, low);
            while g as u128 * v[n - 2] as u128 > (r as u128) << 64 | u[j + n - 2] as u128 {
                g -= 1;
                let over;
                (r, over) = r.overflowing_add(top.d);
                if over {
                    break;
                }
            }
            g
        };
        let missing = subtract_product(&mut u[j..j + n], v, guess);
        let (mut left, mut borrow) = u[j + n].overflowing_sub(missing);
        while borrow {
            guess -= 1;
            let mut carry = false;
            for (x, y) in u[j..j + n].iter_mut().zip(v) {
                (*x, carry) = x.carrying_add(*y, carry);
            }
            if carry {
                let over;
                (left, over) = left.overflowing_add(1);
                borrow = !over;
            }
        }
        u[j + n] = left;
        q[j] = guess;
    }
}

// ---- bits

/// `f` of each pair of limbs of two numbers that are not negative; `rest`: what one has more than the other counts.
#[inline(always)]
pub fn bitwise(th: &Thread, x: Number, y: Number, rest: bool, f: impl Fn(u64, u64) -> u64) -> R {
    let (a, b) = if x.limbs.len() < y.limbs.len() {
        (y.limbs, x.limbs)
    } else {
        (x.limbs, y.limbs)
    };
    let n = if rest { a.len() } else { b.len() };
    build(th, n, false, |out| {
        let (low, high) = out.split_at_mut(b.len());
        for ((o, &x), &y) in low.iter_mut().zip(a).zip(b) {
            *o = f(x, y);
        }
        for (o, &x) in high.iter_mut().zip(&a[b.len()..]) {
            *o = f(x, 0);
        }
    })
}

// ---- shifts

/// `x << n`.
pub fn shift_left(th: &Thread, x: Number, n: usize) -> R {
    let (whole, by) = (n / 64, (n % 64) as u32);
    build(th, whole + x.limbs.len() + 1, x.negative, |out| {
        let (zeros, out) = out.split_at_mut(whole);
        zeros.fill(0);
        let mut carry = 0;
        for (o, &l) in out.iter_mut().zip(x.limbs) {
            *o = l << by | carry;
            carry = (l >> 1) >> (63 - by);
        }
        out[x.limbs.len()] = carry;
    })
}

/// `x >> n`, rounded down.
pub fn shift_right(th: &Thread, x: Number, n: usize) -> R {
    let (whole, by) = (n / 64, (n % 64) as u32);
    if whole >= x.limbs.len() {
        return Ok(Value::small_int(-i64::from(x.negative)));
    }
    let (gone, kept) = x.limbs.split_at(whole);
    let lost = gone.iter().any(|&l| l != 0) || kept[0] & ((1 << by) - 1) != 0;
    build(th, kept.len() + 1, x.negative, |out| {
        let mut up = x.negative && lost;
        for (i, o) in out.iter_mut().enumerate() {
            let low = kept.get(i).map_or(0, |l| l >> by);
            let high = kept.get(i + 1).map_or(0, |l| (l << 1) << (63 - by));
            (*o, up) = (low | high).carrying_add(0, up);
        }
    })
}
