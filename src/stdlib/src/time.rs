//! `time`: clocks, sleeping, calendar time through the C library.

use habu_runtime::classes::C;
use habu_runtime::core::{attr, int, parse, string, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{MethodDef, m0, m1, mv};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::float;
use habu_runtime::value::Value;
use std::time::Duration;

fn clock(id: libc::clockid_t) -> i64 {
    // SAFETY: the structure is writable.
    unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(id, &mut t);
        t.tv_sec * 1_000_000_000 + t.tv_nsec
    }
}
macro_rules! clocks {
    ($($f:ident, $ns:ident = $id:ident;)*) => {$(
        fn $f(th: &Thread) -> R { float::new(th, clock(libc::$id) as f64 / 1e9) }
        fn $ns(th: &Thread) -> R { int::from_i64(th, clock(libc::$id)) }
    )*};
}
clocks! {
    time, time_ns = CLOCK_REALTIME; monotonic, monotonic_ns = CLOCK_MONOTONIC;
    process_time, process_time_ns = CLOCK_PROCESS_CPUTIME_ID; thread_time, thread_time_ns = CLOCK_THREAD_CPUTIME_ID;
}
fn sleep(th: &Thread, v: Value) -> R {
    let s = parse::as_f64(th, v)?;
    if s.is_nan() {
        return Err(error::value_error(th, "Invalid value NaN (not a number)"));
    }
    if s < 0.0 {
        return Err(error::value_error(th, "sleep length must be non-negative"));
    }
    let until = std::time::Instant::now() + Duration::from_secs_f64(s.min(1e9));
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        // Short naps, so that signals are noticed in time.
        th.blocked(|| std::thread::sleep(left.min(Duration::from_millis(50))));
        habu_runtime::polls::check(th)?;
        if left.is_zero() {
            return Ok(Value::NONE);
        }
    }
}
crate::structseq::structseq!(STRUCT_TIME "time" "struct_time"
    [0 tm_year, 1 tm_mon, 2 tm_mday, 3 tm_hour, 4 tm_min, 5 tm_sec, 6 tm_wday, 7 tm_yday, 8 tm_isdst]
    [9 tm_zone, 10 tm_gmtoff]);

