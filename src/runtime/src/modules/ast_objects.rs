//! Syntax trees between the compiler's plain form and the node objects of Python's `ast` module.

use crate::core::{attr, class, code, dict, int, list, string};
use crate::error;
use crate::kinds;
use crate::object::*;
use crate::ops::{call, iter};
use crate::thread::{R, Thread, expect};
use crate::types;
use habu_bytecode::Const;
use habu_compiler::ast_tree::{Field, Node};
use habu_heap::Value;

/// `compile(…, flags)`: give the tree, do not compile.
pub const ONLY_AST: i32 = 1024;

fn module(th: &Thread) -> R {
    crate::import::import_module(th, "_ast")
}

/// Node objects of a tree.
pub fn to_objects(th: &Thread, n: &Node) -> R {
    let m = module(th)?;
    build(th, m, n)
}

fn build(th: &Thread, m: Value, n: &Node) -> R {
    th.check_native_stack()?;
    let c = attr::get_text(th, m, n.class)?;
    let v = call::method_named(th, c, "__new__", &[c])?;
    for (name, f) in &n.fields {
        let x = field(th, m, f)?;
        attr::set_text(th, v, name, x)?;
    }
    if let Some((l, c, el, ec)) = n.pos {
        for (name, i) in [
            ("lineno", l),
            ("col_offset", c),
            ("end_lineno", el),
            ("end_col_offset", ec),
        ] {
            attr::set_text(th, v, name, Value::small_int(i as i64))?;
        }
    }
    Ok(v)
}

fn field(th: &Thread, m: Value, f: &Field) -> R {
    Ok(match f {
        Field::None => Value::NONE,
        Field::Node(n) => build(th, m, n)?,
        Field::List(items) => {
            let l = list::with_capacity(th, items.len())?;
            for x in items {
                list::push(th, l, field(th, m, x)?)?;
            }
            l.value()
        }
        Field::Str(s) => string::intern_new(th, s)?.value(),
        Field::Int(i) => int::from_i64(th, *i)?,
        Field::Const(c) => code::constant(th, c)?,
    })
}

/// Is this a node object?
pub fn is_node(th: &Thread, v: Value) -> R<bool> {
    let Some(mods) = crate::import::modules() else {
        return Ok(false);
    };
    let Some(m) = dict::get_text(th, mods, "_ast")? else {
        return Ok(false);
    };
    let base = attr::get_text(th, m, "AST")?;
    crate::ops::isinstance::isinstance(th, v, base)
}

/// The plain form of a node object's class name, as the compiler knows it.
fn known_class(th: &Thread, v: Value) -> R<&'static str> {
    for c in class::of(v).mro().items() {
        let name = expect::<TypeObj>(*c).name_str();
        if let Some(n) = habu_compiler::ast_tree::CLASSES
            .iter()
            .find(|n| **n == name)
        {
            return Ok(n);
        }
    }
    Err(error::type_error(
        th,
        &format!(
            "expected some sort of AST node, but got {}",
            class::type_name(v)
        ),
    ))
}

/// A tree from node objects.
pub fn from_objects(th: &Thread, v: Value) -> R<Node> {
    th.check_native_stack()?;
    let name = known_class(th, v)?;
    let mut n = Node::new(name);
    let fields = attr::get_text(th, class::of(v).value(), "_fields")?;
    let fields = iter::to_tuple(th, fields)?;
    for &f in fields.items() {
        let f = attr::intern_name(th, f)?;
        let text = expect::<StrObj>(f).to_rust().into_owned();
        let Some(known) = habu_compiler::ast_tree::FIELDS.iter().find(|k| **k == text) else {
            continue;
        };
        let x = match attr::get_opt(th, v, f)? {
            Some(x) => from_field(
                th,
                x,
                *known == "value" && name == "Constant" || name == "MatchSingleton",
            )?,
            None => Field::None,
        };
        n.fields.push((known, x));
    }
    let at = |k: &str| -> R<Option<u32>> {
        Ok(attr::get_text_opt(th, v, k)?
            .and_then(|i| i.as_int())
            .map(|i| i.max(0) as u32))
    };
    if let (Some(l), Some(c)) = (at("lineno")?, at("col_offset")?) {
        n.pos = Some((
            l,
            c,
            at("end_lineno")?.unwrap_or(l),
            at("end_col_offset")?.unwrap_or(c),
        ));
    }
    Ok(n)
}

