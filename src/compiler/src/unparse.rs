//! Expressions back to source text, for annotations under the future import (`ast.unparse`'s C cousin).

use crate::ast::*;
use habu_bytecode::Const;

/// Binding strength, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum P {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Cmp,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arith,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

const LEVELS: [P; 16] = [
    P::Tuple,
    P::Test,
    P::Or,
    P::And,
    P::Not,
    P::Cmp,
    P::BitOr,
    P::BitXor,
    P::BitAnd,
    P::Shift,
    P::Arith,
    P::Term,
    P::Factor,
    P::Power,
    P::Await,
    P::Atom,
];

fn above(p: P) -> P {
    LEVELS[(p as usize + 1).min(LEVELS.len() - 1)]
}

pub fn unparse(e: &Expr) -> String {
    let mut out = String::new();
    expr(e, P::Test, &mut out);
    out
}

fn open(out: &mut String, level: P, own: P) -> &'static str {
    if level > own {
        out.push('(');
        ")"
    } else {
        ""
    }
}

fn list(es: &[Expr], out: &mut String) {
    for (i, e) in es.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        expr(e, P::Test, out);
    }
}

fn expr(e: &Expr, level: P, out: &mut String) {
    stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || expr_inner(e, level, out));
}

fn expr_inner(e: &Expr, level: P, out: &mut String) {
    match &e.kind {
        ExprKind::BoolOp(op, values) => {
            let (own, word) = if *op == BoolOp::And { (P::And, " and ") } else { (P::Or, " or ") };
            let close = open(out, level, own);
            for (i, v) in values.iter().enumerate() {
                if i > 0 {
                    out.push_str(word);
                }
                expr(v, above(own), out);
            }
            out.push_str(close);
        }
        ExprKind::Named(t, v) => {
            let close = open(out, level, P::Tuple);
            expr(t, P::Atom, out);
            out.push_str(" := ");
            expr(v, P::Atom, out);
            out.push_str(close);
        }
        ExprKind::BinOp(l, op, r) => {
            let (own, word, right_assoc) = match op {
                Operator::Add => (P::Arith, " + ", false),
                Operator::Sub => (P::Arith, " - ", false),
                Operator::Mult => (P::Term, " * ", false),
                Operator::MatMult => (P::Term, " @ ", false),
                Operator::Div => (P::Term, " / ", false),
                Operator::Mod => (P::Term, " % ", false),
                Operator::LShift => (P::Shift, " << ", false),
                Operator::RShift => (P::Shift, " >> ", false),
                Operator::BitOr => (P::BitOr, " | ", false),
                Operator::BitXor => (P::BitXor, " ^ ", false),
                Operator::BitAnd => (P::BitAnd, " & ", false),
                Operator::FloorDiv => (P::Term, " // ", false),
                Operator::Pow => (P::Power, " ** ", true),
            };
            let close = open(out, level, own);
            expr(l, if right_assoc { above(own) } else { own }, out);
            out.push_str(word);
            expr(r, if right_assoc { own } else { above(own) }, out);
            out.push_str(close);
        }
        ExprKind::UnaryOp(op, v) => {
            let (own, word) = match op {
                UnaryOp::Invert => (P::Factor, "~"),
                UnaryOp::Not => (P::Not, "not "),
                UnaryOp::UAdd => (P::Factor, "+"),
                UnaryOp::USub => (P::Factor, "-"),
            };
            let close = open(out, level, own);
            out.push_str(word);
            expr(v, own, out);
            out.push_str(close);
        }
        ExprKind::Lambda(args, body) => {
            let close = open(out, level, P::Test);
            out.push_str("lambda");
            let mut text = String::new();
            arguments(args, &mut text);
            if !text.is_empty() {
                out.push(' ');
                out.push_str(&text);
            }
            out.push_str(": ");
            expr(body, P::Test, out);
            out.push_str(close);
        }
        ExprKind::IfExp(t, b, o) => {
            let close = open(out, level, P::Test);
            expr(b, above(P::Test), out);
            out.push_str(" if ");
            expr(t, above(P::Test), out);
            out.push_str(" else ");
            expr(o, P::Test, out);
            out.push_str(close);
        }
        ExprKind::Dict(keys, values) => {
            out.push('{');
            for (i, (k, v)) in keys.iter().zip(values).enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match k {
                    Some(k) => {
                        expr(k, P::Test, out);
                        out.push_str(": ");
                        expr(v, P::Test, out);
                    }
                    None => {
                        out.push_str("**");
                        expr(v, P::BitOr, out);
                    }
                }
            }
            out.push('}');
        }
        ExprKind::Set(es) => {
            out.push('{');
            list(es, out);
            out.push('}');
        }
        ExprKind::ListComp(elt, g) => {
            out.push('[');
            expr(elt, P::Test, out);
            comprehensions(g, out);
            out.push(']');
        }
        ExprKind::SetComp(elt, g) => {
            out.push('{');
            expr(elt, P::Test, out);
            comprehensions(g, out);
            out.push('}');
        }
        ExprKind::DictComp(k, v, g) => {
            out.push('{');
            expr(k, P::Test, out);
            out.push_str(": ");
            expr(v, P::Test, out);
            comprehensions(g, out);
            out.push('}');
        }
        ExprKind::GeneratorExp(elt, g) => {
            out.push('(');
            expr(elt, P::Test, out);
            comprehensions(g, out);
            out.push(')');
        }
        ExprKind::Await(v) => {
            let close = open(out, level, P::Await);
            out.push_str("await ");
            expr(v, P::Atom, out);
            out.push_str(close);
        }
        ExprKind::Yield(v) => {
            out.push_str("(yield");
            if let Some(v) = v {
                out.push(' ');
                expr(v, P::Test, out);
            }
            out.push(')');
        }
        ExprKind::YieldFrom(v) => {
            out.push_str("(yield from ");
            expr(v, P::Test, out);
            out.push(')');
        }
        ExprKind::Compare(l, ops, rs) => {
            let close = open(out, level, P::Cmp);
            expr(l, above(P::Cmp), out);
            for (op, r) in ops.iter().zip(rs) {
                out.push_str(match op {
                    CmpOp::Eq => " == ",
                    CmpOp::NotEq => " != ",
                    CmpOp::Lt => " < ",
                    CmpOp::LtE => " <= ",
                    CmpOp::Gt => " > ",
                    CmpOp::GtE => " >= ",
                    CmpOp::Is => " is ",
                    CmpOp::IsNot => " is not ",
                    CmpOp::In => " in ",
                    CmpOp::NotIn => " not in ",
                });
                expr(r, above(P::Cmp), out);
            }
            out.push_str(close);
        }
        ExprKind::Call(f, args, kws) => {
            expr(f, P::Atom, out);
            if let [Expr { kind: ExprKind::GeneratorExp(..), .. }] = &args[..]
                && kws.is_empty()
            {
                expr(&args[0], P::Test, out);
                return;
            }
            out.push('(');
            list(args, out);
            for (i, k) in kws.iter().enumerate() {
                if i > 0 || !args.is_empty() {
                    out.push_str(", ");
                }
                match &k.arg {
                    Some(n) => {
                        out.push_str(n);
                        out.push('=');
                    }
                    None => out.push_str("**"),
                }
                expr(&k.value, P::Test, out);
            }
            out.push(')');
        }
        ExprKind::JoinedStr(_) | ExprKind::FormattedValue { .. } => {
            let mut body = String::new();
            fstring(e, false, &mut body);
            out.push('f');
            out.push_str(&str_repr(&body));
        }
        ExprKind::TemplateStr(_) | ExprKind::Interpolation { .. } => {
            let mut body = String::new();
            fstring(e, false, &mut body);
            out.push('t');
            out.push_str(&str_repr(&body));
        }
        ExprKind::Constant(c, unicode) => match c {
            Const::Ellipsis => out.push_str("..."),
            Const::Float(f) if f.is_infinite() => out.push_str(if *f < 0.0 { "-1e309" } else { "1e309" }),
            _ => {
                if *unicode {
                    out.push('u');
                }
                out.push_str(&constant_repr(c));
            }
        },
        ExprKind::Attribute(v, attr, _) => {
            expr(v, P::Atom, out);
            if matches!(v.kind, ExprKind::Constant(Const::Int(_) | Const::BigInt { .. }, _)) {
                out.push(' ');
            }
            out.push('.');
            out.push_str(attr);
        }
        ExprKind::Subscript(v, s, _) => {
            expr(v, P::Atom, out);
            out.push('[');
            expr(s, P::Tuple, out);
            out.push(']');
        }
        ExprKind::Starred(v, _) => {
            out.push('*');
            expr(v, P::BitOr, out);
        }
        ExprKind::Name(n, _) => out.push_str(n),
        ExprKind::List(es, _) => {
            out.push('[');
            list(es, out);
            out.push(']');
        }
        ExprKind::Tuple(es, _) => {
            if es.is_empty() {
                out.push_str("()");
                return;
            }
            let close = open(out, level, P::Tuple);
            list(es, out);
            if es.len() == 1 {
                out.push(',');
            }
            out.push_str(close);
        }
        ExprKind::Slice(a, b, c) => {
            if let Some(a) = a {
                expr(a, P::Test, out);
            }
            out.push(':');
            if let Some(b) = b {
                expr(b, P::Test, out);
            }
            if let Some(c) = c {
                out.push(':');
                expr(c, P::Test, out);
            }
        }
    }
}

