"""What runs in this kernel, written down before and after it runs: one append to a file each, nothing else.

The form of the file: docs/architecture.md. Whatever goes wrong here, the person's cell runs as if nothing
were written.
"""

import _thread
import atexit
import contextlib
import functools
import json
import os
import platform
import signal
import sys
import threading
import time
import uuid
import zlib

from . import run_tags

VERSION = 1
TAG = "mlflow-record"
SEGMENT_BYTES = 32 * 1024 * 1024
#: A source beyond this is kept up to here.
MAX_SOURCE = 8 * 1024 * 1024
MAX_TEXT = 2000
CLIENT = "mlflow.tracking._tracking_service.client"
#: Seconds after which git is asked again.
GIT_S = 10.0
#: Seconds between two looks whether the cell's code runs, to which an interrupt that came to us is given on;
#: and how many of them.
GIVE_ON_S, GIVE_ON_MOST = 0.002, 5000
#: How deep cells are in each other now, and how many have ended.
_cells = {"depth": 0, "ended": 0}


class Journal:
    """The file of this process, and the hooks that write it."""

    def __init__(self, shell, options):
        """`options`: `folder`, `about` (told in the first frame), `mode` (its file; None: always on)."""
        kernel = getattr(shell, "kernel", None)
        session = getattr(getattr(kernel, "session", None), "session", None)
        self.shell = shell
        self.process = "".join(c for c in str(session or uuid.uuid4()) if c.isalnum() or c in "-_")[:64]
        self.folder = options["folder"]
        self.about = options.get("about") or {}
        self._pid = os.getpid()
        #: what each file begins with
        self._first = dict(
            self.about, k="journal", v=VERSION, process=self.process, pid=self._pid, machine=machine()
        )
        self._mode_file = options.get("mode")
        # Without a Jupyter server there is a target where something is to be sent, and nobody else asks git.
        self._mode = {"on": True, "git": "target" in self.about}
        self._mode_seen = None
        self._file = None
        self._segment = 0
        self._size = 0
        self._lost = 0
        self._lock = threading.Lock()
        #: execution → [how deep in it, monotonic seconds at its start]
        self._running = {}
        #: what git said last, and monotonic seconds at which it was asked
        self._git = None
        self._git_asked = None

    def install(self):
        """Begin."""
        self.shell.events.register("pre_run_cell", self.before)
        self.shell.events.register("post_run_cell", self.after)
        run_tags.before_run[:] = [watch_runs]
        run_tags.after_run[:] = [created]
        atexit.register(self._exit)

    def close(self):
        """End: another journal takes over."""
        atexit.unregister(self._exit)
        for event, hook in (("pre_run_cell", self.before), ("post_run_cell", self.after)):
            with contextlib.suppress(ValueError):
                self.shell.events.unregister(event, hook)
        if self._file is not None and os.getpid() == self._pid:
            os.close(self._file)
            self._file = None

    def before(self, info):
        """A cell is about to run."""
        _aside(lambda: self._before(info))

    def after(self, result):
        """A cell has run."""
        _aside(lambda: self._after(result))

    def created(self, run_id, uri):
        """The running cell has started a run."""
        execution = self._execution()
        if execution in self._running and self._mode.get("on"):
            self._write({"k": "run", "id": execution, "run": str(run_id), "uri": place(uri)})

    def _before(self, info):
        _cells["depth"] += 1
        if os.getpid() != self._pid or not self._is_on():
            return
        watch_runs()
        parent = _parent(self.shell)
        execution = self._execution(parent)
        known = self._running.get(execution)
        if known is not None:
            # A cell magic that runs the rest of its cell: one execution still.
            known[0] += 1
            return
        session = parent.get("header", {}).get("session")
        only_of = self._mode.get("only_of")
        if session in (self._mode.get("not_of") or ()) or (only_of is not None and session not in only_of):
            return
        metadata = parent.get("metadata", {})
        tags = metadata.get("tags")
        frame = {
            "k": "start",
            "id": execution,
            "at": time.time(),
            "cell": metadata.get("cellId") or getattr(info, "cell_id", None),
            "tagged": isinstance(tags, (list, tuple)) and TAG in tags,
            "session": session,
        }
        if self._git is not None:
            frame["git"] = self._git
        if self._mode.get("cwd"):
            # The Jupyter server asks git there: a child of ours could be met by the cell's `os.wait()`.
            frame["cwd"] = _cwd()
        self._running[execution] = [1, time.perf_counter()]
        self._write(frame, info.raw_cell if self._mode.get("source", True) else None)
        now = time.monotonic()
        if self._mode.get("git") and (self._git_asked is None or now - self._git_asked > GIT_S):
            self._git_asked = now
            # Beside the cell: it takes as long as the folder is large.
            threading.Thread(target=self._ask_git, args=(execution,), daemon=True).start()

    def _ask_git(self, execution):
        try:
            found = run_tags.ask_git()
            commit = found.get("jupyter.git.commit")
            known = {"commit": commit, "dirty": found["jupyter.git.dirty"] == "true"} if commit else None
            self._git = known
            if known is not None and os.getpid() == self._pid:
                self._write(dict(known, k="git", id=execution))
        except Exception:
            # The interpreter may be ending.
            pass

    def _after(self, result):
        # What is empty has no beginning.
        _cells["depth"] = max(0, _cells["depth"] - 1)
        _cells["ended"] += _cells["depth"] == 0
        if os.getpid() != self._pid or not self._running:
            return
        execution = self._execution()
        known = self._running.get(execution)
        if known is None:
            return
        known[0] -= 1
        if known[0] > 0:
            return
        seconds = time.perf_counter() - known[1]
        frame = {"k": "end", "id": execution, "at": time.time(), "seconds": seconds, "ok": None}
        if result is not None:
            error = result.error_before_exec or result.error_in_exec
            frame["ok"] = error is None
            # Before the cell, releases of IPython differ about whether it is counted already.
            frame["n"] = getattr(result, "execution_count", None)
            if error is not None:
                frame["ename"] = type(error).__name__
                # Paused in the midst of it: how it ended is told, what it said is not.
                frame["evalue"] = _said(error) if self._is_on() and self._mode.get("source", True) else None
        self._write(frame)
        self._running.pop(execution, None)

    def _exit(self):
        # Whoever reads this elsewhere cannot see that the process has ended.
        if self._file is not None and os.getpid() == self._pid:
            self._write({"k": "exit"})

    def _execution(self, parent=None):
        parent = _parent(self.shell) if parent is None else parent
        id = parent.get("header", {}).get("msg_id")
        return str(id) if id else "%s-%d" % (self.process, self.shell.execution_count)

    def _is_on(self):
        if self._mode_file is None:
            return True
        try:
            found = os.stat(self._mode_file)
            seen = (found.st_mtime_ns, found.st_ino, found.st_size)
            if seen != self._mode_seen:
                with open(self._mode_file, encoding="utf-8") as file:
                    self._mode = json.load(file)
                self._mode_seen = seen
        except OSError:
            # The Jupyter server has taken it away.
            self._mode, self._mode_seen = {"on": False}, None
        return bool(self._mode.get("on"))

    def _write(self, frame, source=None):
        with self._lock:
            try:
                if self._file is None or self._size > SEGMENT_BYTES:
                    self._open()
                if self._lost:
                    self._append({"k": "lost", "n": self._lost})
                    self._lost = 0
                self._append(frame, source)
            except OSError:
                # No room, or no folder. The witness may still see it; how many were lost is told later.
                self._lost += 1

    def _append(self, frame, source=None):
        data = b""
        if source is not None:
            data = source[:MAX_SOURCE].encode("utf-8", "surrogatepass")
            frame["len"] = len(data)
        head = json.dumps(frame).encode()
        crc = zlib.crc32(data, zlib.crc32(head))
        whole = b'\x1e%s,"crc":%d}\n' % (head[:-1], crc)
        if source is not None:
            whole += data + b"\n"
        written = os.write(self._file, whole)
        self._size += written
        if written < len(whole):
            raise OSError("cut")

    def _open(self):
        if self._file is not None:
            os.close(self._file)
            self._file = None
        while True:
            self._segment += 1
            path = os.path.join(self.folder, "%s.%d.journal" % (self.process, self._segment))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
            flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            try:
                self._file = os.open(path, flags, 0o600)
                break
            except FileExistsError:
                # Of a process that had the same name, or of us before.
                continue
        self._size = 0
        self._append(self._first)


