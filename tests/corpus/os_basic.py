import os
import stat

print(os.name, os.sep, os.linesep == "\n", os.curdir, os.pardir, os.devnull)
base = os.path.join("/tmp", "habu_os_basic_%d" % os.getpid())
os.mkdir(base)
start = os.getcwd()
os.chdir(base)
try:
    print(os.path.basename(os.getcwd()).startswith("habu_os_basic_"))
    fd = os.open("a.txt", os.O_RDWR | os.O_CREAT, 0o644)
    print(os.write(fd, b"hello world"), os.lseek(fd, 0, os.SEEK_SET), os.read(fd, 5), os.read(fd, 100), os.read(fd, 1))
    os.ftruncate(fd, 4)
    st = os.fstat(fd)
    os.close(fd)
    print(st.st_size, st[6], stat.S_ISREG(st.st_mode), type(st).__name__, len(st), isinstance(st, tuple))
    os.chmod("a.txt", 0o600)
    print(oct(os.stat("a.txt").st_mode))
    os.utime("a.txt", (1000, 2000.5))
    st = os.stat("a.txt")
    print(st.st_mtime, st.st_mtime_ns, st.st_atime, st[8], st[7])
    os.symlink("a.txt", "link")
    print(os.readlink("link"), os.path.islink("link"), os.lstat("link").st_size, os.stat("link").st_size)
    os.link("a.txt", "hard")
    print(os.stat("a.txt").st_nlink, os.path.samefile("a.txt", "hard"))
    os.makedirs("d/e/f")
    os.rename("hard", "d/hard")
    print(sorted(os.listdir()), sorted(os.listdir(b".")))
    with os.scandir() as it:
        for e in sorted(it, key=lambda e: e.name):
            print(e, e.name, e.path, e.is_dir(), e.is_file(), e.is_symlink(), e.stat().st_size if e.is_file() else "-")
    for root, dirs, files in os.walk("."):
        print(root, sorted(dirs), sorted(files))
    for call in (
        lambda: os.stat("missing"),
        lambda: os.rename("missing", "b"),
        lambda: os.mkdir("d"),
        lambda: os.rmdir("d"),
        lambda: os.listdir("a.txt"),
        lambda: os.open("missing", os.O_RDONLY),
        lambda: os.close(12345),
        lambda: os.stat(1.5),
        lambda: os.listdir(1.5),
        lambda: os.stat("a\0b"),
        lambda: os.fspath(3),
        lambda: os.stat(),
    ):
        try:
            call()
        except Exception as x:
            print(type(x).__name__, x)
    os.removedirs("d/e/f") if not os.path.exists("d/hard") else os.remove("d/hard")
    os.removedirs("d/e/f")
    os.remove("link")
    print(os.access("a.txt", os.R_OK), os.access("a.txt", os.X_OK), os.access("zzz", os.F_OK))
    os.unlink("a.txt")
    print(os.listdir("."))
finally:
    os.chdir(start)
    os.rmdir(base)

os.environ["HABU_TEST"] = "yes\u00e9"
print(os.environ["HABU_TEST"], os.getenv("HABU_TEST"), os.environb[b"HABU_TEST"], os.getenv("HABU_NONE", "dflt"))
print(os.system("exit 3") >> 8, os.system('test "$HABU_TEST" = yesé'))
del os.environ["HABU_TEST"]
print("HABU_TEST" in os.environ)
r, w = os.pipe()
print(os.get_inheritable(r), os.isatty(r))
pid = os.fork()
if pid == 0:
    os.write(w, b"from the child")
    os._exit(7)
os.close(w)
print(os.read(r, 100))
os.close(r)
p, status = os.waitpid(pid, 0)
print(p == pid, os.WIFEXITED(status), os.WEXITSTATUS(status), os.waitstatus_to_exitcode(status))
print(len(os.urandom(8)), os.strerror(2), os.cpu_count() > 0)
print(os.stat_result(range(10)), os.terminal_size((80, 24)), os.terminal_size((80, 24)).columns)
try:
    os.stat_result((1, 2))
except TypeError as x:
    print(x)


class P:
    def __fspath__(self):
        return "/tmp"


print(os.fspath(P()), os.path.isdir(P()), os.fsencode("a\udcff"), os.fsdecode(b"a\xff") == "a\udcff")
print(os.path.split("/a/b/c.tar.gz"), os.path.splitext("/a/b/c.tar.gz"), os.path.normpath("/a/../b//./c"))
print(os.path.relpath("/a/b", "/a/c"), os.path.commonpath(["/a/b", "/a/c"]), os.path.expanduser("~") != "~")
print(os.uname().sysname, len(os.times()))