fn comprehensions(gens: &[Comprehension], out: &mut String) {
    for g in gens {
        out.push_str(if g.is_async { " async for " } else { " for " });
        expr(&g.target, P::Tuple, out);
        out.push_str(" in ");
        expr(&g.iter, above(P::Test), out);
        for i in &g.ifs {
            out.push_str(" if ");
            expr(i, above(P::Test), out);
        }
    }
}

fn arguments(a: &Arguments, out: &mut String) {
    let mut first = true;
    let mut comma = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push_str(", ");
        }
    };
    let one = |p: &Arg, out: &mut String| {
        out.push_str(&p.name);
        if let Some(e) = &p.annotation {
            out.push_str(": ");
            expr(e, P::Test, out);
        }
    };
    let positional = a.posonly.len() + a.args.len();
    let no_default = positional - a.defaults.len().min(positional);
    for (i, p) in a.posonly.iter().chain(&a.args).enumerate() {
        comma(out);
        one(p, out);
        if i >= no_default {
            out.push('=');
            expr(&a.defaults[i - no_default], P::Test, out);
        }
        if i + 1 == a.posonly.len() {
            out.push_str(", /");
        }
    }
    if a.vararg.is_some() || !a.kwonly.is_empty() {
        comma(out);
        out.push('*');
        if let Some(p) = &a.vararg {
            one(p, out);
        }
    }
    for (p, d) in a.kwonly.iter().zip(&a.kw_defaults) {
        comma(out);
        one(p, out);
        if let Some(d) = d {
            out.push('=');
            expr(d, P::Test, out);
        }
    }
    if let Some(p) = &a.kwarg {
        comma(out);
        out.push_str("**");
        one(p, out);
    }
}

