//! `x ** c` for a few constants, without a call: a product, a quotient or a root, and what its rounding has lost.
//!
//! What must hold: the result is what the C library's `pow` gives. That of glibc is off by less than 0.512 units in the
//! last place for bases and exponents like these (its authors' bound: 0.509 of its exponential function, and 0.0325 of
//! its logarithm at results as far out as they go, of which these reach a tenth). What is worked out here is off by less
//! than a millionth of one. So both round alike unless the exact value is within 0.015 units of the middle between two
//! floats; there the library is asked, and for results out of range.

use super::Lower;
use crate::helpers::id;
use crate::ir::{Exit, Inst, V};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, InstBuilder, MemFlagsData, types};
use cranelift_codegen::isa::TargetIsa;

/// Results have an exponent of that size at most: nothing on the way to them overflows or loses bits.
const RANGE: u64 = 80;
/// In units of the last place.
const NEAR_HALF: f64 = 0.485;

/// May powers be worked out here? It takes the one library that is known, and a machine that multiplies and adds at once.
pub fn works(isa: &dyn TargetIsa) -> bool {
    use cranelift_codegen::settings::Value;
    let has_fma = |f: Value| f.name == "has_fma" && f.as_bool() == Some(true);
    let fused = match isa.name() {
        "x64" => isa.isa_flags().into_iter().any(has_fma),
        _ => true,
    };
    fused && cfg!(all(target_os = "linux", target_env = "gnu"))
}

/// Half of the exponent's number, and its sign.
fn halves(c: f64) -> Option<(u32, bool)> {
    let h = c * 2.0;
    let known = matches!(h.abs(), 1.0 | 2.0 | 3.0 | 4.0 | 6.0) && h != 2.0;
    known.then_some((h.abs() as u32, h < 0.0))
}

/// A number as a float and what that lacks.
type Parts = (clif::Value, clif::Value);

impl Lower<'_, '_> {
    /// What is not finite leaves.
    pub(super) fn power(&mut self, x: clif::Value, c: V, leave: Exit) -> clif::Value {
        let join = self.b.create_block();
        self.b.append_block_param(join, types::F64);
        if let Inst::F64(c) = *self.f.inst(c)
            && let Some((halves, inverse)) = halves(f64::from_bits(c)).filter(|_| self.powers)
        {
            let library = self.b.create_block();
            self.b.set_cold_block(library);
            let r = self.worked_out(x, halves, inverse, library);
            self.b.ins().jump(join, &[clif::BlockArg::Value(r)]);
            self.b.switch_to_block(library);
            if matches!((halves, inverse), (4 | 6, false)) {
                // Products of zero are what they are.
                let [none, next] = self.new_blocks();
                self.cold([none, next]);
                let zero = self.b.ins().f64const(0.0);
                let is = self.b.ins().fcmp(FloatCC::Equal, x, zero);
                self.b.ins().brif(is, none, &[], next, &[]);
                self.b.switch_to_block(none);
                let r = match halves {
                    4 => self.b.ins().fmul(x, x),
                    _ => x,
                };
                self.b.ins().jump(join, &[clif::BlockArg::Value(r)]);
                self.b.switch_to_block(next);
            }
        }
        let flags = MemFlagsData::new();
        let c = self.v(c);
        let [x, c] = [x, c].map(|f| self.b.ins().bitcast(types::I64, flags, f));
        let r = self.helper_aside(id::float_power, &[x, c]);
        let r = self.b.ins().bitcast(types::F64, flags, r);
        let nothing = self.b.ins().fsub(r, r);
        let zero = self.b.ins().f64const(0.0);
        let finite = self.b.ins().fcmp(FloatCC::Equal, nothing, zero);
        self.guard(finite, leave);
        self.b.ins().jump(join, &[clif::BlockArg::Value(r)]);
        self.b.switch_to_block(join);
        self.b.block_params(join)[0]
    }

