//! The Rust halves of standard modules, one file or folder each, and the packed Lib.
//!
//! Invariant of this room: it does not know the interpreter's insides.

mod abc;
mod accounts;
mod algorithms;
mod array;
mod binascii;
mod blake2;
mod cmath;
mod codecs;
mod collections;
mod csv;
mod fcntl;
mod functools;
mod habu;
mod hashes;
mod imp;
mod io;
mod itertools;
mod json;
mod marshal;
mod math;
mod monitoring;
mod native_state;
mod opcode;
mod operator;
mod own_errors;
mod packed;
mod posix;
mod random;
mod referrers;
mod resource;
mod select;
mod signal;
mod small;
mod socket;
mod sre;
mod stdio;
mod structmod;
mod structseq;
mod subprocess;
mod symbols;
mod sys;
mod thread;
mod time;
mod unicode;
mod weakref;
mod zlib;

pub use signal::leave_signals_to_others;

use habu_runtime::modules;
use habu_runtime::thread::{R, Thread};

/// Register the native modules, set `sys` up for this program, bring importlib up and run `site`.
pub fn install(th: &Thread) -> R<()> {
    habu_runtime::import::set_packed(packed::find);
    modules::register("_habu", habu::init);
    modules::register("_abc", abc::init);
    modules::register("_warnings", habu::warnings);
    modules::register("time", time::init);
    modules::register("marshal", marshal::init);
    modules::register("math", math::init);
    modules::register("itertools", itertools::init);
    modules::register("_collections", collections::init);
    modules::register("_weakref", weakref::init);
    modules::register("_thread", thread::init);
    modules::register("_sre", sre::init);
    modules::register("errno", imp::errno);
    modules::register("_imp", imp::imp);
    modules::register("gc", imp::gc);
    modules::register("_codecs", codecs::init);
    modules::register("_signal", signal::init);
    modules::register("_struct", structmod::init);
    modules::register("_typing", small::typing);
    modules::register("_string", small::string_module);
    modules::register("_opcode", opcode::init);
    modules::register("_contextvars", small::contextvars);
    modules::register("posix", posix::init);
    modules::register("_random", random::init);
    modules::register("atexit", imp::atexit);
    modules::register("array", array::init);
    modules::register("cmath", cmath::init);
    modules::register("fcntl", fcntl::init);
    modules::register("grp", accounts::grp);
    modules::register("pwd", accounts::pwd);
    modules::register("resource", resource::init);
    modules::register("select", select::init);
    modules::register("_socket", socket::init);
    modules::register("_posixsubprocess", subprocess::init);
    modules::register("unicodedata", unicode::init);
    modules::register("_json", json::init);
    modules::register("_csv", csv::init);
    modules::register("_symtable", symbols::init);
    modules::register("_bisect", algorithms::bisect);
    modules::register("_heapq", algorithms::heapq);
    modules::register("_io", io::init);
    modules::register("_functools", functools::init);
    modules::register("_operator", operator::init);
    modules::register("binascii", binascii::init);
    modules::register("zlib", zlib::init);
    modules::register("_blake2", blake2::init);
    modules::register("_md5", hashes::md5_module);
    modules::register("_sha1", hashes::sha1_module);
    modules::register("_sha2", hashes::sha2_module);
    modules::register("_sha3", hashes::sha3_module);
    sys::install(th)?;
    habu_runtime::import::install(th)?;
    if !habu_runtime::config::config().no_site {
        let site = habu_runtime::import::import_module(th, "site")?;
        let main = habu_runtime::core::attr::get_text(th, site, "main")?;
        habu_runtime::ops::call::call(th, main, &[])?;
    }
    sys::add_program_folder(th)
}
