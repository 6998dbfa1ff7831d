//! Children started in one step (`posix_spawn`), and waited for with what they used (`wait3`, `wait4`).

use super::path::{self, sys};
use super::process::{arguments, pointers, variables};
use crate::structseq::{self, structseq};
use habu_runtime::classes::C;
use habu_runtime::core::{int, parse, tuple};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, MethodDef, mk, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::float;
use habu_runtime::value::Value;

structseq! { USAGE "resource" "struct_rusage"
[0 ru_utime, 1 ru_stime, 2 ru_maxrss, 3 ru_ixrss, 4 ru_idrss, 5 ru_isrss, 6 ru_minflt, 7 ru_majflt, 8 ru_nswap,
 9 ru_inblock, 10 ru_oublock, 11 ru_msgsnd, 12 ru_msgrcv, 13 ru_nsignals, 14 ru_nvcsw, 15 ru_nivcsw] [] }

/// What a file action is, as `os.POSIX_SPAWN_…` numbers them.
const OPEN: i32 = 0;
const CLOSE: i32 = 1;
const DUP2: i32 = 2;

/// File actions and attributes in the C library's form, freed with this.
struct Plan {
    actions: libc::posix_spawn_file_actions_t,
    attributes: libc::posix_spawnattr_t,
}
impl Plan {
    fn new() -> Plan {
        // SAFETY: both are initialized by their init functions before use.
        unsafe {
            let mut p: Plan = std::mem::zeroed();
            libc::posix_spawn_file_actions_init(&mut p.actions);
            libc::posix_spawnattr_init(&mut p.attributes);
            p
        }
    }
}
impl Drop for Plan {
    fn drop(&mut self) {
        // SAFETY: both were initialized in `new`.
        unsafe {
            libc::posix_spawn_file_actions_destroy(&mut self.actions);
            libc::posix_spawnattr_destroy(&mut self.attributes);
        }
    }
}

fn wrong_action(th: &Thread) -> habu_runtime::thread::Raised {
    error::type_error(th, "Each file_actions element must be a non-empty tuple")
}
fn add_actions(th: &Thread, plan: &mut Plan, v: Value) -> R<()> {
    let all = ops::iter::to_tuple(th, v)?;
    for &x in all.items() {
        let Some(t) = x.cast::<TupleObj>().filter(|t| !t.is_empty()) else {
            return Err(wrong_action(th));
        };
        let number = |i: usize| match t.items().get(i) {
            Some(v) => parse::as_i32(th, *v),
            None => Err(wrong_action(th)),
        };
        let fd = number(1)?;
        // SAFETY: the actions are initialized; the C library copies the path.
        let r = match number(0)? {
            OPEN => {
                let p = path::path(th, t.items().get(2).copied(), "posix_spawn")?;
                let (flags, mode) = (number(3)?, number(4)? as libc::mode_t);
                unsafe {
                    libc::posix_spawn_file_actions_addopen(
                        &mut plan.actions,
                        fd,
                        p.text.as_ptr(),
                        flags,
                        mode,
                    )
                }
            }
            CLOSE => unsafe { libc::posix_spawn_file_actions_addclose(&mut plan.actions, fd) },
            DUP2 => {
                let to = number(2)?;
                unsafe { libc::posix_spawn_file_actions_adddup2(&mut plan.actions, fd, to) }
            }
            _ => {
                return Err(error::type_error(th, "Unknown file_actions identifier"));
            }
        };
        if r != 0 {
            return Err(error::os_error(th, r, None));
        }
    }
    Ok(())
}

/// The signals of an iterable as a set.
fn signals(th: &Thread, v: Value) -> R<libc::sigset_t> {
    let all = ops::iter::to_tuple(th, v)?;
    // SAFETY: the set is initialized by sigemptyset; out-of-range numbers are refused by sigaddset.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for &x in all.items() {
            if libc::sigaddset(&mut set, parse::as_i32(th, x)?) != 0 {
                return Err(error::value_error(th, "signal number out of range"));
            }
        }
        Ok(set)
    }
}

/// The arguments that both forms take, in their order.
type Given = [Option<Value>; 10];

