//! The text form, for `-X dump=ir` and the snapshots.

use crate::helpers;
use crate::ir::*;
use crate::order::reverse_postorder;
use std::fmt::Write;

fn ty(t: Ty) -> String {
    match t.rep {
        Rep::F64 => "f64".into(),
        Rep::Bool => "bool".into(),
        Rep::Raw => "raw".into(),
        Rep::Word if t.shape != 0 => "exact".into(),
        Rep::Word if t.kinds == 0 => "-".into(),
        Rep::Word => {
            if t.only(kind::ANY) && t.kinds == kind::ANY {
                return "any".into();
            }
            let names = [
                (kind::INT, "int"),
                (kind::FLOAT, "float"),
                (kind::BOOL, "boolean"),
                (kind::NONE, "none"),
                (kind::EMPTY, "empty"),
                (kind::OBJECT, "object"),
                (kind::OTHER, "other"),
            ];
            let parts: Vec<&str> = names
                .iter()
                .filter(|(k, _)| t.may(*k))
                .map(|(_, n)| *n)
                .collect();
            parts.join("|")
        }
    }
}

fn held(f: &Func, h: Held) -> String {
    match h {
        Held::Object(n) => {
            let words = f.objects[n as usize].words.iter();
            let words: Vec<String> = words.map(|&h| held(f, h)).collect();
            format!("object[{}]", words.join(" "))
        }
        Held::Tuple(n) => format!("tuple{:?}", f.tuples[n as usize]),
        Held::Function(n) => {
            let made = &f.functions[n as usize];
            format!("function({:?} {})", made.like, held(f, made.closure))
        }
        Held::Value(v) => format!("{v:?}"),
        Held::Empty => "-".into(),
        Held::Range(a, b, c) => format!("range({a:?} {b:?} {c:?})"),
        Held::List(a, b) => format!("list({a:?} {b:?})"),
    }
}

fn exit(f: &Func, x: Exit) -> String {
    let e = &f.exits[x.index()];
    let mut s = String::new();
    let mut at = Some(e.state);
    while let Some(i) = at {
        let st = &f.states[i.index()];
        let dirty: Vec<String> = st
            .dirty
            .iter()
            .map(|(n, h)| format!("{n}={}", held(f, *h)))
            .collect();
        let _ = write!(
            s,
            " {:?}@{}+{}[{}]",
            st.body,
            st.op,
            st.depth,
            dirty.join(" ")
        );
        at = st.parent;
    }
    format!("{:?}{s}", e.why)
}

/// Constants from here on are addresses, shapes or places in tables: they differ from run to run.
const CHANGING: i64 = 256;

fn instruction(inst: &Inst) -> String {
    let dynamic = |s: u32| s >= habu_runtime::classes::FIRST_DYNAMIC_SHAPE;
    match inst {
        Inst::Guard(v, Test::Shape(s), _) if dynamic(*s) => format!("Guard {v:?} Shape(class)"),
        Inst::Guard(v, t, _) => format!("Guard {v:?} {t:?}"),
        Inst::SetShape(v, _) => format!("SetShape {v:?}"),
        Inst::InitShape(v, _) => format!("InitShape {v:?}"),
        Inst::Alloc(_, bytes, _) => format!("Alloc {bytes}"),
        Inst::LoadFixed(v, off, _) => format!("LoadFixed {v:?}+{off}"),
        Inst::LoadRaw(v, off) if *off as i64 >= CHANGING => format!("LoadRaw {v:?}+entry"),
        Inst::Raw(i) if *i >= CHANGING => "Raw constant".into(),
        Inst::Word(w) if *w & 1 != 0 => format!("Word {}", *w as i64 >> 1),
        Inst::Word(w) => match habu_heap::Value::from_bits(*w) {
            Some(v) if v.is_ptr() => "Word object".into(),
            _ => format!("Word {w:#x}"),
        },
        Inst::F64(b) => format!("F64 {}", f64::from_bits(*b)),
        Inst::Call(h, args, _) => format!("Call {} {args:?}", helpers::name(*h)),
        Inst::CallPython(c) => format!("CallPython {:?} {:?}", c.func, c.args),
        other => format!("{other:?}"),
    }
}

pub fn print(f: &Func) -> String {
    let mut s = String::new();
    let _ = writeln!(
        s,
        "{} ({} words)",
        f.bodies[0].name,
        crate::lower::frame_words(f)
    );
    for b in reverse_postorder(f) {
        let data = f.block(b);
        let params: Vec<String> = data
            .params
            .iter()
            .map(|p| format!("{p:?}: {}", ty(f.ty(*p))))
            .collect();
        let _ = writeln!(
            s,
            "{b:?}({}){}:",
            params.join(", "),
            if data.header { " loop" } else { "" }
        );
        for &v in &data.insts {
            let inst = f.inst(v);
            let _ = write!(s, "    {v:?}: {} = {}", ty(f.ty(v)), instruction(inst));
            inst.exits(&mut |x| {
                let _ = write!(s, "  !{}", exit(f, x));
            });
            s.push('\n');
        }
        let end = match &data.term {
            Term::Leave(x) => format!("leave {}", exit(f, *x)),
            Term::Return(v, Some(x)) => format!("Return({v:?})  !{}", exit(f, *x)),
            Term::Return(v, None) => format!("Return({v:?})"),
            t => format!("{t:?}"),
        };
        let _ = writeln!(s, "    {end}");
    }
    s
}
