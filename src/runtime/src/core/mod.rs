//! The machinery under the built-in types: strings, tables, lists, ints, shapes, classes, attribute look-up.
pub mod attr;
pub mod class;
pub mod class_make;
pub mod class_slots;
pub mod code;
pub mod dict;
pub mod func;
pub mod hash;
pub mod int;
pub mod list;
pub mod lookup_cache;
pub mod parse;
pub mod shape;
pub mod string;
pub mod tuple;
pub mod unpack;
pub mod watch;
