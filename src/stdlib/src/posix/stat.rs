//! `stat` and its kin, directory listings.

use super::path::{self, Path};
use crate::structseq::{self, structseq};
use habu_runtime::core::{class_make, dict, int, list, parse, string};
use habu_runtime::error;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, mk, mv, type_flags as tf};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{float, iters, module};
use habu_runtime::value::{Slot, Value};
use std::ffi::{CStr, CString};

structseq! { STAT "os" "stat_result"
[0 st_mode, 1 st_ino, 2 st_dev, 3 st_nlink, 4 st_uid, 5 st_gid, 6 st_size, 7 _atime, 8 _mtime, 9 _ctime]
[10 st_atime, 11 st_mtime, 12 st_ctime, 13 st_atime_ns, 14 st_mtime_ns, 15 st_ctime_ns, 16 st_blksize,
 17 st_blocks, 18 st_rdev] }

pub fn posix_class(th: &Thread, name: &str) -> R<Gc<TypeObj>> {
    let mo = habu_runtime::import::import_module(th, "posix")?;
    match dict::get_text(th, module::dict_of(mo), name)?.and_then(|c| c.cast()) {
        Some(c) => Ok(c),
        None => Err(error::raise(
            th,
            habu_runtime::classes::C::RuntimeError,
            "lost posix",
        )),
    }
}

pub fn result(th: &Thread, s: &libc::stat) -> R {
    let n = |i: i64| int::from_i64(th, i);
    let seconds = |s: i64, ns: i64| float::new(th, s as f64 + 1e-9 * ns as f64);
    let nanos = |s: i64, ns: i64| int::from_i128(th, s as i128 * 1_000_000_000 + ns as i128);
    let fields = [
        n(s.st_mode as i64)?,
        int::from_u64(th, s.st_ino)?,
        int::from_u64(th, s.st_dev)?,
        n(s.st_nlink as i64)?,
        n(s.st_uid as i64)?,
        n(s.st_gid as i64)?,
        n(s.st_size)?,
        n(s.st_atime)?,
        n(s.st_mtime)?,
        n(s.st_ctime)?,
        seconds(s.st_atime, s.st_atime_nsec)?,
        seconds(s.st_mtime, s.st_mtime_nsec)?,
        seconds(s.st_ctime, s.st_ctime_nsec)?,
        nanos(s.st_atime, s.st_atime_nsec)?,
        nanos(s.st_mtime, s.st_mtime_nsec)?,
        nanos(s.st_ctime, s.st_ctime_nsec)?,
        int::from_i128(th, s.st_blksize.into())?,
        n(s.st_blocks)?,
        int::from_u64(th, s.st_rdev)?,
    ];
    structseq::make(th, posix_class(th, "stat_result")?, &fields)
}

fn raw(p: &Path, dir: i32, follow: bool) -> Result<libc::stat, i32> {
    // SAFETY: the path is a C string and the structure is writable.
    unsafe {
        let mut s: libc::stat = std::mem::zeroed();
        let r = match p.fd {
            Some(fd) => libc::fstat(fd, &mut s),
            None => libc::fstatat(
                dir,
                p.text.as_ptr(),
                &mut s,
                if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW },
            ),
        };
        if r < 0 { Err(error::errno()) } else { Ok(s) }
    }
}
fn stat_of(th: &Thread, p: &Path, dir: i32, follow: bool) -> R {
    match th.blocked(|| raw(p, dir, follow)) {
        Ok(s) => result(th, &s),
        Err(e) => Err(error::os_error(
            th,
            e,
            Some(p.value).filter(|_| p.fd.is_none()),
        )),
    }
}
fn stat(th: &Thread, a: Args) -> R {
    let [p, dir, follow] = habu_runtime::args!(
        th,
        a,
        "stat",
        ["path", "dir_fd", "follow_symlinks"],
        0,
        1,
        1
    );
    let follow = match follow {
        Some(f) => habu_runtime::ops::truth(th, f)?,
        None => true,
    };
    stat_of(
        th,
        &path::path_or_fd(th, p, "stat")?,
        path::dir_fd(th, dir)?,
        follow,
    )
}
fn lstat(th: &Thread, a: Args) -> R {
    let [p, dir] = habu_runtime::args!(th, a, "lstat", ["path", "dir_fd"], 0, 1, 1);
    stat_of(
        th,
        &path::path(th, p, "lstat")?,
        path::dir_fd(th, dir)?,
        false,
    )
}
fn fstat(th: &Thread, a: Args) -> R {
    let [fd] = habu_runtime::args!(th, a, "fstat", ["fd"], 0, 1, 1);
    let fd = parse::as_i32(th, fd.unwrap_or(Value::NONE))?;
    let p = Path {
        text: CString::default(),
        fd: Some(fd),
        value: Value::NONE,
        is_bytes: false,
    };
    stat_of(th, &p, 0, true)
}

