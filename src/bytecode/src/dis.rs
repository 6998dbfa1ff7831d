//! Disassembly in the manner of CPython's `dis`, for tests and `-X` dumps.

use crate::code::{CodeUnit, Const};
use crate::opcode::{Arg, Op};
use crate::{exceptions, instructions, locations};
use std::collections::BTreeMap;
use std::fmt::Write;

const BINARY: [&str; 27] = [
    "+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^", "+=", "&=", "//=", "<<=",
    "@=", "*=", "%=", "|=", "**=", ">>=", "-=", "/=", "^=", "[]",
];
const COMPARE: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];
/// What the operands of `CALL_INTRINSIC_1` and `_2` are called, by number.
pub const INTRINSIC_1: [&str; 12] = [
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];
pub const INTRINSIC_2: [&str; 6] = [
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];
const COMMON: [&str; 5] = [
    "AssertionError",
    "NotImplementedError",
    "tuple",
    "all",
    "any",
];
const SPECIAL: [&str; 4] = ["__enter__", "__exit__", "__aenter__", "__aexit__"];
const FUNCTION_ATTRIBUTES: [&str; 5] = [
    "defaults",
    "kwdefaults",
    "annotations",
    "closure",
    "annotate",
];

/// Listing of a code unit and of those nested in it.
pub fn disassemble(code: &CodeUnit) -> String {
    let mut out = String::new();
    one(code, &mut out);
    nested(code, &mut out);
    out
}

fn nested(code: &CodeUnit, out: &mut String) {
    for c in &code.consts {
        if let Const::Code(inner) = c {
            let _ = writeln!(out, "\nDisassembly of {}:", title(inner));
            one(inner, out);
            nested(inner, out);
        }
    }
}

fn title(c: &CodeUnit) -> String {
    format!(
        "<code object {}, file \"{}\", line {}>",
        c.name, c.filename, c.firstlineno
    )
}

fn one(code: &CodeUnit, out: &mut String) {
    let mut labels: BTreeMap<u32, usize> = BTreeMap::new();
    for i in instructions::iter(&code.code) {
        if let Some(t) = i.target() {
            labels.insert(t, 0);
        }
    }
    for (start, end, h) in exceptions::entries(&code.exception_table) {
        for o in [start, end, h.target] {
            labels.insert(o, 0);
        }
    }
    for (n, v) in labels.values_mut().enumerate() {
        *v = n + 1;
    }
    let lines: Vec<Option<u32>> = locations::positions(&code.line_table, code.firstlineno)
        .map(|p| p.0)
        .collect();
    let mut last = None;
    for i in instructions::iter(&code.code) {
        let line = lines.get(i.start as usize / 2).copied().flatten();
        let head = match (line, Some(line) == last) {
            (_, true) => String::new(),
            (None, _) => "--".to_string(),
            (Some(l), _) => l.to_string(),
        };
        if last.is_some() && Some(line) != last {
            out.push('\n');
        }
        last = Some(line);
        let label = labels
            .get(&i.start)
            .map_or(String::new(), |n| format!("L{n}:"));
        let _ = write!(out, "{head:>5}  {label:>6} {}", i.op.name());
        if (i.op as u8) > crate::opcode::HAVE_ARGUMENT {
            let pad = 28usize.saturating_sub(i.op.name().len());
            let _ = write!(out, "{:>pad$}", i.arg);
            let note = argument(code, &i, &labels);
            if !note.is_empty() {
                let _ = write!(out, " ({note})");
            }
        }
        out.push('\n');
    }
    if !code.exception_table.is_empty() {
        out.push_str("ExceptionTable:\n");
        let name = |o: u32| {
            labels
                .get(&o)
                .map_or_else(|| o.to_string(), |n| format!("L{n}"))
        };
        for (start, end, h) in exceptions::entries(&code.exception_table) {
            let lasti = if h.lasti { " lasti" } else { "" };
            let _ = writeln!(
                out,
                "  {} to {} -> {} [{}]{lasti}",
                name(start),
                name(end),
                name(h.target),
                h.depth
            );
        }
    }
}

fn argument(code: &CodeUnit, i: &instructions::Instr, labels: &BTreeMap<u32, usize>) -> String {
    let arg = i.arg as usize;
    let pick = |list: &[&str], n: usize| list.get(n).map_or(String::new(), |s| s.to_string());
    let name = |n: usize| code.names.get(n).map_or(String::new(), |s| s.to_string());
    let with_null =
        |s: String, flag: bool, what: &str| if flag { format!("{s} + {what}") } else { s };
    match i.op {
        Op::BINARY_OP => pick(&BINARY, arg),
        Op::COMPARE_OP => {
            let s = pick(&COMPARE, arg >> 5);
            if arg & 16 != 0 {
                format!("bool({s})")
            } else {
                s
            }
        }
        Op::IS_OP => if arg == 0 { "is" } else { "is not" }.to_string(),
        Op::CONTAINS_OP => if arg == 0 { "in" } else { "not in" }.to_string(),
        Op::CALL_INTRINSIC_1 => pick(&INTRINSIC_1, arg),
        Op::CALL_INTRINSIC_2 => pick(&INTRINSIC_2, arg),
        Op::LOAD_COMMON_CONSTANT => pick(&COMMON, arg),
        Op::LOAD_SPECIAL => pick(&SPECIAL, arg),
        Op::CONVERT_VALUE => pick(&["", "str", "repr", "ascii"], arg),
        Op::SET_FUNCTION_ATTRIBUTE => {
            let set: Vec<&str> = (0..5)
                .filter(|b| arg >> b & 1 == 1)
                .map(|b| FUNCTION_ATTRIBUTES[b])
                .collect();
            set.join(", ")
        }
        Op::LOAD_GLOBAL => with_null(name(arg >> 1), arg & 1 == 1, "NULL"),
        Op::LOAD_ATTR => with_null(name(arg >> 1), arg & 1 == 1, "NULL|self"),
        Op::LOAD_SUPER_ATTR => with_null(name(arg >> 2), arg & 1 == 1, "NULL|self"),
        _ => match i.op.arg_kind() {
            Arg::Const => code.consts.get(arg).map_or(String::new(), constant),
            Arg::Name => name(arg),
            Arg::Local | Arg::Free => code
                .localsplus_names
                .get(arg)
                .map_or(String::new(), |s| s.to_string()),
            Arg::JumpForward | Arg::JumpBackward => i
                .target()
                .and_then(|t| labels.get(&t))
                .map_or(String::new(), |n| format!("to L{n}")),
            Arg::None | Arg::Plain => String::new(),
        },
    }
}

/// A constant, roughly as Python writes it.
pub fn constant(c: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(constant).collect::<Vec<_>>().join(", ");
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt { negative, hex } => format!("{}0x{hex}", if *negative { "-" } else { "" }),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(r, i) => format!("({r:?}+{i:?}j)"),
        Const::Str(s) => format!("{s:?}"),
        Const::Surrogates(p) => format!("<surrogates {p:x?}>"),
        Const::Bytes(b) => format!("b\"{}\"", b.escape_ascii()),
        Const::Tuple(items) if items.len() == 1 => format!("({},)", constant(&items[0])),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
        Const::Slice(items) => format!("slice({})", list(&items[..])),
        Const::Code(code) => title(code),
    }
}
