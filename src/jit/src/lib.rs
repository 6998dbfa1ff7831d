//! The native-code tier: hot code objects become machine code, by way of a typed representation.
//!
//! Invariants of this room: the runtime calls it only through `Tier`; what cannot be compiled is a `Bailout`, and
//! the interpreter goes on; compiled code can be left before every instruction that it guesses about.
#![allow(clippy::missing_safety_doc)]

mod aside;
mod assumptions;
mod build;
mod clock;
mod deopt;
mod foreign;
mod helpers;
mod in_place;
mod ir;
mod live;
mod lower;
mod memory;
mod operands;
mod order;
mod outermost;
mod passes;
mod record;
mod stats;
mod taken;
mod text;
mod tier;
mod unit;
mod validate;
mod worker;

pub use lower::Effort;
pub use tier::{Mode, Options, install};
