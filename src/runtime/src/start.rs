//! Bringing the runtime up, in the order that its parts need each other; and running a program.

use crate::classes::{C, FIRST_DYNAMIC_SHAPE};
use crate::core::{attr, class_make, dict, list, string, tuple};
use crate::error;
use crate::kinds;
use crate::names::{N, TEXTS, nm};
use crate::object::*;
use crate::runtime::{self, rt};
use crate::thread::{R, Thread};
use habu_heap::{Config, Mutator, Tracer, Value};
use std::sync::atomic::Ordering::Relaxed;

/// What the command line decides before the heap exists.
pub struct Settings {
    pub gc_stress: bool,
    pub verify: bool,
    pub nursery: usize,
    pub max_heap: Option<usize>,
    pub hash_seed: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            gc_stress: false,
            verify: false,
            nursery: 4 << 20,
            max_heap: None,
            hash_seed: None,
        }
    }
}

fn extra_roots(t: &mut Tracer) {
    if runtime::is_installed() {
        rt().trace_roots(t);
        // Look-up caches hold no roots: they are emptied through the epoch.
        rt().class_epoch.fetch_add(1, Relaxed);
    }
}

fn thread_roots(m: *mut Mutator, t: &mut Tracer) {
    // The mutator is the first field of the thread: its slots are scanned conservatively.
    let words = std::mem::size_of::<Thread>() / 8;
    let p = m as *const u64;
    // SAFETY: a mutator is always embedded in a `Thread`.
    unsafe { t.visit_conservative_range(p, p.add(words)) };
}

fn thread_caches(m: *mut Mutator, left: &habu_heap::Survivors) {
    // SAFETY: a mutator is always the first field of a `Thread`, and this one stands still.
    let th = unsafe { &*(m as *const Thread) };
    th.recent.keep(left);
}

/// Bring everything up on this native thread, which becomes the main one.
pub fn start(s: &Settings) -> R<&'static Thread> {
    let config = Config {
        kinds: kinds::KINDS,
        array_kind: kinds::ARRAY,
        array_shape: C::Hidden.shape(),
        first_dynamic_shape: FIRST_DYNAMIC_SHAPE,
        nursery_bytes: s.nursery,
        // Collecting at every allocation begins once the core objects exist.
        stress: s.gc_stress,
        verify: s.verify,
        max_heap: s.max_heap,
        extra_roots,
        thread_roots,
        thread_caches,
    };
    if habu_heap::init(config).is_err() {
        eprintln!("habu: not enough memory to start");
        std::process::exit(1);
    }
    runtime::install();
    rt().recursion_limit.store(1000, Relaxed);
    rt().int_digits_limit.store(4300, Relaxed);
    rt().options.gc_stress.store(s.gc_stress, Relaxed);
    let c = crate::config::config();
    rt().options.optimize.store(c.optimize.into(), Relaxed);
    rt().options.verbose.store(c.verbose.into(), Relaxed);
    rt().options
        .bytes_warning
        .store(c.bytes_warning.into(), Relaxed);
    seed_hashes(s.hash_seed);
    let th = crate::threads::attach(true);
    crate::gil::acquire(th);
    crate::modules::signals::set_main(th);
    // During start-up recursion is not limited by the default.
    core_objects(th)?;
    Ok(th)
}

fn seed_hashes(seed: Option<u32>) {
    let (a, b) = match seed {
        Some(0) => (0, 0),
        Some(n) => {
            // The generator that CPython spreads its seed with: equal seeds give equal hashes.
            let mut x = n;
            let mut next = || {
                let mut b = [0u8; 8];
                for b in &mut b {
                    x = x.wrapping_mul(214013).wrapping_add(2531011);
                    *b = (x >> 16) as u8;
                }
                u64::from_le_bytes(b)
            };
            (next(), next())
        }
        None => {
            let mut buf = [0u64; 2];
            // SAFETY: the buffer is writable for its length.
            unsafe { libc::getrandom(buf.as_mut_ptr() as *mut _, 16, 0) };
            (buf[0], buf[1])
        }
    };
    rt().hash_seed.0.store(a, Relaxed);
    rt().hash_seed.1.store(b, Relaxed);
}

