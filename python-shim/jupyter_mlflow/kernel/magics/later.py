"""How runs ended whose tracking server could not be told in time: it is told when it answers again."""

import os
import threading
import time

#: A tag of runs of `%%mlflow`: one that was made unseen, as its answer was lost, is found by it.
OPENED_AS = "jupyter.opened_as"
WORDED = 'tags."jupyter.opened_as" = "%s"'
OPEN = ("RUNNING", "SCHEDULED")
#: Seconds between two attempts, at first and at most; of one attempt.
FIRST_S, MOST_S, ATTEMPT_S = 0.5, 15.0, 5.0
#: Seconds for which a run is looked for that may come late or not at all; after which all is given up.
LOOKED_FOR_S, GIVE_UP_S = 600.0, 86400.0
#: With these, asking again would help nobody.
FINAL = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE", "PERMISSION_DENIED")

#: What is said of it, after the server was named.
TOLD = "It is told %s as soon as it answers, while this kernel runs."

_endings = []
_wake = threading.Event()
_lock = threading.Lock()


class _Ending:
    """One run and how it ended: by its id or, where that is not known, by the word that it was opened as."""

    def __init__(self, tracking, status, error, run_id, opened, looked_for):
        self.run_id, self._tracking, self._status, self._error = run_id, tracking, status, error
        self._opened, self._looked_for, self._looked_since = opened, looked_for, None
        self._at, self._begun, self.pid = int(time.time() * 1000), time.monotonic(), os.getpid()

    def attempt(self):
        """Whether nothing is left to do."""
        try:
            return self._told(self._tracking.again(ATTEMPT_S))
        except Exception as problem:
            is_final = getattr(problem, "code", None) in FINAL
            return is_final or time.monotonic() - self._begun > GIVE_UP_S

    def _told(self, tracking):
        ids = [self.run_id]
        if self.run_id is None:
            experiment, word = self._opened
            # Several, where a client has tried again.
            found = tracking.call("search_runs", [experiment], WORDED % word, [], 100)
            if not found:
                # A server that was slow may do it yet.
                self._looked_since = self._looked_since or time.monotonic()
                return time.monotonic() - self._looked_since > self._looked_for
            ids = [each["info"]["run_id"] for each in found]
        for id in ids:
            if tracking.call("run", id)["info"].get("status") in OPEN:
                if self._error:
                    tracking.call("log", id, {}, {}, self._error, 0)
                tracking.call("end_run", id, self._status, self._at)
        return True


def end(tracking, run_id, status, error=None):
    """Let this run end so, unless it has ended by then, or somebody has said before how.

    :param error: tags that tell why
    """
    if is_known(run_id):
        return
    _add(_Ending(tracking, status, error, run_id, None, 0.0))


def kill(tracking, experiment_id, word, looked_for=LOOKED_FOR_S):
    """End what may have been opened as this word, which the kernel has not heard of."""
    _add(_Ending(tracking, "KILLED", None, None, (experiment_id, word), looked_for))


def is_known(run_id):
    """Whether the end of this run waits to be told."""
    return run_id in [each.run_id for each in _mine()]


def waiting():
    """How many runs of this process are known to wait for their end to be told."""
    return len([each for each in _mine() if each.run_id is not None])


def _mine():
    # A forked child has the list of its parent, and not the thread.
    return [each for each in _endings if each.pid == os.getpid()]


def _add(ending):
    with _lock:
        is_alone = not _mine()
        _endings.append(ending)
    if is_alone:
        threading.Thread(target=_work, name="jupyter-mlflow-later", daemon=True).start()
    _wake.set()


def _work():
    pause = FIRST_S
    while True:
        for each in _mine():
            if each.attempt():
                pause = FIRST_S
                with _lock:
                    _endings.remove(each)
                    if not _mine():
                        return
        _wake.clear()
        _wake.wait(pause)
        pause = min(2 * pause, MOST_S)