/// Names, inodes and types of a directory's entries.
fn entries(th: &Thread, p: &Path) -> R<Vec<(Vec<u8>, u64, u8)>> {
    let r = th.blocked(|| {
        // SAFETY: the stream is used by this thread alone and closed at the end.
        unsafe {
            let d = match p.fd {
                Some(fd) => libc::fdopendir(libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)),
                None => libc::opendir(p.text.as_ptr()),
            };
            if d.is_null() {
                return Err(error::errno());
            }
            if p.fd.is_some() {
                libc::rewinddir(d);
            }
            let mut out = Vec::new();
            loop {
                let e = libc::readdir(d);
                if e.is_null() {
                    break;
                }
                let name = CStr::from_ptr((*e).d_name.as_ptr()).to_bytes();
                if name != b"." && name != b".." {
                    out.push((name.to_vec(), (*e).d_ino, (*e).d_type));
                }
            }
            libc::closedir(d);
            Ok(out)
        }
    });
    r.map_err(|e| error::os_error(th, e, Some(p.value)))
}
fn here(th: &Thread, v: Option<Value>, func: &str) -> R<Path> {
    match v.filter(|v| !v.is_none()) {
        Some(v) => path::path_or_fd(th, Some(v), func),
        None => {
            let dot = string::new_value(th, ".")?;
            path::path(th, Some(dot), func)
        }
    }
}
fn listdir(th: &Thread, a: Args) -> R {
    let [p] = habu_runtime::args!(th, a, "listdir", ["path"], 0, 0, 1);
    let p = here(th, p, "listdir")?;
    let l = list::new(th)?;
    for (n, _, _) in entries(th, &p)? {
        list::push(th, l, path::name(th, &n, p.is_bytes)?)?;
    }
    Ok(l.value())
}

// DirEntry: name, path, d_type, inode, cached lstat and stat, the directory's descriptor where it was scanned by one.
const NAME: usize = 0;
const PATH: usize = 1;
const TYPE: usize = 2;
const INODE: usize = 3;
const STAT_CACHE: usize = 4;
const FOLDER: usize = 6;
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: both classes have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn get(v: Value, i: usize) -> Value {
    slot(v, i).get().unwrap_or(Value::NONE)
}
fn follow(th: &Thread, a: Args) -> R<bool> {
    let [f] = habu_runtime::args!(th, a.rest(), "stat", ["follow_symlinks"], 0, 0, 0);
    f.map_or(Ok(true), |f| habu_runtime::ops::truth(th, f))
}
/// What the entry's path counts from.
fn folder(v: Value) -> i32 {
    get(v, FOLDER)
        .as_int()
        .map_or(libc::AT_FDCWD, |fd| fd as i32)
}
fn e_stat(th: &Thread, a: Args) -> R {
    let (v, follow) = (a.all()[0], follow(th, a)?);
    let i = STAT_CACHE + follow as usize;
    if let Some(s) = slot(v, i).get() {
        return Ok(s);
    }
    let p = path::path(th, slot(v, PATH).get(), "stat")?;
    let s = stat_of(th, &p, folder(v), follow)?;
    th.set_in(v, slot(v, i), Some(s));
    Ok(s)
}
fn is_type(th: &Thread, v: Value, follow: bool, dt: u8, mode: u32) -> R {
    let t = get(v, TYPE).as_int().unwrap_or(0) as u8;
    if t != libc::DT_UNKNOWN && !(follow && t == libc::DT_LNK) {
        return Ok(Value::bool(t == dt));
    }
    let p = path::path(th, slot(v, PATH).get(), "stat")?;
    match th.blocked(|| raw(&p, folder(v), follow)) {
        Ok(s) => Ok(Value::bool(s.st_mode & libc::S_IFMT == mode)),
        Err(libc::ENOENT) => Ok(Value::FALSE),
        Err(e) => Err(error::os_error(th, e, Some(p.value))),
    }
}
fn e_is_dir(th: &Thread, a: Args) -> R {
    is_type(th, a.all()[0], follow(th, a)?, libc::DT_DIR, libc::S_IFDIR)
}
fn e_is_file(th: &Thread, a: Args) -> R {
    is_type(th, a.all()[0], follow(th, a)?, libc::DT_REG, libc::S_IFREG)
}
fn e_is_symlink(th: &Thread, v: Value) -> R {
    is_type(th, v, false, libc::DT_LNK, libc::S_IFLNK)
}
fn e_is_junction(_: &Thread, _: Value) -> R {
    Ok(Value::FALSE)
}
fn e_name(_: &Thread, v: Value) -> R {
    Ok(get(v, NAME))
}
fn e_path(_: &Thread, v: Value) -> R {
    Ok(get(v, PATH))
}
fn e_inode(_: &Thread, v: Value) -> R {
    Ok(get(v, INODE))
}
fn e_repr(th: &Thread, v: Value) -> R {
    let n = habu_runtime::ops::repr::repr_string(th, get(v, NAME))?;
    string::new_value(th, &format!("<DirEntry {n}>"))
}
static ENTRY_METHODS: [MethodDef; 9] = [
    mk("stat", e_stat),
    mk("is_dir", e_is_dir),
    mk("is_file", e_is_file),
    m1("is_symlink", e_is_symlink),
    m1("is_junction", e_is_junction),
    m1("inode", e_inode),
    m1("__fspath__", e_path),
    m1("__repr__", e_repr),
    habu_runtime::spec::m2(
        "__class_getitem__",
        habu_runtime::types::generic_alias::class_getitem,
    )
    .class(),
];
static ENTRY_FIELDS: [GetSetDef; 2] = [gs("name", e_name), gs("path", e_path)];
static ENTRY: TypeSpec = TypeSpec::new("DirEntry", habu_runtime::kinds::RECORD)
    .module("posix")
    .words(7)
    .flags(tf::NO_NEW)
    .methods(&ENTRY_METHODS)
    .getset(&ENTRY_FIELDS);

