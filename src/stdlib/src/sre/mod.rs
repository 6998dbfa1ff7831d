//! `_sre`: regular expressions. `re._compiler` turns a pattern into code words; `code.rs` checks them, `matcher.rs`
//! runs them, and this file holds the module with its classes.
//!
//! What must hold: a Pattern's code has passed `code::validate` and never changes. A text that could change while
//! it is searched (a bytearray) is searched in a copy.

mod chars;
mod code;
mod matcher;
mod methods;
mod scanner;
mod search;
mod start;
mod units;
mod work;

use habu_runtime::classes::C;
use habu_runtime::core::string::Units;
use habu_runtime::core::{attr, class, class_make, dict, int, list, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, compare};
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m0, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{bytes, generic_alias, iters, mappingproxy};
use habu_runtime::value::{Slot, Value};
use matcher::{Matcher, Mode};
use start::Start;
use units::Unit;
use work::{UNSET, Work};

fn s(v: Value, i: usize) -> &'static Slot {
    // SAFETY: the classes of this module declare the words that their functions use.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn get(v: Value, i: usize) -> Value {
    s(v, i).get().unwrap_or(Value::NONE)
}
fn num(v: Value, i: usize) -> i64 {
    get(v, i).as_int().unwrap_or(0)
}
fn set_num(v: Value, i: usize, n: usize) {
    s(v, i).init(Some(Value::small_int(n as i64)))
}
fn make(th: &Thread, cls: Gc<TypeObj>) -> R {
    // SAFETY: just made with this class's layout.
    Ok(unsafe { Value::from_ptr(iters::alloc(th, cls)?) })
}
fn is(v: Value, spec: &'static TypeSpec) -> bool {
    v.is_ptr() && std::ptr::eq(class::of(v).spec(), spec)
}
/// `__new__` of classes whose instances only this module makes.
fn refuse(th: &Thread, t: Gc<TypeObj>, _: Args) -> R {
    Err(error::type_error(
        th,
        &format!("cannot create '{}' instances", class::full_name(t)),
    ))
}
fn int_or(th: &Thread, v: Option<Value>, default: i64) -> R<i64> {
    v.map_or(Ok(default), |v| parse::as_isize(th, v))
}

/// Words of a Pattern.
mod pat {
    pub const PATTERN: usize = 0;
    pub const FLAGS: usize = 1;
    pub const CODE: usize = 2;
    pub const GROUPS: usize = 3;
    pub const GROUPINDEX: usize = 4;
    pub const INDEXGROUP: usize = 5;
    /// The classes Match, Scanner and Template.
    pub const CLASSES: usize = 6;
}
/// Words of a Match: group 0 stands in it, the others in a tuple.
mod mat {
    pub const STRING: usize = 0;
    pub const RE: usize = 1;
    pub const POS: usize = 2;
    pub const ENDPOS: usize = 3;
    pub const LAST: usize = 4;
    pub const START: usize = 5;
    pub const END: usize = 6;
    pub const MARKS: usize = 7;
    pub const REGS: usize = 8;
}

fn groups(p: Value) -> usize {
    num(p, pat::GROUPS) as usize
}
fn class_of(p: Value, i: usize) -> Gc<TypeObj> {
    expect(expect::<TupleObj>(get(p, pat::CLASSES)).items()[i])
}
/// A pattern's code and what was found out about it when it was compiled.
struct Program {
    code: &'static [u32],
    places: &'static [u32],
    tables: &'static [u8],
    /// Where a search may begin.
    start: Start<'static>,
}

fn program(p: Value) -> Option<Program> {
    let b = bytes::as_slice(get(p, pat::CODE)).unwrap_or(&[]);
    // SAFETY: the data of bytes is 8-aligned and any four bytes are a word; the pattern keeps it alive.
    let all = unsafe { std::slice::from_raw_parts(b.as_ptr() as *const u32, b.len() / 4) };
    let (start, rest) = all.split_first_chunk()?;
    let (n, rest) = rest.split_first()?;
    let n = *n as usize;
    let (code, rest) = rest.split_at_checked(n)?;
    Some(Program {
        code,
        places: rest.get(..n)?,
        tables: b.get((start::WORDS + 1 + 2 * n) * 4..)?,
        start: Start::of(start),
    })
}

// ---- texts

