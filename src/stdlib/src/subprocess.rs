//! `_posixsubprocess`: fork and exec in one native step.
//!
//! What must hold: between fork and exec the child calls only async-signal-safe functions, unless the program asked
//! for `preexec_fn`; everything it needs is made ready before the fork. What goes wrong in the child is told through
//! the error pipe in `subprocess`'s words, `ErrorClass:errno in hex:text`.

use crate::posix::path;
use habu_runtime::core::{list, parse};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops::{self, call};
use habu_runtime::spec::{MethodDef, mv};
use habu_runtime::thread::{R, Thread};
use habu_runtime::value::Value;
use std::ffi::CString;

fn strings(th: &Thread, v: Value, func: &str) -> R<Vec<CString>> {
    let l = ops::iter::to_list(th, v)?;
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(x) = list::get(l, i) {
        out.push(path::named(th, Some(x), func, "argument")?.text);
        i += 1;
    }
    Ok(out)
}
fn pointers(v: &[CString]) -> Vec<*const libc::c_char> {
    v.iter()
        .map(|s| s.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}
fn id(th: &Thread, v: Value) -> R<Option<u32>> {
    match v.is_none() {
        true => Ok(None),
        false => Ok(Some(parse::as_isize(th, v)? as u32)),
    }
}

/// All that the child needs.
struct Plan {
    argv: Vec<*const libc::c_char>,
    executables: Vec<CString>,
    env: Option<Vec<*const libc::c_char>>,
    cwd: Option<CString>,
    keep: Vec<i32>,
    close_fds: bool,
    /// p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write.
    fds: [i32; 8],
    restore_signals: bool,
    new_session: bool,
    group: i32,
    gid: Option<u32>,
    groups: Option<Vec<libc::gid_t>>,
    uid: Option<u32>,
    umask: i32,
}

/// Become the new program; comes back only where that failed, with what was being done.
///
/// # Safety
/// Runs in the child of a fork; the plan's pointers are C strings that live on.
unsafe fn become_child(p: &Plan, preexec: impl FnOnce() -> bool) -> &'static str {
    let [
        mut p2cread,
        p2cwrite,
        c2pread,
        mut c2pwrite,
        errread,
        mut errwrite,
        errpipe_read,
        errpipe_write,
    ] = p.fds;
    // SAFETY: plain system calls on descriptors and on the C strings of the plan.
    unsafe {
        let inherit = |fd: i32| libc::fcntl(fd, libc::F_SETFD, 0) >= 0;
        for &fd in &p.keep {
            if fd != errpipe_write && !inherit(fd) {
                return "";
            }
        }
        for fd in [p2cwrite, c2pread, errread, errpipe_read] {
            if fd >= 0 {
                libc::close(fd);
            }
        }
        // A source that stands where another target goes is moved out of the way.
        if c2pwrite == 0 {
            c2pwrite = libc::dup(c2pwrite);
        }
        while errwrite == 0 || errwrite == 1 {
            errwrite = libc::dup(errwrite);
        }
        for (from, to) in [(&mut p2cread, 0), (&mut c2pwrite, 1), (&mut errwrite, 2)] {
            if *from == to {
                if !inherit(to) {
                    return "";
                }
            } else if *from >= 0 && libc::dup2(*from, to) < 0 {
                return "";
            }
        }
        if let Some(d) = &p.cwd
            && libc::chdir(d.as_ptr()) < 0
        {
            return "noexec:chdir";
        }
        if p.umask >= 0 {
            libc::umask(p.umask as libc::mode_t);
        }
        if p.restore_signals {
            for s in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(s, libc::SIG_DFL);
            }
        }
        if p.new_session {
            libc::setsid();
        }
        if p.group >= 0 && libc::setpgid(0, p.group) < 0 {
            return "";
        }
        if let Some(g) = &p.groups
            && libc::setgroups(g.len(), g.as_ptr()) < 0
        {
            return "";
        }
        if let Some(g) = p.gid
            && libc::setregid(g, g) < 0
        {
            return "";
        }
        if let Some(u) = p.uid
            && libc::setreuid(u, u) < 0
        {
            return "";
        }
        if !preexec() {
            return "preexec";
        }
        if p.close_fds {
            let mut from = 3;
            for &fd in &p.keep {
                if fd > from {
                    libc::syscall(libc::SYS_close_range, from, fd - 1, 0);
                }
                from = from.max(fd + 1);
            }
            libc::syscall(libc::SYS_close_range, from, u32::MAX, 0);
        }
        let mut saved = 0;
        for e in &p.executables {
            match &p.env {
                Some(v) => libc::execve(e.as_ptr(), p.argv.as_ptr(), v.as_ptr()),
                None => libc::execv(e.as_ptr(), p.argv.as_ptr()),
            };
            let e = *libc::__errno_location();
            if e != libc::ENOENT && e != libc::ENOTDIR && saved == 0 {
                saved = e;
            }
        }
        if saved != 0 {
            *libc::__errno_location() = saved;
        }
        ""
    }
}

