//! What the command line and the environment decide, fixed before the runtime starts. Plain Rust data: no values.

use std::sync::OnceLock;

#[derive(Default, Debug)]
pub struct Config {
    /// `sys.argv`; its first item stands for the program.
    pub argv: Vec<String>,
    pub orig_argv: Vec<String>,
    /// Absolute path of the program that runs, not followed through links (a virtual environment's is one).
    pub executable: String,
    /// `-X name[=value]` in their order.
    pub xoptions: Vec<(String, Option<String>)>,
    /// `-W` and PYTHONWARNINGS.
    pub warnoptions: Vec<String>,
    /// PYTHONPATH.
    pub path: Vec<String>,
    pub pycache_prefix: Option<String>,
    pub optimize: u8,
    pub debug: u8,
    pub verbose: u8,
    pub bytes_warning: u8,
    /// `-X importtime`: 1 tells of imports, 2 also of those that find the module there.
    pub import_time: u8,
    pub inspect: bool,
    pub quiet: bool,
    /// `-u`, PYTHONUNBUFFERED.
    pub unbuffered: bool,
    pub no_site: bool,
    pub no_user_site: bool,
    pub ignore_environment: bool,
    pub isolated: bool,
    pub safe_path: bool,
    pub dont_write_bytecode: bool,
    pub dev_mode: bool,
    pub fixed_hash_seed: bool,
}

static CONFIG: OnceLock<Config> = OnceLock::new();

pub fn set(c: Config) {
    let _ = CONFIG.set(c);
}

pub fn config() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}

/// The value of the last `-X name=value`; empty where it has none.
pub fn xoption(name: &str) -> Option<&'static str> {
    let found = config().xoptions.iter().rev().find(|(n, _)| n == name)?;
    Some(found.1.as_deref().unwrap_or(""))
}