/// A text to search: the object itself, or a copy where it could change; and its length.
fn text_of(th: &Thread, p: Value, v: Value) -> R<(Value, usize)> {
    let of = get(p, pat::PATTERN);
    if let Some(t) = v.cast::<StrObj>() {
        if !of.is_none() && !of.is::<StrObj>() {
            return Err(error::type_error(
                th,
                "cannot use a bytes pattern on a string-like object",
            ));
        }
        return Ok((v, t.len()));
    }
    let Some(b) = bytes::bytes_like(th, v)? else {
        let t = class::type_name(v);
        return Err(error::type_error(
            th,
            &format!("expected string or bytes-like object, got '{t}'"),
        ));
    };
    if of.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "cannot use a string pattern on a bytes-like object",
        ));
    }
    let n = b.len();
    Ok((
        if v.is::<BytesObj>() {
            v
        } else {
            bytes::new(th, b)?
        },
        n,
    ))
}

/// `text[a..b]` as CPython makes it: str, or bytes for everything else.
fn slice(th: &Thread, v: Value, a: usize, b: usize) -> R {
    if let Some(t) = v.cast::<StrObj>() {
        return Ok(string::slice(th, t, a, b)?.value());
    }
    let data = bytes::bytes_like(th, v)?.unwrap_or(&[]);
    let b = b.min(data.len());
    let a = a.min(b);
    if a == 0 && b == data.len() && class::is_exact(v, C::Bytes) {
        return Ok(v);
    }
    bytes::new(th, &data[a..b])
}

fn with<U: Unit>(th: &Thread, p: Value, text: &[U], w: &mut Work, how: How) -> R<bool> {
    let Some(program) = program(p) else {
        return Ok(false);
    };
    let s = &text[..how.end.min(text.len())];
    Matcher {
        th,
        s,
        code: program.code,
        places: program.places,
        tables: program.tables,
        start: program.start,
        w,
        full: false,
        advance: how.advance,
        ticks: 0,
    }
    .run(how.mode, how.from)
}

#[derive(Clone, Copy)]
struct How {
    mode: Mode,
    from: usize,
    end: usize,
    /// The match may not be empty at `from`.
    advance: bool,
}

/// Match or search a text that `text_of` has given.
fn exec(th: &Thread, p: Value, text: Value, w: &mut Work, how: How) -> R<bool> {
    match text.cast::<StrObj>() {
        Some(t) => match t.units() {
            Units::One(u) => with(th, p, u, w, how),
            Units::Two(u) => with(th, p, u, w, how),
            Units::Four(u) => with(th, p, u, w, how),
        },
        None => with(th, p, bytes::as_slice(text).unwrap_or(&[]), w, how),
    }
}

fn new_match(th: &Thread, p: Value, string: Value, w: &Work, pos: usize, endpos: usize) -> R {
    let v = make(th, class_of(p, 0))?;
    s(v, mat::STRING).init(Some(string));
    s(v, mat::RE).init(Some(p));
    set_num(v, mat::POS, pos);
    set_num(v, mat::ENDPOS, endpos);
    set_num(v, mat::LAST, w.last as usize);
    set_num(v, mat::START, w.start);
    set_num(v, mat::END, w.end);
    if !w.marks.is_empty() {
        let t = tuple::alloc(th, w.marks.len())?;
        for (i, &[a, b]) in w.marks.as_chunks().0.iter().enumerate() {
            let set = a != UNSET && b != UNSET;
            let (a, b) = if set { (a as i64, b as i64) } else { (-1, -1) };
            t.slot(i * 2).init(Some(Value::small_int(a)));
            t.slot(i * 2 + 1).init(Some(Value::small_int(b)));
        }
        th.set_in(v, s(v, mat::MARKS), Some(t.value()));
    }
    Ok(v)
}

/// Positions as `match`, `search` and their like take them.
fn span_args(th: &Thread, pos: Option<Value>, end: Option<Value>, len: usize) -> R<(usize, usize)> {
    let (a, b) = (int_or(th, pos, 0)?, int_or(th, end, i64::MAX)?);
    Ok((
        a.clamp(0, len as i64) as usize,
        b.clamp(0, len as i64) as usize,
    ))
}

// ---- Pattern