fn fstring(e: &Expr, in_spec: bool, out: &mut String) {
    match &e.kind {
        ExprKind::JoinedStr(values) | ExprKind::TemplateStr(values) => {
            values.iter().for_each(|v| fstring(v, in_spec, out));
        }
        ExprKind::Constant(c, _) => {
            let text: String =
                crate::literal::code_points(c).iter().map(|p| char::from_u32(*p).unwrap_or('\u{FFFD}')).collect();
            out.push_str(&text.replace('{', "{{").replace('}', "}}"));
        }
        ExprKind::FormattedValue { value, conversion, format_spec }
        | ExprKind::Interpolation { value, conversion, format_spec, .. } => {
            let mut text = String::new();
            expr(value, above(P::Test), &mut text);
            out.push_str(if text.starts_with('{') { "{ " } else { "{" });
            out.push_str(&text);
            if let Some(c) = u32::try_from(*conversion).ok().and_then(char::from_u32) {
                out.push('!');
                out.push(c);
            }
            if let Some(s) = format_spec {
                out.push(':');
                fstring(s, true, out);
            }
            out.push('}');
        }
        _ => expr(e, P::Test, out),
    }
}

/// `repr()` of text.
pub fn str_repr(s: &str) -> String {
    points_repr(s.chars().map(|c| c as u32))
}