def start(shell, options):
    """Write this shell's journal from now on. One that the Jupyter server wants goes before any other."""
    known = getattr(shell, "_jupyter_mlflow_journal", None)
    if known is not None:
        is_same = known.folder == options["folder"] and type(known) is Journal
        if is_same or (known._mode_file is not None and options.get("mode") is None):
            return
        known.close()
    journal = Journal(shell, options)
    journal.install()
    shell._jupyter_mlflow_journal = journal


def created(run_id, uri):
    """A run was created, by whatever thread or library."""
    shell = sys.modules["IPython"].get_ipython()
    journal = getattr(shell, "_jupyter_mlflow_journal", None)
    if journal is not None and os.getpid() == journal._pid:
        journal.created(run_id, uri)


def watch_runs():
    """Hear of the runs that MLflow creates, once it is loaded. The class is private: guarded."""
    client = getattr(sys.modules.get(CLIENT), "TrackingServiceClient", None)
    real = getattr(client, "create_run", None)
    if real is None or getattr(real, "_jupyter_mlflow", False):
        return

    @functools.wraps(real)
    def create_run(self, *args, **kwargs):
        run = real(self, *args, **kwargs)
        _aside(lambda: _current().created(run.info.run_id, self.tracking_uri))
        return run

    create_run._jupyter_mlflow = True
    client.create_run = create_run