fn one_match(th: &Thread, p: Value, args: [Option<Value>; 3], mode: Mode) -> R {
    let string = args[0].unwrap_or(Value::NONE);
    let (text, len) = text_of(th, p, string)?;
    let (from, end) = span_args(th, args[1], args[2], len)?;
    let mut w = Work::lease(th, groups(p))?;
    if exec(
        th,
        p,
        text,
        &mut w,
        How {
            mode,
            from,
            end,
            advance: false,
        },
    )? {
        return new_match(th, p, string, &w, from, end);
    }
    Ok(Value::NONE)
}
fn py_match(th: &Thread, a: Args) -> R {
    one_match(
        th,
        a.all()[0],
        habu_runtime::args!(th, a.rest(), "match", ["string", "pos", "endpos"], 0, 1, 3),
        Mode::Match,
    )
}
fn fullmatch(th: &Thread, a: Args) -> R {
    let args = habu_runtime::args!(
        th,
        a.rest(),
        "fullmatch",
        ["string", "pos", "endpos"],
        0,
        1,
        3
    );
    one_match(th, a.all()[0], args, Mode::Full)
}
fn search(th: &Thread, a: Args) -> R {
    one_match(
        th,
        a.all()[0],
        habu_runtime::args!(th, a.rest(), "search", ["string", "pos", "endpos"], 0, 1, 3),
        Mode::Search,
    )
}

macro_rules! word_getters {
    ($($f:ident = $i:expr;)*) => {$(fn $f(_: &Thread, v: Value) -> R { Ok(get(v, $i)) })*};
}
word_getters! {
    get_pattern = pat::PATTERN;
    get_flags = pat::FLAGS;
    get_groups = pat::GROUPS;
    get_string = mat::STRING;
    get_re = mat::RE;
    get_pos = mat::POS;
    get_endpos = mat::ENDPOS;
}
fn get_groupindex(th: &Thread, p: Value) -> R {
    mappingproxy::new(th, get(p, pat::GROUPINDEX))
}
fn same(_: &Thread, v: Value) -> R {
    Ok(v)
}
fn same_memo(_: &Thread, v: Value, _memo: Value) -> R {
    Ok(v)
}

const UNICODE: i64 = 32;
static FLAG_NAMES: [(&str, i64); 8] = [
    ("re.IGNORECASE", 2),
    ("re.MULTILINE", 8),
    ("re.DOTALL", 16),
    ("re.VERBOSE", 64),
    ("re.DEBUG", 128),
    ("re.ASCII", 256),
    ("re.LOCALE", 4),
    ("re.UNICODE", UNICODE),
];
fn pattern_repr(th: &Thread, p: Value) -> R {
    let of = get(p, pat::PATTERN);
    let mut flags = num(p, pat::FLAGS);
    if of.is::<StrObj>() && flags & (4 | UNICODE | 256) == UNICODE {
        flags &= !UNICODE;
    }
    let mut b = string::Builder::new();
    b.push_str("re.compile(");
    let r: Gc<StrObj> = expect(ops::repr::repr(th, of)?);
    b.push_range(r, 0, r.len().min(200));
    let mut sep = ", ";
    for (name, bit) in FLAG_NAMES {
        if flags & bit != 0 {
            b.push_str(sep);
            b.push_str(name);
            flags &= !bit;
            sep = "|";
        }
    }
    if flags != 0 {
        b.push_str(sep);
        b.push_str(&format!("{flags:#x}"));
    }
    b.push_str(")");
    b.finish_value(th)
}
fn pattern_eq(th: &Thread, a: Value, b: Value) -> R {
    if !is(b, &PATTERN) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    let (x, y) = (get(a, pat::PATTERN), get(b, pat::PATTERN));
    let same = num(a, pat::FLAGS) == num(b, pat::FLAGS)
        && x.is::<StrObj>() == y.is::<StrObj>()
        && groups(a) == groups(b)
        && program(a).map(|p| p.code) == program(b).map(|p| p.code);
    Ok(Value::bool(same && compare::eq_bool(th, x, y)?))
}
fn pattern_ne(th: &Thread, a: Value, b: Value) -> R {
    let r = pattern_eq(th, a, b)?;
    Ok(if r == Value::NOT_IMPLEMENTED {
        r
    } else {
        Value::bool(r == Value::FALSE)
    })
}
fn pattern_hash(th: &Thread, p: Value) -> R {
    let t = tuple::new_value(
        th,
        &[
            get(p, pat::PATTERN),
            get(p, pat::CODE),
            get(p, pat::FLAGS),
            get(p, pat::GROUPS),
        ],
    )?;
    int::from_i64(th, ops::hash::hash(th, t)?)
}