fn struct_time(th: &Thread, t: &libc::tm) -> R {
    let mo = habu_runtime::import::import_module(th, "time")?;
    let c = attr::get_text(th, mo, "struct_time")?;
    let zone = if t.tm_zone.is_null() {
        Value::NONE
    } else {
        // SAFETY: the C library's zone names are C strings that stay.
        let z = unsafe { std::ffi::CStr::from_ptr(t.tm_zone) };
        string::new_value(th, &z.to_string_lossy())?
    };
    let n = |i: i32| Value::small_int(i as i64);
    let fields = [
        Value::small_int(t.tm_year as i64 + 1900),
        n(t.tm_mon + 1),
        n(t.tm_mday),
        n(t.tm_hour),
        n(t.tm_min),
        n(t.tm_sec),
        n((t.tm_wday + 6) % 7),
        n(t.tm_yday + 1),
        n(t.tm_isdst),
        zone,
        Value::small_int(t.tm_gmtoff),
    ];
    crate::structseq::make(th, expect(c), &fields)
}
/// Seconds since the epoch: the argument, or now.
fn seconds(th: &Thread, a: &[Value]) -> R<i64> {
    match a.first().filter(|v| !v.is_none()) {
        Some(&v) => match int::to_i64(v) {
            Some(i) => Ok(i),
            None => {
                let f = parse::as_f64(th, v)?.floor();
                if f.is_nan() {
                    return Err(error::value_error(th, "Invalid value NaN (not a number)"));
                }
                if f.abs() > 9e15 {
                    return Err(error::raise(
                        th,
                        C::OverflowError,
                        "timestamp out of range for platform time_t",
                    ));
                }
                Ok(f as i64)
            }
        },
        None => Ok(clock(libc::CLOCK_REALTIME) / 1_000_000_000),
    }
}
fn broken_down(th: &Thread, t: i64, local: bool) -> R<libc::tm> {
    // SAFETY: both functions fill the structure that they are given.
    unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let r = if local {
            libc::localtime_r(&t, &mut tm)
        } else {
            libc::gmtime_r(&t, &mut tm)
        };
        if r.is_null() {
            return Err(error::os_error(th, libc::EOVERFLOW, None));
        }
        Ok(tm)
    }
}
fn localtime(th: &Thread, a: &[Value]) -> R {
    let t = broken_down(th, seconds(th, a)?, true)?;
    struct_time(th, &t)
}
fn gmtime(th: &Thread, a: &[Value]) -> R {
    let t = broken_down(th, seconds(th, a)?, false)?;
    struct_time(th, &t)
}
/// A C structure from nine numbers.
fn to_tm(th: &Thread, v: Value) -> R<libc::tm> {
    let Some(t) = v.cast::<TupleObj>() else {
        return Err(error::type_error(
            th,
            "Tuple or struct_time argument required",
        ));
    };
    if t.len() != 9 {
        return Err(error::type_error(th, "illegal time tuple argument"));
    }
    let mut n = [0i32; 9];
    for (x, v) in n.iter_mut().zip(t.items()) {
        *x = parse::as_i32(th, *v)?;
    }
    // SAFETY: all-zero is a valid structure.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_year = n[0].wrapping_sub(1900);
    tm.tm_mon = n[1] - 1;
    tm.tm_mday = n[2];
    tm.tm_hour = n[3];
    tm.tm_min = n[4];
    tm.tm_sec = n[5];
    tm.tm_wday = (n[6] + 1).rem_euclid(7);
    tm.tm_yday = n[7] - 1;
    tm.tm_isdst = n[8];
    Ok(tm)
}
fn mktime(th: &Thread, v: Value) -> R {
    let mut tm = to_tm(th, v)?;
    tm.tm_wday = -1;
    // SAFETY: the structure is complete.
    let t = unsafe { libc::mktime(&mut tm) };
    if t == -1 && tm.tm_wday == -1 {
        return Err(error::raise(
            th,
            C::OverflowError,
            "mktime argument out of range",
        ));
    }
    float::new(th, t as f64)
}
fn checked_tm(th: &Thread, a: &[Value], i: usize) -> R<libc::tm> {
    let Some(&v) = a.get(i) else {
        return broken_down(th, seconds(th, &[])?, true);
    };
    let mut tm = to_tm(th, v)?;
    // Zero stands for "the first" where counting begins with one.
    tm.tm_mon = tm.tm_mon.max(0);
    tm.tm_mday = tm.tm_mday.max(1);
    tm.tm_yday = tm.tm_yday.max(0);
    for (x, most, what) in [
        (tm.tm_mon, 11, "month"),
        (tm.tm_mday, 31, "day of month"),
        (tm.tm_hour, 23, "hour"),
        (tm.tm_min, 59, "minute"),
        (tm.tm_sec, 61, "seconds"),
        (tm.tm_yday, 365, "day of year"),
    ] {
        if !(0..=most).contains(&x) {
            return Err(error::value_error(th, &format!("{what} out of range")));
        }
    }
    Ok(tm)
}
fn strftime(th: &Thread, a: &[Value]) -> R {
    let f = parse::as_str(th, a[0], "strftime() argument 1")?;
    let tm = checked_tm(th, a, 1)?;
    if f.is_empty() {
        return Ok(a[0]);
    }
    let Ok(format) = std::ffi::CString::new(f.to_rust().as_bytes()) else {
        return Err(error::value_error(th, "embedded null character"));
    };
    let mut room = 256 + f.len() * 4;
    loop {
        let mut buf = vec![0u8; room];
        // SAFETY: the buffer is writable for its length, the others are complete.
        let n = unsafe { libc::strftime(buf.as_mut_ptr() as *mut _, room, format.as_ptr(), &tm) };
        if n > 0 || room > 1 << 16 {
            return string::new_value(th, &String::from_utf8_lossy(&buf[..n]));
        }
        room *= 4;
    }
}
fn ascii_time(th: &Thread, tm: &libc::tm) -> R {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = format!(
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        DAYS[tm.tm_wday as usize % 7],
        MONTHS[tm.tm_mon as usize % 12],
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        tm.tm_year as i64 + 1900
    );
    string::new_value(th, &text)
}
fn asctime(th: &Thread, a: &[Value]) -> R {
    let tm = checked_tm(th, a, 0)?;
    ascii_time(th, &tm)
}
fn ctime(th: &Thread, a: &[Value]) -> R {
    let tm = broken_down(th, seconds(th, a)?, true)?;
    ascii_time(th, &tm)
}
fn strptime(th: &Thread, a: &[Value]) -> R {
    let mo = habu_runtime::import::import_module(th, "_strptime")?;
    let f = attr::get_text(th, mo, "_strptime_time")?;
    habu_runtime::ops::call::call(th, f, a)
}
/// Offsets and names of the local zone, from the starts of two seasons of this year.
fn set_zone(th: &Thread, m_: Gc<ModuleObj>) -> R<()> {
    let now = clock(libc::CLOCK_REALTIME) / 1_000_000_000;
    let year = now - now.rem_euclid(31_556_952);
    let (jan, jul) = (
        broken_down(th, year, true)?,
        broken_down(th, year + 15_778_476, true)?,
    );
    let (std, dst) = if jan.tm_gmtoff < jul.tm_gmtoff {
        (jan, jul)
    } else {
        (jul, jan)
    };
    let name = |t: &libc::tm| -> R {
        // SAFETY: the C library's zone names are C strings that stay.
        let z = unsafe { std::ffi::CStr::from_ptr(t.tm_zone) };
        string::new_value(th, &z.to_string_lossy())
    };
    m::set(th, m_, "timezone", Value::small_int(-std.tm_gmtoff))?;
    m::set(th, m_, "altzone", Value::small_int(-dst.tm_gmtoff))?;
    m::set(
        th,
        m_,
        "daylight",
        Value::small_int((std.tm_gmtoff != dst.tm_gmtoff) as i64),
    )?;
    let names = [name(&std)?, name(&dst)?];
    m::set(th, m_, "tzname", tuple::new_value(th, &names)?)
}