fn core_objects(th: &Thread) -> R<()> {
    class_make::allocate_core(th)?;
    class_make::shape_core(th)?;
    let r = rt();
    let e = dict::make_empty_table(th)?;
    r.empty_table.init(Some(e.value()));
    r.empty_listbuf
        .init(Some(list::make_empty_buf(th)?.value()));
    let t = tuple::alloc(th, 0)?;
    r.empty_tuple.init(Some(t.value()));
    r.empty_str.init(Some(string::raw_latin1(th, b"")?.value()));
    for c in 0..=255u8 {
        r.chars[c as usize].init(Some(string::raw_latin1(th, &[c])?.value()));
    }
    r.empty_bytes
        .init(Some(crate::types::bytes::new_obj(th, b"")?.value()));
    let d = dict::new_dict_sized(th, 4000)?;
    r.interned.init(Some(d.value()));
    for (i, text) in TEXTS.iter().take(N::End as usize).enumerate() {
        let s = string::intern_new(th, text)?;
        r.names[i].init(Some(s.value()));
    }
    class_make::fill_core(th)?;
    class_make::own_shapes(th)?;
    r.empty_frozenset
        .init(Some(dict::new_frozenset(th)?.value()));
    let m = tuple::empty();
    let e = crate::types::exceptions::new_instance(th, runtime::class(C::MemoryError), m)?;
    r.memory_error.init(Some(e));
    r.modules.init(Some(dict::new_dict(th)?.value()));
    crate::types::typevars::init(th)?;
    crate::types::template::init(th)?;
    crate::modules::builtins::install(th)?;
    Ok(())
}

/// The `__main__` module's namespace.
pub fn main_namespace(th: &Thread) -> R<Gc<DictObj>> {
    let m = crate::types::module::new(th, "__main__")?;
    let d = crate::types::module::dict_of(m.value());
    if let Some(b) = rt().builtins.get() {
        dict::set_name(th, d, nm(N::Builtins), b)?;
    }
    if let Some(mods) = crate::import::modules() {
        dict::set_text(th, mods, "__main__", m.value())?;
    }
    runtime::keep(runtime::Keep::MainModule, Some(m.value()));
    Ok(d)
}

/// What a main module that is no file says of its loader.
fn builtin_loader(th: &Thread, d: Gc<DictObj>) -> R<()> {
    let lib = crate::import::import_module(th, "_frozen_importlib")?;
    let loader = attr::get_text(th, lib, "BuiltinImporter")?;
    dict::set_name(th, d, nm(N::Loader), loader)
}

/// The same for a session.
pub fn name_main(th: &Thread, d: Gc<DictObj>) {
    if builtin_loader(th, d).is_err() {
        th.take();
    }
}

/// The namespace of `__main__` as it is now.
pub fn main_dict() -> Option<Gc<DictObj>> {
    let m = dict::get_ascii(crate::import::modules()?, "__main__")?;
    m.is::<ModuleObj>()
        .then(|| crate::types::module::dict_of(m))
}

/// The file that the code of `-c` has.
const COMMAND: &str = "<string>";

/// Let Lib's linecache know the lines of code that has no file.
pub fn register_source(th: &Thread, code: Gc<CodeObj>, text: &str, file: &str) -> R<()> {
    let m = crate::import::import_module(th, "linecache")?;
    let f = attr::get_text(th, m, "_register_code")?;
    let (text, file) = (string::new_value(th, text)?, string::new_value(th, file)?);
    crate::ops::call::call(th, f, &[code.value(), text, file]).map(drop)
}

/// Run source as the main program; the exit code.
pub fn run_main(
    th: &Thread,
    src: &[u8],
    file: &str,
    d: Gc<DictObj>,
    o: &habu_compiler::Options,
) -> i32 {
    let r = (|| -> R {
        if !file.starts_with('<') {
            let f = string::new_value(th, file)?;
            dict::set_name(th, d, nm(N::File), f)?;
            let external = crate::import::import_module(th, "_frozen_importlib_external")?;
            let loader = attr::get_text(th, external, "SourceFileLoader")?;
            let main = nm(N::Main);
            let loader = crate::ops::call::call(th, loader, &[main, f])?;
            dict::set_name(th, d, nm(N::Loader), loader)?;
        } else {
            builtin_loader(th, d)?;
        }
        let c = crate::import::compile_bytes(th, src, file, o)?;
        if file == COMMAND {
            runtime::keep(runtime::Keep::MainCode, Some(c.value()));
            crate::traceback::keep_source(file, &String::from_utf8_lossy(src));
        }
        crate::interp::run_code(th, c, d, Some(d.value()), None)
    })();
    match r {
        Ok(_) => 0,
        Err(_) => report_uncaught(th),
    }
}

/// Whether this is a folder or an archive, which `runpy` runs: it holds a `__main__` module.
pub fn is_runnable_path(path: &str) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    if std::path::Path::new(path).is_dir() {
        return true;
    }
    // The record that ends a zip file without comment.
    let mut end = [0u8; 22];
    std::fs::File::open(path)
        .is_ok_and(|mut f| f.seek(SeekFrom::End(-22)).is_ok() && f.read_exact(&mut end).is_ok())
        && end.starts_with(b"PK\x05\x06")
}

