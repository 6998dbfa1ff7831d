//! `compile`, `exec` and `eval`.

use crate::classes::C;
use crate::core::{attr, class, dict, parse};
use crate::error;
use crate::interp;
use crate::names::{N, nm};
use crate::object::*;
use crate::ops::call;
use crate::runtime::rt;
use crate::spec::Args;
use crate::thread::{R, Thread};
use crate::types;
use habu_heap::Value;

pub(super) fn compile(th: &Thread, a: Args) -> R {
    let [src, file, mode, flags, _dont, optimize, feature] = crate::args!(
        th,
        a,
        "compile",
        [
            "source",
            "filename",
            "mode",
            "flags",
            "dont_inherit",
            "optimize",
            "_feature_version"
        ],
        0,
        3,
        6
    );
    let _ = feature;
    let file = fs_text(th, file.unwrap_or(Value::NONE))?;
    let mode = parse::as_str(th, mode.unwrap_or(Value::NONE), "compile() argument 'mode'")?;
    let m = match &*mode.to_rust() {
        "exec" => habu_compiler::Mode::Exec,
        "eval" => habu_compiler::Mode::Eval,
        "single" => habu_compiler::Mode::Single,
        _ => {
            return Err(error::value_error(
                th,
                "compile() mode must be 'exec', 'eval' or 'single'",
            ));
        }
    };
    let flags = match flags {
        Some(f) => parse::as_i32(th, f)?,
        None => 0,
    };
    let optimize = match optimize {
        Some(o) => parse::as_i32(th, o)?,
        None => -1,
    };
    if !(-1..=2).contains(&optimize) {
        return Err(error::value_error(th, "compile(): invalid optimize value"));
    }
    let src = src.unwrap_or(Value::NONE);
    let only_ast = flags & crate::modules::ast_objects::ONLY_AST != 0;
    if crate::modules::ast_objects::is_node(th, src)? {
        if only_ast {
            return Ok(src);
        }
        let tree = crate::modules::ast_objects::from_objects(th, src)?;
        let o = habu_compiler::Options {
            mode: m,
            optimize: if optimize < 0 {
                optimize_level()
            } else {
                optimize as u8
            },
            ..Default::default()
        };
        return match habu_compiler::ast_tree::compile(&tree, &file, &o) {
            Ok(c) => Ok(crate::core::code::from_unit(th, &c.code)?.value()),
            Err(e) => Err(crate::import::syntax_error(th, &e, &file)),
        };
    }
    let text = source_text(th, src, &file, "compile", "string, bytes or AST")?;
    if only_ast {
        return match habu_compiler::ast_tree::parse(&text, &file, m) {
            Ok(p) => crate::modules::ast_objects::to_objects(th, &p.tree),
            Err(e) => Err(crate::import::syntax_error(th, &e, &file)),
        };
    }
    let o = habu_compiler::Options {
        mode: m,
        optimize: if optimize < 0 {
            optimize_level()
        } else {
            optimize as u8
        },
        // The lower bits are no features but say how to compile.
        future_flags: flags as u32 & !0xffff,
        allow_top_level_await: flags & TOP_LEVEL_AWAIT != 0,
        blocks_end_blank: flags & DONT_IMPLY_DEDENT != 0,
    };
    let code = if flags & ALLOW_INCOMPLETE != 0 {
        crate::import::compile_part(th, &text, &file, &o)?
    } else {
        crate::import::compile_text(th, &text, &file, &o)?
    };
    Ok(code.value())
}
/// `flags` of `compile`.
const DONT_IMPLY_DEDENT: i32 = 0x200;
const TOP_LEVEL_AWAIT: i32 = 0x2000;
const ALLOW_INCOMPLETE: i32 = 0x4000;
fn optimize_level() -> u8 {
    rt().options
        .optimize
        .load(std::sync::atomic::Ordering::Relaxed) as u8
}
pub fn fs_text(th: &Thread, v: Value) -> R<String> {
    if let Some(s) = v.cast::<StrObj>() {
        return Ok(s.to_rust().into_owned());
    }
    if let Some(b) = types::bytes::as_slice(v) {
        return Ok(String::from_utf8_lossy(b).into_owned());
    }
    match class::special_of(v, N::Len).is_some() {
        _ if attr::get_opt(th, v, nm(N::Fspath))?.is_some() => {
            let p = call::method(th, v, nm(N::Fspath), &[])?;
            fs_text(th, p)
        }
        _ => Err(error::type_error(
            th,
            &format!(
                "expected str, bytes or os.PathLike object, not {}",
                class::type_name(v)
            ),
        )),
    }
}
/// Source given as text or bytes; `what` names what `func` takes.
pub fn source_text(th: &Thread, v: Value, file: &str, func: &str, what: &str) -> R<String> {
    let text = if let Some(s) = v.cast::<StrObj>() {
        if s.has_surrogates() {
            return Err(types::string::surrogate_error(th, s));
        }
        s.to_rust().into_owned()
    } else if let Some(b) = types::bytes::as_slice(v) {
        match b.contains(&0) {
            true => "\0".into(),
            false => crate::import::decode_source(th, b, file)?,
        }
    } else {
        return Err(error::type_error(
            th,
            &format!("{func}() arg 1 must be a {what} object"),
        ));
    };
    if text.contains('\0') {
        return Err(error::raise(
            th,
            C::SyntaxError,
            "source code string cannot contain null bytes",
        ));
    }
    Ok(text)
}
fn scopes(th: &Thread, func: &str, g: Option<Value>, l: Option<Value>) -> R<(Gc<DictObj>, Value)> {
    let g = g.filter(|g| !g.is_none());
    let l = l.filter(|l| !l.is_none());
    let globals = match g {
        Some(g) => match g.cast::<DictObj>() {
            Some(d) => d,
            None => {
                return Err(error::type_error(
                    th,
                    &format!(
                        "{func}() globals must be a dict, not {}",
                        class::type_name(g)
                    ),
                ));
            }
        },
        None => match interp::current_globals(th) {
            Some(g) => g,
            None => {
                return Err(error::raise(
                    th,
                    C::SystemError,
                    "globals and locals cannot be NULL",
                ));
            }
        },
    };
    let locals = match (l, g) {
        (Some(l), _) => l,
        (None, Some(g)) => g,
        (None, None) => match interp::current_frame(th) {
            Some(f) => types::frame::locals_snapshot(th, f)?,
            None => globals.value(),
        },
    };
    if class::special_of(locals, N::GetItem).is_none() {
        return Err(error::type_error(
            th,
            &format!(
                "{func}() locals must be a mapping, not {}",
                class::type_name(locals)
            ),
        ));
    }
    if dict::get_name(globals, nm(N::Builtins)).is_none()
        && let Some(b) = rt().builtins.get()
    {
        dict::set_name(th, globals, nm(N::Builtins), b)?;
    }
    Ok((globals, locals))
}
fn run(th: &Thread, func: &str, a: Args, mode: habu_compiler::Mode) -> R {
    let [src, g, l, closure] = crate::args!(
        th,
        a,
        "exec",
        ["source", "globals", "locals", "closure"],
        1,
        1,
        3
    );
    let src = src.unwrap_or(Value::NONE);
    let (globals, locals) = scopes(th, func, g, l)?;
    let code = match src.cast::<CodeObj>() {
        Some(c) => c,
        None => {
            let t = source_text(th, src, "<string>", func, "string, bytes or code")?;
            let t = if func == "eval" {
                t.trim_start_matches([' ', '\t']).to_string()
            } else {
                t
            };
            let o = habu_compiler::Options {
                mode,
                optimize: optimize_level(),
                ..Default::default()
            };
            crate::import::compile_text(th, &t, "<string>", &o)?
        }
    };
    let closure = closure.filter(|c| !c.is_none());
    if code.nfrees.get() > 0 && closure.is_none() {
        return Err(error::type_error(
            th,
            &if func == "exec" {
                format!(
                    "code object requires a closure of exactly length {}",
                    code.nfrees.get()
                )
            } else {
                "code object passed to eval() may not contain free variables".into()
            },
        ));
    }
    interp::run_code(th, code, globals, Some(locals), closure)
}
pub(super) fn exec(th: &Thread, a: Args) -> R {
    run(th, "exec", a, habu_compiler::Mode::Exec)?;
    Ok(Value::NONE)
}
pub(super) fn eval(th: &Thread, a: Args) -> R {
    run(th, "eval", a, habu_compiler::Mode::Eval)
}