    fn worked_out(
        &mut self,
        x: clif::Value,
        halves: u32,
        inverse: bool,
        library: clif::Block,
    ) -> clif::Value {
        // Division takes as long as the root: both begin at once.
        let one = self.b.ins().f64const(1.0);
        let twice = self.b.ins().fadd(x, x);
        let half_per = self.b.ins().fdiv(one, twice);
        let power = match halves {
            1 if !inverse => {
                // Nobody waits for what is lost here.
                let s = self.b.ins().sqrt(x);
                let left = self.left(s, s, x);
                let twice = self.b.ins().fadd(s, s);
                (s, self.b.ins().fdiv(left, twice))
            }
            1 => self.root(x, half_per),
            2 => {
                let zero = self.b.ins().f64const(0.0);
                (x, zero)
            }
            3 => {
                let root = self.root(x, half_per);
                self.times(root, x)
            }
            4 => self.square(x),
            _ => {
                let square = self.square(x);
                self.times(square, x)
            }
        };
        let (p, lost) = match (inverse, halves) {
            (false, _) => power,
            (true, 1 | 3) => {
                let root = self.b.ins().sqrt(x);
                let per = self.b.ins().fadd(half_per, half_per);
                let by = match halves {
                    1 => per,
                    _ => self.b.ins().fmul(per, per),
                };
                let about = self.b.ins().fmul(root, by);
                self.inverse(power, about)
            }
            (true, _) => {
                let about = self.b.ins().fdiv(one, power.0);
                self.inverse(power, about)
            }
        };
        let (r, d) = match halves {
            // Rounded once.
            1 | 4 if !inverse => (p, lost),
            _ => {
                let r = self.b.ins().fadd(p, lost);
                let d = self.b.ins().fsub(p, r);
                (r, self.b.ins().fadd(d, lost))
            }
        };
        self.only_if_clear(r, d, library);
        r
    }

    /// Go on where the result is in range (which no NaN is) and its rounding, by `d`, was clear.
    fn only_if_clear(&mut self, r: clif::Value, d: clif::Value, library: clif::Block) {
        let flags = MemFlagsData::new();
        let bits = self.b.ins().bitcast(types::I64, flags, r);
        let mask = self.iconst(0x7ff << 52);
        let exponent = self.b.ins().band(bits, mask);
        let least = self.iconst((1023 - RANGE) << 52);
        let above = self.b.ins().isub(exponent, least);
        let most = self.iconst((2 * RANGE) << 52);
        let le = IntCC::UnsignedLessThanOrEqual;
        let in_range = self.b.ins().icmp(le, above, most);
        self.only_if(in_range, library);
        let scale = self.b.ins().bitcast(types::F64, flags, exponent);
        let unit = self.b.ins().f64const(NEAR_HALF * f64::EPSILON);
        let most = self.b.ins().fmul(scale, unit);
        // Squares have no sign, and need no mask to take it away.
        let most = self.b.ins().fmul(most, most);
        let d = self.b.ins().fmul(d, d);
        let clear = self.b.ins().fcmp(FloatCC::LessThan, d, most);
        self.only_if(clear, library);
    }

    fn only_if(&mut self, ok: clif::Value, other: clif::Block) {
        let next = self.b.create_block();
        self.b.ins().brif(ok, next, &[], other, &[]);
        self.b.switch_to_block(next);
    }

    /// `c - a * b`
    fn left(&mut self, a: clif::Value, b: clif::Value, c: clif::Value) -> clif::Value {
        let a = self.b.ins().fneg(a);
        self.b.ins().fma(a, b, c)
    }

    fn square(&mut self, x: clif::Value) -> Parts {
        let p = self.b.ins().fmul(x, x);
        let minus = self.b.ins().fneg(p);
        (p, self.b.ins().fma(x, x, minus))
    }

    /// `half_per`: half divided by that.
    fn root(&mut self, x: clif::Value, half_per: clif::Value) -> Parts {
        let s = self.b.ins().sqrt(x);
        let left = self.left(s, s, x);
        let half_per_root = self.b.ins().fmul(half_per, s);
        (s, self.b.ins().fmul(left, half_per_root))
    }

    fn times(&mut self, (a, lost): Parts, x: clif::Value) -> Parts {
        let p = self.b.ins().fmul(a, x);
        let minus = self.b.ins().fneg(p);
        let more = self.b.ins().fma(a, x, minus);
        (p, self.b.ins().fma(lost, x, more))
    }

    /// One divided by that, which is about `q`.
    fn inverse(&mut self, (p, lost): Parts, q: clif::Value) -> Parts {
        let one = self.b.ins().f64const(1.0);
        let left = self.left(p, q, one);
        let left = self.left(lost, q, left);
        (q, self.b.ins().fmul(left, q))
    }
}