/// Run a module as the main program; `argv0`: `sys.argv[0]` becomes its file.
pub fn run_module(th: &Thread, name: &str, argv0: bool) -> i32 {
    let r = (|| -> R {
        let runpy = crate::import::import_module(th, "runpy")?;
        let f = attr::get_text(th, runpy, "_run_module_as_main")?;
        let n = string::new_value(th, name)?;
        crate::ops::call::call(th, f, &[n, Value::bool(argv0)])
    })();
    match r {
        Ok(_) => 0,
        Err(_) => report_uncaught(th),
    }
}

/// Run the `__main__` module of a folder or archive.
pub fn run_path(th: &Thread, path: &str) -> i32 {
    let r = (|| -> R<()> {
        let Some(l) = crate::modules::sys::get(th, "path")?.and_then(|l| l.cast::<ListObj>())
        else {
            return Ok(());
        };
        let full = std::path::absolute(path).unwrap_or_else(|_| path.into());
        // Without what `.` adds.
        let full: std::path::PathBuf = full.components().collect();
        let p = string::new_value(th, &full.to_string_lossy())?;
        list::insert(th, l, 0, p)
    })();
    match r {
        Ok(()) => run_module(th, "__main__", false),
        Err(_) => report_uncaught(th),
    }
}

/// The pending exception ends the program: report it; the exit code.
pub fn report_uncaught(th: &Thread) -> i32 {
    let e = th.take();
    // With `-i` the process goes on.
    if crate::core::class::is_a(e, C::SystemExit) && !crate::config::config().inspect {
        return crate::modules::sys::exit_code(th, e);
    }
    let interrupted = crate::core::class::is_a(e, C::KeyboardInterrupt);
    show_uncaught(th, e);
    if interrupted { 130 } else { 1 }
}

/// Show an exception that nobody caught: by `sys.excepthook`, if that is not our own.
pub fn show_uncaught(th: &Thread, e: Value) {
    let tb = e.cast::<ExcObj>().and_then(|x| x.traceback.get());
    let (class, tb) = (crate::core::class::of(e).value(), tb.unwrap_or(Value::NONE));
    let r = (|| -> R<()> {
        let Some(d) = crate::modules::sys::dict_of_sys() else {
            return Ok(());
        };
        for (name, v) in [
            ("last_exc", e),
            ("last_type", class),
            ("last_value", e),
            ("last_traceback", tb),
        ] {
            dict::set_text(th, d, name, v)?;
        }
        Ok(())
    })();
    if r.is_err() {
        th.take();
    }
    let _ = crate::modules::sys::flush_std(th);
    match crate::modules::sys::get(th, "excepthook") {
        Ok(Some(h)) if h.kind() == crate::kinds::BUILTIN => print_exception(th, e),
        Ok(Some(h)) => {
            if crate::ops::call::call(th, h, &[class, e, tb]).is_err() {
                let own = th.take();
                if crate::core::class::is_a(own, C::SystemExit) {
                    return;
                }
                write_stderr(th, "Error in sys.excepthook:\n");
                print_exception(th, own);
                write_stderr(th, "\nOriginal exception was:\n");
                print_exception(th, e);
            }
        }
        Ok(None) => {
            write_stderr(th, "sys.excepthook is missing\n");
            print_exception(th, e)
        }
        Err(_) => drop(th.take()),
    }
}

/// The report of an exception on stderr: by Lib's traceback module, which knows most; else by our own means.
pub fn print_exception(th: &Thread, e: Value) {
    let r = (|| -> R {
        if let Some(c) = runtime::kept(runtime::Keep::MainCode).and_then(|c| c.cast())
            && let Some(text) = crate::traceback::kept_source(COMMAND)
        {
            register_source(th, c, &text, COMMAND)?;
        }
        let m = crate::import::import_module(th, "traceback")?;
        let f = attr::get_text(th, m, "_print_exception_bltin")?;
        crate::ops::call::call(th, f, &[e])
    })();
    if r.is_ok() {
        return;
    }
    th.take();
    let text = crate::traceback::format_exception(th, e);
    write_stderr(th, &text);
}

fn write_stderr(th: &Thread, text: &str) {
    let r =
        string::new_value(th, text).and_then(|s| crate::modules::sys::write_to(th, "stderr", s));
    if r.is_err() {
        th.take();
        crate::modules::builtins_io::write_raw(2, text.as_bytes());
    }
}

/// Flush, run exit functions, let nothing linger.
pub fn finish(th: &Thread, code: i32) -> i32 {
    let mut code = code;
    crate::modules::sys::end(th);
    if !crate::modules::sys::flush_std(th) && code == 0 {
        code = 120;
    }
    if !crate::modules::builtins_io::flush() && code == 0 {
        code = 120;
    }
    let _ = error::errno();
    let _ = Value::NONE;
    code
}