def _current():
    # Looked up anew: a newer shim may have taken the place of this one.
    return sys.modules[__name__]


def _parent(shell):
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent("shell") if kernel is not None else None
    return parent or {}


def _aside(work):
    """Do it, and raise nothing. An interrupt that comes meanwhile is the cell's, and given on to it."""
    state = {"done": False, "interrupted": False}
    try:
        _held(work, state)
    except KeyboardInterrupt:
        # Just before the work was held, or just after.
        state["interrupted"] = True
        with contextlib.suppress(BaseException):
            if not state["done"]:
                work()
    except Exception:
        pass
    # After a cell there is nothing that it could interrupt but the reply.
    if state["interrupted"] and _cells["depth"] > 0:
        threading.Thread(target=_give_on, args=(_cells["ended"],), daemon=True).start()


def _give_on(ended):
    """Interrupt the cell once its code runs: IPython swallows what comes while it calls hooks, and the kernel
    sends no reply when it is interrupted between them. `ended`: how many cells had when it came."""
    for _ in range(GIVE_ON_MOST):
        time.sleep(GIVE_ON_S)
        if _cells["ended"] != ended:
            return
        if _takes_interrupts():
            _thread.interrupt_main()
            return


def _takes_interrupts():
    """Whether the main thread is in a cell's code, or waits for it with a handler that is made for this."""
    run_code = sys.modules["IPython.core.interactiveshell"].InteractiveShell.run_code.__code__
    trigger = sys.modules["IPython.core.events"].EventManager.trigger.__code__
    codes, frame = [], sys._current_frames().get(threading.main_thread().ident)
    while frame is not None:
        codes.append(frame.f_code)
        frame = frame.f_back
    if any(code is trigger or code.co_filename == _aside.__code__.co_filename for code in codes):
        return False
    # As ipykernel has for a cell that awaits something.
    handler = signal.getsignal(signal.SIGINT)
    is_made_for_it = callable(handler) and handler is not signal.default_int_handler
    return is_made_for_it or any(code is run_code for code in codes[1:])


def _held(work, state):
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        work()
        return
    signal.signal(signal.SIGINT, lambda *_: state.update(interrupted=True))
    try:
        work()
    finally:
        state["done"] = True
        signal.signal(signal.SIGINT, handler)


def _cwd():
    try:
        return os.getcwd()[:MAX_TEXT]
    except OSError:
        # It was removed.
        return None


def _said(error):
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return None


def machine():
    """Where the ids of processes are those of here: this start of this machine, and its space of them (a
    container has its own). None where that has no name."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return "%s/%d" % (file.read().strip(), os.stat("/proc/self/ns/pid").st_ino)
    except (OSError, ValueError):
        return platform.node() or None


def place(uri):
    """A tracking URI without login and query."""
    uri = str(uri or "")
    scheme, mark, rest = uri.partition("://")
    if not mark:
        return uri[:MAX_TEXT]
    host, slash, path = rest.partition("/")
    return (scheme + mark + host.rpartition("@")[2] + slash + path.partition("?")[0])[:MAX_TEXT]
