//! The standard streams: text over a buffer over a descriptor, whose answers are known beforehand.

use super::*;
use habu_runtime::spec::Args;

/// How a standard stream is to be.
pub struct Standard<'a> {
    pub fd: i32,
    /// The descriptor may be a terminal's.
    pub device: bool,
    pub encoding: Option<&'a str>,
    pub errors: &'a str,
    /// Output goes out at once.
    pub unbuffered: bool,
}

pub fn make(th: &Thread, s: Standard) -> R {
    let reading = s.fd == 0;
    let raw = fileio::over(
        th,
        module::type_of(th, module::FILE_IO)?,
        s.fd,
        reading,
        s.device,
    )?;
    let name = ["<stdin>", "<stdout>", "<stderr>"][s.fd.clamp(0, 2) as usize];
    attr::set_text(th, raw, "name", string::new_value(th, name)?)?;
    // SAFETY: a plain system call.
    let terminal = s.device && unsafe { libc::isatty(s.fd) } == 1;
    let none = Args::positional_only(&[]);
    let through = s.unbuffered && !reading;
    let buffer = if through {
        raw
    } else {
        let which = if reading {
            module::READER
        } else {
            module::WRITER
        };
        let buffer = buffered::new(th, module::type_of(th, which)?, none)?;
        buffered::start_quick(th, buffer, raw, BUFFER_SIZE, reading, !reading);
        buffer
    };
    let t = text::new(th, module::type_of(th, module::TEXT)?, none)?;
    let lines = terminal || s.fd == 2;
    match s.encoding {
        None => text::start_quick(th, t, buffer, reading, s.errors, lines, through)?,
        Some(e) => {
            let (e, errors) = (string::new(th, e)?, string::new(th, s.errors)?);
            let mode = newline::Mode::new(
                th,
                if reading {
                    Value::NONE
                } else {
                    string::latin1_char(b'\n').value()
                },
                true,
            )?;
            text::start(th, t, buffer, Some(e), Some(errors), mode, lines, through)?
        }
    }
    attr::set_text(
        th,
        t,
        "mode",
        string::new_value(th, if reading { "r" } else { "w" })?,
    )?;
    Ok(t)
}
