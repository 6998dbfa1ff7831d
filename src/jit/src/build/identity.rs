//! Equality of objects that are equal to nothing but themselves.

use super::Builder;
use super::calls::class_of_shape;
use crate::ir::*;
use habu_bytecode::opcode::compare as c;
use habu_heap::Value;
use habu_runtime::kinds;
use habu_runtime::object::ValueExt;

impl Builder<'_> {
    /// Comparison with a constant whose class has no equality of its own (enums), for other objects of the class.
    pub fn is_constant(&mut self, op: u32, l: V, r: V) -> Option<V> {
        let (v, constant) = match (self.constant_of(l), self.constant_of(r)) {
            (None, Some(_)) => (l, r),
            (Some(_), None) => (r, l),
            _ => return None,
        };
        let word = Value::from_bits(self.constant_of(constant)?)?;
        let equality = matches!(op, c::EQ | c::NE);
        if !equality || word.kind() != kinds::INSTANCE || self.bad(Why::Shape) {
            return None;
        }
        let shape = word.shape();
        let t = class_of_shape(shape)?;
        if !habu_runtime::ops::compare::by_identity(t, op) || !self.ty(v).may(kind::OBJECT) {
            return None;
        }
        self.same_specials(t);
        let (v, constant) = (
            self.guard_shape(v, shape),
            self.guard_shape(constant, shape),
        );
        let same = self.def(Inst::Same(v, constant), Ty::BOOL);
        Some(match op {
            c::EQ => same,
            _ => self.negate(same),
        })
    }
}
