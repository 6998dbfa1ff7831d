"""Runs one of CPython's test modules and reports each test's outcome.

    inside.py MODULE REPORT

One line a test goes to REPORT as soon as the test is over, so that a crash loses nothing that came before:
`start ID`, then one of `pass ID`, `fail ID`, `error ID`, `skip ID`; the last line is `end`. After `fail` and `error`
come the lines of the traceback, each behind `| `.
"""

import os
import sys
import unittest

name, report = sys.argv[1:3]
out = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)


def tell(line):
    os.write(out, (line + "\n").encode("utf-8", "backslashreplace"))


def text_of(error):
    import traceback

    try:
        lines = "".join(traceback.format_exception(*error)).splitlines()
    except BaseException as e:
        lines = ["(no traceback: %s)" % type(e).__name__, "%s: ?" % error[0].__name__]
    for line in lines[-40:]:
        tell("| " + line[:400])


class Result(unittest.TestResult):
    """A test counts once, by the worst of its subtests."""

    def startTest(self, test):
        super().startTest(test)
        self.worst = "pass"
        tell("start %s" % test.id())

    def note(self, outcome, test, error=None):
        if not getattr(test, "_testMethodName", None) and not hasattr(test, "test_case") and "doctest" not in str(type(test)):
            # setUpClass or setUpModule failed: no test was started.
            tell("%s %s" % (outcome, test.id()))
        elif outcome != "skip" or self.worst == "pass":
            self.worst = outcome
        if error:
            text_of(error)

    def addError(self, test, error):
        self.note("error", test, error)

    def addFailure(self, test, error):
        self.note("fail", test, error)

    def addSkip(self, test, reason):
        self.note("skip", test)

    def addExpectedFailure(self, test, error):
        pass

    def addUnexpectedSuccess(self, test):
        self.note("fail", test)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            tell("| in %s" % str(subtest)[:300])
            bad = "fail" if issubclass(error[0], test.failureException) else "error"
            self.note(bad, test, error)

    def stopTest(self, test):
        super().stopTest(test)
        tell("%s %s" % (self.worst, test.id()))


def skip(*args):
    raise unittest.SkipTest("asks CPython's internals")


class Internals:
    """For modules that import names of CPython's internals without asking whether there are any: tests that use
    them are skipped."""

    NEEDED_BY = {
        "test_class": {"_testinternalcapi": ["has_inline_values"]},
        "test_bytes": {"_testlimitedcapi": ["sequence_getitem", "sequence_setitem", "sequence_delitem"]},
        "test_import": {"_testmultiphase": []},
    }

    def __enter__(self):
        for module_name, names in self.NEEDED_BY.get(name, {}).items():
            module = type(sys)(module_name)
            for n in names:
                setattr(module, n, skip)
            sys.modules[module_name] = module

    def __exit__(self, *error):
        for module_name in self.NEEDED_BY.get(name, {}):
            sys.modules.pop(module_name, None)


def main():
    from test import support

    # As CPython's own runner without -u: nothing that needs the network or much time or memory.
    support.use_resources = []
    try:
        with Internals():
            module = __import__("test." + name, fromlist=["x"])
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    except unittest.SkipTest:
        tell("skip %s" % name)
        tell("end")
        return
    except BaseException:
        tell("error %s" % name)
        text_of(sys.exc_info())
        tell("end")
        return
    suite.run(Result())
    tell("end")


main()
sys.stdout.flush()
# Threads and exit handlers that a failed test left behind are none of the record's business.
os._exit(0)