fn points_repr(points: impl Iterator<Item = u32> + Clone) -> String {
    let has = |c: char| points.clone().any(|p| p == c as u32);
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for p in points {
        match char::from_u32(p) {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c) if c == quote => {
                out.push('\\');
                out.push(c);
            }
            Some(c) if (c as u32) < 0x20 || (0x7f..0xa1).contains(&(c as u32)) || c == '\u{ad}' => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            Some(c) => out.push(c),
            None => out.push_str(&format!("\\u{p:04x}")),
        }
    }
    out.push(quote);
    out
}

fn float_repr(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f < 0.0 { "-inf" } else { "inf" }.into();
    }
    let sci = format!("{f:e}");
    let (mantissa, exp) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    if (-4..16).contains(&exp) {
        let plain = format!("{f}");
        if plain.contains('.') { plain } else { format!("{plain}.0") }
    } else {
        let sign = if exp < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exp.abs())
    }
}

fn big_repr(negative: bool, hex: &str) -> String {
    // Repeated division of the hexadecimal digits by 10^9.
    let mut digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let mut groups: Vec<u32> = Vec::new();
    while digits.iter().any(|d| *d != 0) {
        let mut rest: u64 = 0;
        for d in digits.iter_mut() {
            let v = rest * 16 + u64::from(*d);
            *d = (v / 1_000_000_000) as u32;
            rest = v % 1_000_000_000;
        }
        groups.push(rest as u32);
    }
    let mut out = String::from(if negative { "-" } else { "" });
    for (i, g) in groups.iter().rev().enumerate() {
        if i == 0 { out.push_str(&g.to_string()) } else { out.push_str(&format!("{g:09}")) }
    }
    if groups.is_empty() {
        out.push('0');
    }
    out
}

/// `repr()` of a constant.
pub fn constant_repr(c: &Const) -> String {
    let join = |items: &[Const]| items.iter().map(constant_repr).collect::<Vec<_>>().join(", ");
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt { negative, hex } => big_repr(*negative, hex),
        Const::Float(f) => float_repr(*f),
        Const::Complex(r, i) => {
            let part = |f: f64| {
                let s = float_repr(f);
                s.strip_suffix(".0").map_or(s.clone(), str::to_string)
            };
            if *r == 0.0 && r.is_sign_positive() {
                format!("{}j", part(*i))
            } else {
                let sign = if i.is_sign_negative() && !i.is_nan() { "" } else { "+" };
                format!("({}{sign}{}j)", part(*r), part(*i))
            }
        }
        Const::Str(s) => str_repr(s),
        Const::Surrogates(p) => points_repr(p.iter().copied()),
        Const::Bytes(b) => bytes_repr(b),
        Const::Tuple(t) if t.len() == 1 => format!("({},)", constant_repr(&t[0])),
        Const::Tuple(t) => format!("({})", join(t)),
        Const::FrozenSet(t) if t.is_empty() => "frozenset()".into(),
        Const::FrozenSet(t) => format!("frozenset({{{}}})", join(t)),
        Const::Slice(s) => format!("slice({})", join(&s[..])),
        Const::Code(code) => format!("<code object {}>", code.name),
    }
}

fn bytes_repr(b: &[u8]) -> String {
    let quote = if b.contains(&b'\'') && !b.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = String::from("b");
    out.push(quote as char);
    for c in b {
        match c {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            c if *c == quote => {
                out.push('\\');
                out.push(quote as char);
            }
            0x20..=0x7e => out.push(*c as char),
            _ => out.push_str(&format!("\\x{c:02x}")),
        }
    }
    out.push(quote as char);
    out
}