static FUNCTIONS: [MethodDef; 19] = [
    m1("get_clock_info", get_clock_info),
    mv("localtime", localtime, 0, 1),
    mv("gmtime", gmtime, 0, 1),
    m1("mktime", mktime),
    mv("strftime", strftime, 1, 2),
    mv("asctime", asctime, 0, 1),
    mv("ctime", ctime, 0, 1),
    mv("strptime", strptime, 1, 2),
    m0("time", time),
    m0("time_ns", time_ns),
    m0("monotonic", monotonic),
    m0("monotonic_ns", monotonic_ns),
    m0("perf_counter", monotonic),
    m0("perf_counter_ns", monotonic_ns),
    m0("process_time", process_time),
    m0("process_time_ns", process_time_ns),
    m0("thread_time", thread_time),
    m0("thread_time_ns", thread_time_ns),
    m1("sleep", sleep),
];
/// `time.get_clock_info`.
fn get_clock_info(th: &Thread, name: Value) -> R {
    let name = habu_runtime::core::parse::as_str(th, name, "get_clock_info() argument 1")?;
    let (id, implementation, monotonic, adjustable) = match &*name.to_rust() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
        "process_time" => (
            libc::CLOCK_PROCESS_CPUTIME_ID,
            "CLOCK_PROCESS_CPUTIME_ID",
            true,
            false,
        ),
        "thread_time" => (
            libc::CLOCK_THREAD_CPUTIME_ID,
            "CLOCK_THREAD_CPUTIME_ID",
            true,
            false,
        ),
        _ => return Err(error::value_error(th, "unknown clock")),
    };
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 1,
    };
    // SAFETY: the time is writable.
    unsafe { libc::clock_getres(id, &mut t) };
    let resolution = float::new(th, t.tv_sec as f64 + t.tv_nsec as f64 / 1e9)?;
    let implementation = string::new_value(th, &format!("clock_gettime({implementation})"))?;
    habu_runtime::types::namespace::with(
        th,
        &[
            ("implementation", implementation),
            ("monotonic", Value::bool(monotonic)),
            ("adjustable", Value::bool(adjustable)),
            ("resolution", resolution),
        ],
    )
}
pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let t = m::new(th, "time", &FUNCTIONS)?;
    crate::structseq::add(th, t, &STRUCT_TIME)?;
    set_zone(th, t)?;
    m::set(th, t, "_STRUCT_TM_ITEMS", Value::small_int(11))?;
    Ok(t)
}