static PATTERN_METHODS: [MethodDef; 16] = [
    mk("match", py_match).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    mk("fullmatch", fullmatch).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    mk("search", search).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    mk("sub", methods::sub).sig("($self, /, repl, string, count=0)"),
    mk("subn", methods::subn).sig("($self, /, repl, string, count=0)"),
    mk("findall", methods::findall).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    mk("split", methods::split).sig("($self, /, string, maxsplit=0)"),
    mk("finditer", scanner::finditer).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    mk("scanner", scanner::scanner).sig("($self, /, string, pos=0, endpos=sys.maxsize)"),
    m1("__copy__", same),
    m2("__deepcopy__", same_memo),
    m1("__repr__", pattern_repr),
    m2("__eq__", pattern_eq),
    m2("__ne__", pattern_ne),
    m1("__hash__", pattern_hash),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static PATTERN_GETSET: [GetSetDef; 4] = [
    gs("pattern", get_pattern),
    gs("flags", get_flags),
    gs("groups", get_groups),
    gs("groupindex", get_groupindex),
];
static PATTERN: TypeSpec = TypeSpec::new("Pattern", kinds::RECORD)
    .module("re")
    .words(7)
    .flags(tf::NO_NEW | tf::WEAKREF)
    .new_fn(refuse)
    .methods(&PATTERN_METHODS)
    .getset(&PATTERN_GETSET)
    .doc("Compiled regular expression object.");

static MATCH_METHODS: [MethodDef; 12] = [
    mv("group", methods::group, 1, habu_runtime::spec::MANY),
    mk("groups", methods::groups_).sig("($self, /, default=None)"),
    mk("groupdict", methods::groupdict).sig("($self, /, default=None)"),
    mv("start", methods::start, 1, 2).sig("($self, group=0, /)"),
    mv("end", methods::end, 1, 2).sig("($self, group=0, /)"),
    mv("span", methods::span, 1, 2).sig("($self, group=0, /)"),
    mk("expand", methods::expand).sig("($self, /, template)"),
    m2("__getitem__", methods::getitem),
    m1("__copy__", same),
    m2("__deepcopy__", same_memo),
    m1("__repr__", methods::match_repr),
    m2("__class_getitem__", generic_alias::class_getitem).class(),
];
static MATCH_GETSET: [GetSetDef; 7] = [
    gs("string", get_string),
    gs("re", get_re),
    gs("pos", get_pos),
    gs("endpos", get_endpos),
    gs("lastindex", methods::lastindex),
    gs("lastgroup", methods::lastgroup),
    gs("regs", methods::regs),
];
static MATCH: TypeSpec = TypeSpec::new("Match", kinds::RECORD)
    .module("re")
    .words(9)
    .flags(tf::NO_NEW)
    .new_fn(refuse)
    .methods(&MATCH_METHODS)
    .getset(&MATCH_GETSET)
    .doc("The result of re.match() and re.search().\nMatch objects always have a boolean value of True.");

/// A replacement: a tuple of literal, group, literal, group, …, literal.
static TEMPLATE: TypeSpec = TypeSpec::new("SRE_Template", kinds::RECORD)
    .module("_sre")
    .words(1)
    .flags(tf::NO_NEW)
    .new_fn(refuse);

// ---- the module

/// Where the module keeps its classes.
const CLASSES: &str = " classes";

fn compile(th: &Thread, a: Args) -> R {
    let [pattern, flags, code_list, groups, groupindex, indexgroup] = habu_runtime::args!(
        th,
        a,
        "compile",
        [
            "pattern",
            "flags",
            "code",
            "groups",
            "groupindex",
            "indexgroup"
        ],
        0,
        6,
        6
    )
    .map(|v| v.unwrap_or(Value::NONE));
    let flags = parse::as_i32(th, flags)? as i64;
    let groups = parse::as_isize(th, groups)?;
    let (Some(l), Some(index), Some(names)) = (
        code_list.cast::<ListObj>(),
        groupindex.cast::<DictObj>(),
        indexgroup.cast::<TupleObj>(),
    ) else {
        return Err(error::type_error(
            th,
            "compile() takes a list of code, a dict and a tuple",
        ));
    };
    if !(pattern.is_none() || pattern.is::<StrObj>() || bytes::bytes_like(th, pattern)?.is_some()) {
        let t = class::type_name(pattern);
        return Err(error::type_error(
            th,
            &format!("expected string or bytes-like object, got '{t}'"),
        ));
    }
    let mut code = Vec::with_capacity(list::len(l) * 4);
    for i in 0..list::len(l) {
        let x = parse::index(th, list::get(l, i).unwrap_or(Value::NONE))?;
        match int::to_i64(x).and_then(|n| u32::try_from(n).ok()) {
            Some(n) => code.push(n),
            None => {
                return Err(error::raise(
                    th,
                    C::OverflowError,
                    "regular expression code size limit exceeded",
                ));
            }
        }
    }
    let sets = match 0..=code::MAXGROUPS {
        few if few.contains(&groups) => code::validate(&code, groups as usize),
        _ => None,
    };
    let Some(sets) = sets else {
        return Err(error::raise(th, C::RuntimeError, "invalid SRE code"));
    };
    let (places, tables) = chars::tables(&code, &sets);
    let raw: Vec<u8> = Start::words(&code)
        .into_iter()
        .chain(std::iter::once(code.len() as u32))
        .chain(code.iter().copied())
        .chain(places)
        .flat_map(u32::to_ne_bytes)
        .chain(tables)
        .collect();
    let module = habu_runtime::import::import_module(th, "_sre")?;
    let classes: Gc<TupleObj> = expect(attr::get_text(th, module, CLASSES)?);
    let p = make(th, expect(classes.items()[3]))?;
    let raw = bytes::new(th, &raw)?;
    for (i, x) in [
        (pat::PATTERN, pattern),
        (pat::FLAGS, Value::small_int(flags)),
        (pat::CODE, raw),
        (pat::GROUPS, Value::small_int(groups)),
        (pat::GROUPINDEX, index.value()),
        (pat::INDEXGROUP, names.value()),
        (pat::CLASSES, classes.value()),
    ] {
        th.set_in(p, s(p, i), Some(x));
    }
    Ok(p)
}

fn template(th: &Thread, p: Value, l: Value) -> R {
    let bad = |th| error::type_error(th, "invalid template");
    let (true, Some(l)) = (is(p, &PATTERN), l.cast::<ListObj>()) else {
        return Err(bad(th));
    };
    let n = list::len(l);
    if n.is_multiple_of(2) {
        return Err(bad(th));
    }
    let out = tuple::new(th, list::items(l))?;
    for (i, &x) in out.items().iter().enumerate() {
        let ok = if i % 2 == 0 {
            x.is::<StrObj>() || x.is::<BytesObj>()
        } else {
            x.as_int()
                .is_some_and(|n| (0..=groups(p) as i64).contains(&n))
        };
        if !ok {
            return Err(bad(th));
        }
    }
    let v = make(th, class_of(p, 2))?;
    s(v, 0).init(Some(out.value()));
    Ok(v)
}

fn char_arg(th: &Thread, v: Value) -> R<u32> {
    Ok(parse::as_i32(th, v)? as u32)
}
fn ascii_iscased(th: &Thread, v: Value) -> R {
    let c = char_arg(th, v)?;
    Ok(Value::bool(c < 128 && (c as u8).is_ascii_alphabetic()))
}
fn unicode_iscased(th: &Thread, v: Value) -> R {
    let c = char_arg(th, v)?;
    Ok(Value::bool(
        chars::lower_unicode(c) != c || chars::upper_unicode(c) != c,
    ))
}
fn ascii_tolower(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(chars::lower_ascii(char_arg(th, v)?) as i64))
}
fn unicode_tolower(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(
        chars::lower_unicode(char_arg(th, v)?) as i64
    ))
}
fn getcodesize(_: &Thread) -> R {
    Ok(Value::small_int(4))
}