fn from_field(th: &Thread, x: Value, constant: bool) -> R<Field> {
    if constant {
        return Ok(Field::Const(tree_const(th, x)?));
    }
    Ok(match x.kind() {
        _ if x.is_none() => Field::None,
        kinds::LIST => {
            let mut out = Vec::new();
            let mut i = 0;
            while let Some(y) = list::get(expect(x), i) {
                out.push(from_field(th, y, false)?);
                i += 1;
            }
            Field::List(out)
        }
        kinds::STR => Field::Str(expect::<StrObj>(x).to_rust().into_owned()),
        _ if int::is_int(x) => Field::Int(int::to_i64(x).unwrap_or(0)),
        _ if is_node(th, x)? => Field::Node(Box::new(from_objects(th, x)?)),
        _ => Field::Const(tree_const(th, x)?),
    })
}

/// A constant of a syntax tree, which no slice and no code is.
fn tree_const(th: &Thread, x: Value) -> R<Const> {
    match x.kind() {
        kinds::SLICE | kinds::CODE => Err(unfit(th, x)),
        _ => to_const(th, x),
    }
}
fn unfit(th: &Thread, x: Value) -> crate::thread::Raised {
    let text = format!("got an invalid type in Constant: {}", class::type_name(x));
    error::type_error(th, &text)
}

/// A constant from an object; TypeError where it is none.
pub fn to_const(th: &Thread, x: Value) -> R<Const> {
    th.check_native_stack()?;
    let items = |t: &[Value]| -> R<Box<[Const]>> { t.iter().map(|v| to_const(th, *v)).collect() };
    Ok(match x {
        Value::NONE => Const::None,
        Value::TRUE => Const::True,
        Value::FALSE => Const::False,
        Value::ELLIPSIS => Const::Ellipsis,
        _ => {
            if let Some(i) = int::to_i64(x) {
                return Ok(Const::Int(i));
            }
            if let Some(f) = types::float::get(x) {
                return Ok(Const::Float(f));
            }
            if let Some((re, im)) = types::complex::get(x) {
                return Ok(Const::Complex(re, im));
            }
            match x.kind() {
                kinds::INT => {
                    let b = int::to_ibig(x).unwrap_or_default();
                    let negative = int::is_negative(x);
                    let u = if negative { -b } else { b };
                    Const::BigInt {
                        negative,
                        hex: format!("{u:x}"),
                    }
                }
                kinds::STR => {
                    let s: Gc<StrObj> = expect(x);
                    match s.to_utf8() {
                        Some(t) => Const::Str(t.into()),
                        None => Const::Surrogates(s.chars().collect()),
                    }
                }
                kinds::BYTES => Const::Bytes(types::bytes::as_slice(x).unwrap_or(&[]).into()),
                kinds::TUPLE => Const::Tuple(items(expect::<TupleObj>(x).items())?),
                kinds::FROZENSET => {
                    let l = types::set::items(th, x)?;
                    Const::FrozenSet(items(list::items(l))?)
                }
                kinds::SLICE => {
                    let s: Gc<SliceObj> = expect(x);
                    let part = |p: &habu_heap::Slot| to_const(th, p.get().unwrap_or(Value::NONE));
                    Const::Slice(Box::new([part(&s.start)?, part(&s.stop)?, part(&s.step)?]))
                }
                kinds::CODE => Const::Code(Box::new(code::to_unit(th, expect(x))?)),
                _ => return Err(unfit(th, x)),
            }
        }
    })
}
