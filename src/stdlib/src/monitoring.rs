//! `sys.monitoring`: who uses which tool id, their callbacks, and which events are on. The events themselves are told by
//! the interpreter (`habu_runtime::interp::events`).

use habu_runtime::classes::C;
use habu_runtime::core::{dict, parse};
use habu_runtime::error;
use habu_runtime::interp::events::{self, AFTER_CALL, BRANCHES, LOCAL, NAMES, TOOLS, bit, event};
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::runtime::{Keep, class_value, keep};
use habu_runtime::spec::{MethodDef, m0, m1, m2, m3};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::module;
use habu_runtime::value::Value;

const TOOL_NAMES: &[(&str, i64)] = &[
    ("DEBUGGER_ID", 0),
    ("COVERAGE_ID", 1),
    ("PROFILER_ID", 2),
    ("OPTIMIZER_ID", 5),
];

fn tool(th: &Thread, v: Value) -> R<usize> {
    let n = parse::as_i32(th, v)?;
    if (0..TOOLS as i32).contains(&n) {
        return Ok(n as usize);
    }
    let text = format!("invalid tool {n} (must be between 0 and {})", TOOLS - 1);
    Err(error::value_error(th, &text))
}
fn name_key(n: usize) -> Value {
    Value::small_int(n as i64)
}
fn is_used(th: &Thread, n: usize) -> R<bool> {
    dict::contains(th, events::tools(th)?, name_key(n))
}
fn used(th: &Thread, n: usize) -> R<()> {
    if is_used(th, n)? {
        return Ok(());
    }
    Err(error::value_error(th, &format!("tool {n} is not in use")))
}
fn use_tool_id(th: &Thread, v: Value, name: Value) -> R {
    let n = tool(th, v)?;
    if !name.is::<StrObj>() {
        return Err(error::value_error(th, "tool name must be a str"));
    }
    if is_used(th, n)? {
        let text = format!("tool {n} is already in use");
        return Err(error::value_error(th, &text));
    }
    dict::set(th, events::tools(th)?, name_key(n), name)?;
    Ok(Value::NONE)
}
/// No callbacks, no events.
fn clear(th: &Thread, n: usize) -> R<()> {
    for e in 0..NAMES.len() as u32 {
        dict::remove(th, events::tools(th)?, events::callback_key(n, e))?;
    }
    events::set_global_events(th, n, 0)?;
    events::clear_local_events(th, n)
}
fn clear_tool_id(th: &Thread, v: Value) -> R {
    let n = tool(th, v)?;
    if is_used(th, n)? {
        clear(th, n)?;
    }
    Ok(Value::NONE)
}
fn free_tool_id(th: &Thread, v: Value) -> R {
    let n = tool(th, v)?;
    if is_used(th, n)? {
        clear(th, n)?;
    }
    dict::remove(th, events::tools(th)?, name_key(n))?;
    Ok(Value::NONE)
}
fn get_tool(th: &Thread, v: Value) -> R {
    let n = tool(th, v)?;
    Ok(dict::get(th, events::tools(th)?, name_key(n))?.unwrap_or(Value::NONE))
}
fn exchange(th: &Thread, n: usize, e: u32, f: Value) -> R {
    let d = events::tools(th)?;
    let key = events::callback_key(n, e);
    let old = dict::remove(th, d, key)?;
    if !f.is_none() {
        dict::set(th, d, key, f)?;
    }
    Ok(old.unwrap_or(Value::NONE))
}
fn register_callback(th: &Thread, v: Value, events: Value, f: Value) -> R {
    let n = tool(th, v)?;
    let bits = parse::as_i32(th, events)?;
    if bits.count_ones() != 1 {
        return Err(error::value_error(
            th,
            "The callback can only be set for one event at a time",
        ));
    }
    let e = bits.trailing_zeros();
    if e as usize >= NAMES.len() {
        return Err(error::value_error(th, &format!("invalid event {bits}")));
    }
    if e == event::BRANCH {
        exchange(th, n, event::BRANCH, f)?;
        exchange(th, n, event::BRANCH_LEFT, f)?;
        return exchange(th, n, event::BRANCH_RIGHT, f);
    }
    exchange(th, n, e, f)
}
/// What follows a call is told with the call.
fn shown(set: u32) -> R {
    Ok(Value::small_int((set & !AFTER_CALL) as i64))
}
fn get_events(th: &Thread, v: Value) -> R {
    shown(events::global_events(tool(th, v)?))
}
/// The set that is meant: `BRANCH` is both branches.
fn event_set(th: &Thread, v: Value, local: bool) -> R<u32> {
    let bits = parse::as_i32(th, v)?;
    if bits < 0 || bits >> NAMES.len() != 0 {
        let what = if local { "local event" } else { "event" };
        let text = format!("invalid {what} set 0x{bits:x}");
        return Err(error::value_error(th, &text));
    }
    let mut set = bits as u32;
    let all = AFTER_CALL | bit(event::CALL);
    if set & AFTER_CALL != 0 && set & all != all {
        return Err(error::value_error(
            th,
            "cannot set C_RETURN or C_RAISE events independently",
        ));
    }
    set &= !AFTER_CALL;
    if set & bit(event::BRANCH) != 0 {
        set = (set & !bit(event::BRANCH)) | BRANCHES;
    }
    if local && set & !LOCAL != 0 {
        let text = format!("invalid local event set 0x{set:x}");
        return Err(error::value_error(th, &text));
    }
    Ok(set)
}
fn set_events(th: &Thread, v: Value, set: Value) -> R {
    let n = tool(th, v)?;
    let set = event_set(th, set, false)?;
    used(th, n)?;
    events::set_global_events(th, n, set)?;
    Ok(Value::NONE)
}
fn code(th: &Thread, v: Value) -> R<Gc<CodeObj>> {
    match v.cast::<CodeObj>() {
        Some(c) => Ok(c),
        None => Err(error::type_error(th, "code must be a code object")),
    }
}
fn get_local_events(th: &Thread, v: Value, c: Value) -> R {
    let c = code(th, c)?;
    shown(events::local_events(c, tool(th, v)?))
}
fn set_local_events(th: &Thread, v: Value, c: Value, set: Value) -> R {
    let c = code(th, c)?;
    let n = tool(th, v)?;
    let set = event_set(th, set, true)?;
    used(th, n)?;
    events::set_local_events(th, c, n, set)?;
    Ok(Value::NONE)
}
fn restart_events(_: &Thread) -> R {
    events::restart();
    Ok(Value::NONE)
}
/// For each event that is on everywhere, the tools that want it, as bits.
fn all_events(th: &Thread) -> R {
    let d = dict::new_dict(th)?;
    for (e, name) in NAMES.iter().enumerate() {
        let wants = |t: &usize| events::global_events(*t) >> e & 1 != 0;
        let tools = (0..TOOLS).filter(wants).fold(0, |s, t| s | 1 << t);
        if tools != 0 {
            dict::set_text(th, d, name, Value::small_int(tools))?;
        }
    }
    Ok(d.value())
}
static FUNCTIONS: [MethodDef; 11] = [
    m2("use_tool_id", use_tool_id),
    m1("clear_tool_id", clear_tool_id),
    m1("free_tool_id", free_tool_id),
    m1("get_tool", get_tool),
    m3("register_callback", register_callback),
    m1("get_events", get_events),
    m2("set_events", set_events),
    m2("get_local_events", get_local_events),
    m3("set_local_events", set_local_events),
    m0("restart_events", restart_events),
    m0("_all_events", all_events),
];

/// The namespace, put into `sys`.
pub fn install(th: &Thread, sys: Gc<ModuleObj>) -> R<()> {
    let me = m::new(th, "sys.monitoring", &FUNCTIONS)?;
    for (n, v) in TOOL_NAMES {
        m::set(th, me, n, Value::small_int(*v))?;
    }
    let events = module::new(th, "events")?;
    for (i, n) in NAMES.iter().enumerate() {
        m::set(th, events, n, Value::small_int(1 << i))?;
    }
    m::set(th, events, "NO_EVENTS", Value::small_int(0))?;
    m::set(th, me, "events", events.value())?;
    for (n, k) in [
        ("DISABLE", Keep::MonitorDisable),
        ("MISSING", Keep::MonitorMissing),
    ] {
        let o = habu_runtime::ops::call::call(th, class_value(C::Object), &[])?;
        keep(k, Some(o));
        m::set(th, me, n, o)?;
    }
    m::set(th, sys, "monitoring", me.value())
}