// The iterator: an iterator over a list of entries made at once.
fn s_iter(_: &Thread, v: Value) -> R {
    Ok(v)
}
fn s_next(th: &Thread, v: Value) -> R {
    match slot(v, 0).get() {
        Some(it) => habu_runtime::ops::iter::next_keep_stop(th, it),
        None => Err(error::raise_args(
            th,
            habu_runtime::runtime::class(habu_runtime::classes::C::StopIteration),
            &[],
        )),
    }
}
fn s_close(_: &Thread, v: Value) -> R {
    slot(v, 0).init(None);
    Ok(Value::NONE)
}
fn s_exit(th: &Thread, a: &[Value]) -> R {
    s_close(th, a[0])
}
static SCAN_METHODS: [MethodDef; 5] = [
    m1("__iter__", s_iter),
    m1("__next__", s_next),
    m1("close", s_close),
    m1("__enter__", s_iter),
    mv("__exit__", s_exit, 1, 4),
];
static SCAN: TypeSpec = TypeSpec::new("ScandirIterator", habu_runtime::kinds::RECORD)
    .module("posix")
    .words(1)
    .flags(tf::NO_NEW)
    .methods(&SCAN_METHODS);

fn scandir(th: &Thread, a: Args) -> R {
    let [p] = habu_runtime::args!(th, a, "scandir", ["path"], 0, 0, 1);
    let p = here(th, p, "scandir")?;
    let cls = posix_class(th, "DirEntry")?;
    let found = entries(th, &p)?;
    let l = list::new(th)?;
    for (n, inode, t) in found {
        let name = path::name(th, &n, p.is_bytes)?;
        let full = match p.fd {
            Some(_) => name,
            None => {
                let mut f = p.text.as_bytes().to_vec();
                if !f.ends_with(b"/") {
                    f.push(b'/');
                }
                f.extend_from_slice(&n);
                path::name(th, &f, p.is_bytes)?
            }
        };
        let inode = int::from_u64(th, inode)?;
        // SAFETY: just made with this class's layout.
        let e = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
        slot(e, NAME).init(Some(name));
        slot(e, PATH).init(Some(full));
        slot(e, TYPE).init(Some(Value::small_int(t as i64)));
        slot(e, INODE).init(Some(inode));
        slot(e, FOLDER).init(p.fd.map(|fd| Value::small_int(fd as i64)));
        list::push(th, l, e)?;
    }
    let it = habu_runtime::ops::iter::get(th, l.value())?;
    let cls = posix_class(th, "_ScandirIterator")?;
    // SAFETY: as above.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    slot(v, 0).init(Some(it));
    Ok(v)
}

pub static FUNCTIONS: [MethodDef; 5] = [
    mk("stat", stat),
    mk("lstat", lstat),
    mk("fstat", fstat),
    mk("listdir", listdir),
    mk("scandir", scandir),
];
pub fn install(th: &Thread, p: Gc<ModuleObj>) -> R<()> {
    structseq::add(th, p, &STAT)?;
    m::set(
        th,
        p,
        "DirEntry",
        class_make::from_spec(th, &ENTRY, None)?.value(),
    )?;
    m::set(
        th,
        p,
        "_ScandirIterator",
        class_make::from_spec(th, &SCAN, None)?.value(),
    )?;
    Ok(())
}
