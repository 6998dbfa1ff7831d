//! Scanner: a search that goes on where the last one ended. `finditer` is one, called until it finds nothing.

use super::*;

/// Words of a Scanner. AT is absent once a search has failed.
mod scan {
    pub const RE: usize = 0;
    pub const STRING: usize = 1;
    pub const TEXT: usize = 2;
    pub const AT: usize = 3;
    pub const POS: usize = 4;
    pub const ENDPOS: usize = 5;
    pub const ADVANCE: usize = 6;
}

fn new_scanner(th: &Thread, p: Value, args: [Option<Value>; 3]) -> R {
    let string = args[0].unwrap_or(Value::NONE);
    let (text, len) = text_of(th, p, string)?;
    let (from, end) = span_args(th, args[1], args[2], len)?;
    let v = make(th, class_of(p, 1))?;
    for (i, x) in [
        (scan::RE, p),
        (scan::STRING, string),
        (scan::TEXT, text),
        (scan::ADVANCE, Value::FALSE),
    ] {
        s(v, i).init(Some(x));
    }
    for (i, n) in [(scan::AT, from), (scan::POS, from), (scan::ENDPOS, end)] {
        set_num(v, i, n);
    }
    Ok(v)
}
pub fn scanner(th: &Thread, a: Args) -> R {
    new_scanner(
        th,
        a.all()[0],
        habu_runtime::args!(
            th,
            a.rest(),
            "scanner",
            ["string", "pos", "endpos"],
            0,
            1,
            3
        ),
    )
}
pub fn finditer(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(
        th,
        a.rest(),
        "finditer",
        ["string", "pos", "endpos"],
        0,
        1,
        3
    );
    let v = new_scanner(th, a.all()[0], args)?;
    let f = attr::get_text(th, v, "search")?;
    iters::new_call_iter(th, f, Value::NONE)
}
fn scan(th: &Thread, v: Value, mode: Mode) -> R {
    let Some(from) = s(v, scan::AT).get().and_then(|n| n.as_int()) else {
        return Ok(Value::NONE);
    };
    let p = get(v, scan::RE);
    let (pos, end) = (num(v, scan::POS) as usize, num(v, scan::ENDPOS) as usize);
    let advance = get(v, scan::ADVANCE) == Value::TRUE;
    let mut w = Work::lease(th, groups(p))?;
    if exec(
        th,
        p,
        get(v, scan::TEXT),
        &mut w,
        How {
            mode,
            from: from as usize,
            end,
            advance,
        },
    )? {
        set_num(v, scan::AT, w.end);
        s(v, scan::ADVANCE).init(Some(Value::bool(w.end == w.start)));
        return new_match(th, p, get(v, scan::STRING), &w, pos, end);
    }
    s(v, scan::AT).init(None);
    Ok(Value::NONE)
}
fn scan_match(th: &Thread, v: Value) -> R {
    scan(th, v, Mode::Match)
}
fn scan_search(th: &Thread, v: Value) -> R {
    scan(th, v, Mode::Search)
}
fn scan_pattern(_: &Thread, v: Value) -> R {
    Ok(get(v, scan::RE))
}

static SCANNER_METHODS: [MethodDef; 2] = [m1("match", scan_match), m1("search", scan_search)];
static SCANNER_GETSET: [GetSetDef; 1] = [gs("pattern", scan_pattern)];
pub static SCANNER: TypeSpec = TypeSpec::new("SRE_Scanner", kinds::RECORD)
    .module("_sre")
    .words(7)
    .flags(tf::NO_NEW)
    .new_fn(refuse)
    .methods(&SCANNER_METHODS)
    .getset(&SCANNER_GETSET);