fn start(th: &Thread, a: Given, func: &str, search: bool) -> R {
    let [
        p,
        argv,
        env,
        actions,
        group,
        reset,
        own_session,
        mask,
        set,
        scheduler,
    ] = a;
    let given = |v: Option<Value>| v.filter(|v| !v.is_none());
    if given(scheduler).is_some() {
        return Err(error::raise(
            th,
            C::NotImplementedError,
            "posix_spawn: the scheduler argument",
        ));
    }
    let p = path::path(th, p, func)?;
    let args = arguments(th, argv.unwrap_or(Value::NONE), func)?;
    if args.is_empty() {
        return Err(error::value_error(
            th,
            &format!("{func}: argv must not be empty"),
        ));
    }
    let vars = match given(env) {
        Some(e) => Some(variables(th, e, func)?),
        None => None,
    };
    let mut plan = Plan::new();
    if let Some(v) = given(actions) {
        add_actions(th, &mut plan, v)?;
    }
    let mut flags = 0;
    // SAFETY (of the calls below): the attributes are initialized and belong to this call.
    if let Some(g) = given(group) {
        flags |= libc::POSIX_SPAWN_SETPGROUP;
        let g = parse::as_i32(th, g)?;
        unsafe { libc::posix_spawnattr_setpgroup(&mut plan.attributes, g) };
    }
    if let Some(r) = reset
        && ops::truth(th, r)?
    {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if let Some(r) = own_session
        && ops::truth(th, r)?
    {
        flags |= i32::from(libc::POSIX_SPAWN_SETSID);
    }
    if let Some(v) = given(mask) {
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
        let s = signals(th, v)?;
        unsafe { libc::posix_spawnattr_setsigmask(&mut plan.attributes, &s) };
    }
    if let Some(v) = given(set) {
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
        let s = signals(th, v)?;
        unsafe { libc::posix_spawnattr_setsigdefault(&mut plan.attributes, &s) };
    }
    unsafe { libc::posix_spawnattr_setflags(&mut plan.attributes, flags as libc::c_short) };
    m::builtins_io::flush();
    let arg_list = pointers(&args);
    let var_list = vars.as_deref().map(pointers);
    let run = if search {
        libc::posix_spawnp
    } else {
        libc::posix_spawn
    };
    let mut pid = 0;
    // SAFETY: a path and two lists of C strings ended by null; without an environment, the process's own.
    let r = unsafe {
        run(
            &mut pid,
            p.text.as_ptr(),
            &plan.actions,
            &plan.attributes,
            arg_list.as_ptr() as *const *mut libc::c_char,
            match &var_list {
                Some(v) => v.as_ptr() as *const *mut libc::c_char,
                None => environ,
            },
        )
    };
    if r != 0 {
        return Err(error::os_error(th, r, Some(p.value)));
    }
    Ok(Value::small_int(pid as i64))
}
unsafe extern "C" {
    static environ: *const *mut libc::c_char;
}
macro_rules! spawner {
    ($f:ident $name:literal $search:literal) => {
        fn $f(th: &Thread, a: Args) -> R {
            #[rustfmt::skip]
            let given = habu_runtime::args!(
                th, a, $name,
                ["path", "argv", "env", "file_actions", "setpgroup", "resetids", "setsid", "setsigmask", "setsigdef",
                 "scheduler"],
                0, 3, 3
            );
            start(th, given, $name, $search)
        }
    };
}
spawner! { posix_spawn "posix_spawn" false }
spawner! { posix_spawnp "posix_spawnp" true }

/// `resource.struct_rusage` of a child.
fn usage(th: &Thread, u: &libc::rusage) -> R {
    let seconds = |t: libc::timeval| float::new(th, t.tv_sec as f64 + t.tv_usec as f64 / 1e6);
    let n = |x: libc::c_long| int::from_i64(th, x);
    let fields = [
        seconds(u.ru_utime)?,
        seconds(u.ru_stime)?,
        n(u.ru_maxrss)?,
        n(u.ru_ixrss)?,
        n(u.ru_idrss)?,
        n(u.ru_isrss)?,
        n(u.ru_minflt)?,
        n(u.ru_majflt)?,
        n(u.ru_nswap)?,
        n(u.ru_inblock)?,
        n(u.ru_oublock)?,
        n(u.ru_msgsnd)?,
        n(u.ru_msgrcv)?,
        n(u.ru_nsignals)?,
        n(u.ru_nvcsw)?,
        n(u.ru_nivcsw)?,
    ];
    structseq::make(th, super::stat::posix_class(th, "struct_rusage")?, &fields)
}
fn wait_with(th: &Thread, pid: i32, options: i32) -> R {
    let mut status = 0;
    // SAFETY: all-zero is a valid record; it and the status are writable.
    let mut u: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let r = sys(
        th,
        None,
        || unsafe { libc::wait4(pid, &mut status, options, &mut u) } as i64,
    )?;
    let u = usage(th, &u)?;
    tuple::new_value(
        th,
        &[Value::small_int(r), Value::small_int(status as i64), u],
    )
}
fn wait4(th: &Thread, a: Args) -> R {
    let [pid, options] = habu_runtime::args!(th, a, "wait4", ["pid", "options"], 0, 2, 2);
    let number = |v: Option<Value>| parse::as_i32(th, v.unwrap_or(Value::NONE));
    wait_with(th, number(pid)?, number(options)?)
}
fn wait3(th: &Thread, a: &[Value]) -> R {
    wait_with(th, -1, parse::as_i32(th, a[0])?)
}

static FUNCTIONS: &[MethodDef] = &[
    mk("posix_spawn", posix_spawn),
    mk("posix_spawnp", posix_spawnp),
    mk("wait4", wait4),
    mv("wait3", wait3, 1, 1),
];

pub fn install(th: &Thread, module: Gc<ModuleObj>) -> R<()> {
    m::add_functions(th, module, "posix", FUNCTIONS)?;
    structseq::add(th, module, &USAGE)?;
    for (name, n) in [
        ("POSIX_SPAWN_OPEN", OPEN),
        ("POSIX_SPAWN_CLOSE", CLOSE),
        ("POSIX_SPAWN_DUP2", DUP2),
    ] {
        m::set(th, module, name, Value::small_int(n as i64))?;
    }
    Ok(())
}
