# What compile() takes for a single statement.
for s in ['', '\n', '#x\n', '1;\n\n', '1\n\n#x\n', '\n\nx=1\n', '\n#c\nif x:\n  pass\n\n', '1; 2; 3', '1; 2\n3', 'a = 1; del a\nprint(a)\n',
          'if 1:\n  pass\nx', 'x\n    \n', 'import os; x = 1 # y']:
    try:
        print(repr(s), compile(s, 'f', 'single').co_name)
    except SyntaxError as e:
        print(repr(s), e.msg)

# Targets in parentheses are none.
for s in ['if (x):=10: pass', 'while (x):=0: pass', '((x):=1)', '[(x):=1]']:
    try:
        print(repr(s), compile(s, 'f', 'exec').co_name)
    except SyntaxError as e:
        print(repr(s), e.msg)
