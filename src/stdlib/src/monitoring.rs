//! `sys.monitoring`: who uses which tool id, and the names of the events. Events themselves are not delivered yet, so
//! switching one on raises `NotImplementedError`.

use habu_runtime::classes::C;
use habu_runtime::core::{class, dict, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::runtime::{Keep, keep, kept};
use habu_runtime::spec::{MethodDef, m1, m2, m3};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::module;
use habu_runtime::value::Value;

const TOOLS: i64 = 6;
/// The events, from bit 0 on.
const EVENTS: &[&str] = &[
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];
const TOOL_NAMES: &[(&str, i64)] = &[
    ("DEBUGGER_ID", 0),
    ("COVERAGE_ID", 1),
    ("PROFILER_ID", 2),
    ("OPTIMIZER_ID", 5),
];

/// Names by tool id, callbacks by tool id * 64 + event number.
fn state(th: &Thread) -> R<Gc<DictObj>> {
    match kept(Keep::Monitoring) {
        Some(d) => Ok(expect(d)),
        None => {
            let d = dict::new_dict(th)?;
            keep(Keep::Monitoring, Some(d.value()));
            Ok(d)
        }
    }
}
fn tool(th: &Thread, v: Value) -> R<i64> {
    let n = parse::as_i32(th, v)? as i64;
    if (0..TOOLS).contains(&n) {
        return Ok(n);
    }
    let text = format!("invalid tool {n} (must be between 0 and {})", TOOLS - 1);
    Err(error::value_error(th, &text))
}
fn used(th: &Thread, v: Value) -> R<i64> {
    let n = tool(th, v)?;
    if dict::contains(th, state(th)?, Value::small_int(n))? {
        return Ok(n);
    }
    Err(error::value_error(th, &format!("tool {n} is not in use")))
}
fn use_tool_id(th: &Thread, v: Value, name: Value) -> R {
    let n = tool(th, v)?;
    if !name.is::<StrObj>() {
        return Err(error::value_error(th, "tool name must be a str"));
    }
    let d = state(th)?;
    if dict::contains(th, d, Value::small_int(n))? {
        let text = format!("tool {n} is already in use");
        return Err(error::value_error(th, &text));
    }
    dict::set(th, d, Value::small_int(n), name)?;
    Ok(Value::NONE)
}
fn forget_callbacks(th: &Thread, n: i64) -> R<()> {
    for e in 0..EVENTS.len() as i64 {
        dict::remove(th, state(th)?, Value::small_int((n + 1) * 64 + e))?;
    }
    Ok(())
}
fn clear_tool_id(th: &Thread, v: Value) -> R {
    let n = used(th, v)?;
    forget_callbacks(th, n)?;
    Ok(Value::NONE)
}
fn free_tool_id(th: &Thread, v: Value) -> R {
    let n = tool(th, v)?;
    forget_callbacks(th, n)?;
    dict::remove(th, state(th)?, Value::small_int(n))?;
    Ok(Value::NONE)
}
fn get_tool(th: &Thread, v: Value) -> R {
    let n = tool(th, v)?;
    Ok(dict::get(th, state(th)?, Value::small_int(n))?.unwrap_or(Value::NONE))
}
fn register_callback(th: &Thread, v: Value, event: Value, f: Value) -> R {
    let n = tool(th, v)?;
    let bits = parse::as_i32(th, event)?;
    if bits.count_ones() != 1 || bits < 0 {
        return Err(error::value_error(
            th,
            "The callback can only be set for one event at a time",
        ));
    }
    if bits.trailing_zeros() as usize >= EVENTS.len() {
        return Err(error::value_error(th, &format!("invalid event {bits}")));
    }
    let key = Value::small_int((n + 1) * 64 + bits.trailing_zeros() as i64);
    let d = state(th)?;
    let old = dict::remove(th, d, key)?;
    if !f.is_none() {
        dict::set(th, d, key, f)?;
    }
    Ok(old.unwrap_or(Value::NONE))
}
fn get_events(th: &Thread, v: Value) -> R {
    used(th, v)?;
    Ok(Value::small_int(0))
}
fn switch(th: &Thread, events: Value) -> R {
    let bits = parse::as_i32(th, events)?;
    if bits < 0 || bits >> EVENTS.len() != 0 {
        let text = format!("invalid event set 0x{bits:x}");
        return Err(error::value_error(th, &text));
    }
    if bits != 0 {
        return Err(error::raise(
            th,
            C::NotImplementedError,
            "sys.monitoring: events are not delivered yet",
        ));
    }
    Ok(Value::NONE)
}
fn set_events(th: &Thread, v: Value, events: Value) -> R {
    used(th, v)?;
    switch(th, events)
}
fn code(th: &Thread, v: Value) -> R<()> {
    if v.is::<CodeObj>() {
        return Ok(());
    }
    let text = format!("code object expected, got {}", class::type_name(v));
    Err(error::type_error(th, &text))
}
fn get_local_events(th: &Thread, v: Value, c: Value) -> R {
    code(th, c)?;
    get_events(th, v)
}
fn set_local_events(th: &Thread, v: Value, c: Value, events: Value) -> R {
    code(th, c)?;
    set_events(th, v, events)
}
fn restart_events(_: &Thread) -> R {
    Ok(Value::NONE)
}
static FUNCTIONS: [MethodDef; 10] = [
    m2("use_tool_id", use_tool_id),
    m1("clear_tool_id", clear_tool_id),
    m1("free_tool_id", free_tool_id),
    m1("get_tool", get_tool),
    m3("register_callback", register_callback),
    m1("get_events", get_events),
    m2("set_events", set_events),
    m2("get_local_events", get_local_events),
    m3("set_local_events", set_local_events),
    habu_runtime::spec::m0("restart_events", restart_events),
];

/// The namespace, put into `sys`.
pub fn install(th: &Thread, sys: Gc<ModuleObj>) -> R<()> {
    let me = m::new(th, "sys.monitoring", &FUNCTIONS)?;
    for (n, v) in TOOL_NAMES {
        m::set(th, me, n, Value::small_int(*v))?;
    }
    let events = module::new(th, "events")?;
    for (i, n) in EVENTS.iter().enumerate() {
        m::set(th, events, n, Value::small_int(1 << i))?;
    }
    m::set(th, events, "NO_EVENTS", Value::small_int(0))?;
    m::set(th, me, "events", events.value())?;
    for n in ["DISABLE", "MISSING"] {
        let o =
            habu_runtime::ops::call::call(th, habu_runtime::runtime::class_value(C::Object), &[])?;
        m::set(th, me, n, o)?;
    }
    m::set(th, sys, "monitoring", me.value())
}