static FUNCTIONS: [MethodDef; 7] = [
    mk("compile", compile),
    m2("template", template),
    m0("getcodesize", getcodesize),
    m1("ascii_iscased", ascii_iscased),
    m1("unicode_iscased", unicode_iscased),
    m1("ascii_tolower", ascii_tolower),
    m1("unicode_tolower", unicode_tolower),
];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let c = m::new(th, "_sre", &FUNCTIONS)?;
    for (name, n) in [
        ("MAGIC", code::MAGIC),
        ("CODESIZE", 4),
        ("MAXREPEAT", code::MAXREPEAT as i64),
        ("MAXGROUPS", code::MAXGROUPS),
    ] {
        m::set(th, c, name, Value::small_int(n))?;
    }
    let classes = list::new(th)?;
    for spec in [&MATCH, &scanner::SCANNER, &TEMPLATE, &PATTERN] {
        list::push(th, classes, class_make::from_spec(th, spec, None)?.value())?;
    }
    m::set(th, c, CLASSES, tuple::new_value(th, list::items(classes))?)?;
    Ok(c)
}

/// The group that `k` names.
fn group_index(th: &Thread, v: Value, k: Value) -> R<usize> {
    let p = get(v, mat::RE);
    let mut n = None;
    if k.is_int() || class::special_of(k, habu_runtime::names::N::Index).is_some() {
        n = int::to_i64(parse::index(th, k)?);
    } else if let Some(i) = dict::get(th, expect(get(p, pat::GROUPINDEX)), k)? {
        n = int::to_i64(i);
    }
    match n {
        Some(n) if (0..=groups(p) as i64).contains(&n) => Ok(n as usize),
        _ => Err(error::raise(th, C::IndexError, "no such group")),
    }
}
