//! Sources and the errors they must give: line, column (from 1) and message.

use habu_compiler::{ErrorKind, Mode, Options, compile, compile_bytes};

fn error(source: &str) -> (u32, u32, String) {
    match compile(source, "<test>", &Options::default()) {
        Ok(_) => (0, 0, "no error".into()),
        Err(e) => (e.lineno, e.offset, e.message),
    }
}

#[test]
fn messages() {
    let cases: &[(&str, u32, u32, &str)] = &[
        ("x = (1,\n", 1, 5, "'(' was never closed"),
        ("x = 1)\n", 1, 6, "unmatched ')'"),
        (
            "x = (1]\n",
            1,
            7,
            "closing parenthesis ']' does not match opening parenthesis '('",
        ),
        (
            "s = 'abc\n",
            1,
            5,
            "unterminated string literal (detected at line 1)",
        ),
        ("if a\n    pass\n", 1, 5, "expected ':'"),
        (
            "if a:\npass\n",
            2,
            1,
            "expected an indented block after 'if' statement on line 1",
        ),
        ("x = 1\n  y = 2\n", 2, 3, "unexpected indent"),
        (
            "f(a b)\n",
            1,
            3,
            "invalid syntax. Perhaps you forgot a comma?",
        ),
        (
            "f() = 1\n",
            1,
            1,
            "cannot assign to function call here. Maybe you meant '==' instead of '='?",
        ),
        ("None = 1\n", 1, 1, "cannot assign to None"),
        ("del f()\n", 1, 5, "cannot delete function call"),
        (
            "f(x=1, 2)\n",
            1,
            9,
            "positional argument follows keyword argument",
        ),
        ("f(x=1, x=2)\n", 1, 8, "keyword argument repeated: x"),
        (
            "def f(a, a): pass\n",
            1,
            10,
            "duplicate argument 'a' in function definition",
        ),
        (
            "def f(a=1, b): pass\n",
            1,
            12,
            "parameter without a default follows parameter with a default",
        ),
        ("break\n", 1, 1, "'break' outside loop"),
        ("continue\n", 1, 1, "'continue' not properly in loop"),
        ("return 1\n", 1, 1, "'return' outside function"),
        ("yield 1\n", 1, 1, "'yield' outside function"),
        (
            "def f(): await x\n",
            1,
            10,
            "'await' outside async function",
        ),
        (
            "def f():\n    x = 1\n    global x\n",
            3,
            5,
            "name 'x' is assigned to before global declaration",
        ),
        (
            "def f():\n    nonlocal q\n",
            2,
            5,
            "no binding for nonlocal 'q' found",
        ),
        (
            "import a from b\n",
            1,
            1,
            "Did you mean to use 'from ... import ...' instead?",
        ),
        (
            "print 1\n",
            1,
            1,
            "Missing parentheses in call to 'print'. Did you mean print(...)?",
        ),
        (
            "x = 0777\n",
            1,
            5,
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        ),
        ("__debug__ = 1\n", 1, 1, "cannot assign to __debug__"),
    ];
    for (source, line, offset, message) in cases {
        assert_eq!(
            error(source),
            (*line, *offset, message.to_string()),
            "{source:?}"
        );
    }
}

#[test]
fn kinds_and_incomplete_input() {
    let kind = |s: &str| {
        compile(s, "", &Options::default())
            .err()
            .map(|e| (e.kind, e.incomplete))
    };
    assert_eq!(
        kind("if a:\n        b\n    c\n"),
        Some((ErrorKind::Indentation, false))
    );
    assert_eq!(
        kind("if a:\n        b\n\tc\n"),
        Some((ErrorKind::Tab, false))
    );
    assert_eq!(kind("f(\n"), Some((ErrorKind::Syntax, true)));
    assert_eq!(kind("if a:\n"), Some((ErrorKind::Indentation, true)));
    assert_eq!(kind("x = '''a\n"), Some((ErrorKind::Syntax, true)));
    let single = Options {
        mode: Mode::Single,
        ..Options::default()
    };
    assert!(compile("x = 1\ny = 2\n", "", &single).is_err());
    assert!(compile("x = 1; y = 2\n", "", &single).is_ok());
}

#[test]
fn source_bytes() {
    let run = |b: &[u8]| {
        compile_bytes(b, "f.py", &Options::default())
            .map(|_| ())
            .map_err(|e| e.message)
    };
    assert_eq!(run(b"\xef\xbb\xbfx = 1\n"), Ok(()));
    assert_eq!(run(b"# coding: latin-1\ns = '\xe9'\n"), Ok(()));
    assert_eq!(
        run(b"# coding: nonsense\n"),
        Err("unknown encoding: nonsense".into())
    );
    assert!(
        run(b"s = '\xff'\n")
            .unwrap_err()
            .starts_with("Non-UTF-8 code starting with '\\xff'")
    );
    assert_eq!(
        run(b"a\0b"),
        Err("source code string cannot contain null bytes".into())
    );
}

#[test]
fn warnings() {
    let list = |s: &str| -> Vec<String> {
        compile(s, "", &Options::default())
            .unwrap()
            .warnings
            .into_iter()
            .map(|w| w.message)
            .collect()
    };
    assert_eq!(
        list("x is 1\n"),
        ["\"is\" with 'int' literal. Did you mean \"==\"?"]
    );
    assert_eq!(
        list("assert (a, 'b')\n"),
        ["assertion is always true, perhaps remove parentheses?"]
    );
    assert_eq!(
        list("[1](2)\n"),
        ["'list' object is not callable; perhaps you missed a comma?"]
    );
    assert_eq!(list("'\\d'\n").len(), 1);
    assert_eq!(list("r'\\d'; b'\\x00'.join\n").len(), 0);
}