fn fork_exec(th: &Thread, a: &[Value]) -> R {
    let executables = strings(th, a[1], "fork_exec")?;
    let argv = strings(th, a[0], "fork_exec")?;
    let env = match a[5].is_none() {
        true => None,
        false => Some(strings(th, a[5], "fork_exec")?),
    };
    let ints = |v: Value| -> R<Vec<i32>> {
        let l = ops::iter::to_list(th, v)?;
        let (mut out, mut i) = (Vec::new(), 0);
        while let Some(x) = list::get(l, i) {
            out.push(parse::as_i32(th, x)?);
            i += 1;
        }
        Ok(out)
    };
    let keep = ints(a[3])?;
    if keep.windows(2).any(|w| w[0] >= w[1]) || keep.iter().any(|f| *f < 0) {
        return Err(error::value_error(th, "bad value(s) in fds_to_keep"));
    }
    let mut fds = [-1; 8];
    for (i, f) in fds.iter_mut().enumerate() {
        *f = parse::as_i32(th, a[6 + i])?;
    }
    let close_fds = ops::truth(th, a[2])?;
    if close_fds && fds[7] < 3 {
        return Err(error::value_error(th, "errpipe_write must be >= 3"));
    }
    let preexec = a[21];
    let plan = Plan {
        argv: pointers(&argv),
        executables,
        env: env.as_ref().map(|e| pointers(e)),
        cwd: match a[4].is_none() {
            true => None,
            false => Some(path::named(th, Some(a[4]), "fork_exec", "cwd")?.text),
        },
        keep,
        close_fds,
        fds,
        restore_signals: ops::truth(th, a[14])?,
        new_session: ops::truth(th, a[15])?,
        group: parse::as_i32(th, a[16])?,
        gid: id(th, a[17])?,
        groups: match a[18].is_none() {
            true => None,
            false => Some(ints(a[18])?.iter().map(|g| *g as libc::gid_t).collect()),
        },
        uid: id(th, a[19])?,
        umask: parse::as_i32(th, a[20])?,
    };
    m::builtins_io::flush();
    // SAFETY: the child either becomes another program or ends.
    let pid = habu_runtime::gil::fork(th, || unsafe { libc::fork() });
    if pid < 0 {
        return Err(error::os_error(th, error::errno(), None));
    }
    if pid > 0 {
        return Ok(Value::small_int(pid as i64));
    }
    let run_preexec = || {
        if preexec.is_none() {
            return true;
        }
        habu_runtime::gil::after_fork(th);
        call::call(th, preexec, &[]).is_ok()
    };
    // SAFETY: this is the child; the strings live in this function.
    unsafe {
        let what = become_child(&plan, run_preexec);
        let e = *libc::__errno_location();
        let text = match what {
            "preexec" => "SubprocessError:0:Exception occurred in preexec_fn.".to_string(),
            what => format!("OSError:{e:X}:{what}"),
        };
        libc::write(plan.fds[7], text.as_ptr() as *const _, text.len());
        libc::_exit(255)
    }
}

static FUNCTIONS: [MethodDef; 1] = [mv("fork_exec", fork_exec, 22, 22)];

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    m::new(th, "_posixsubprocess", &FUNCTIONS)
}
