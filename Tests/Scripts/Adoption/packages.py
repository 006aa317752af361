# SPDX-License-Identifier: Apache-2.0
"""Real packages: clones, commands with their times, and the outcomes of tests."""
import contextlib
import fcntl
import os
import re
import resource
import subprocess
import time
import typing
import xml.etree.ElementTree as tree


class Package:
    """OWNER/NAME, and optionally :VERSION, :FILTER, the tests that are run, and :ARGUMENTS of every build."""

    def __init__(self, text):
        self.name, self.version, self.filter, arguments = (text.split(":") + ["", "", ""])[:4]
        self.arguments = arguments.split()

    @property
    def short(self):
        return self.name.split("/")[-1]

    @property
    def selection(self):
        return ["--filter", self.filter] if self.filter else []

    def __str__(self):
        return f"{self.name} {self.version}".strip()

    def clone(self, folder):
        """Clones the package, unless the folder is there."""
        if folder.exists():
            return
        subprocess.run(["git", "-c", "advice.detachedHead=false", "clone", "-q", f"https://github.com/{self.name}", str(folder)],
                       check=True)
        if self.version:
            subprocess.run(["git", "-C", folder, "checkout", "-q", self.version], check=True)


class Finished(typing.NamedTuple):
    """How a command ended. Its processor time is that of all its processes: on a busy machine, it says more than the time
    that passed."""
    status: int
    seconds: float
    processor: float


@contextlib.contextmanager
def locked(path):
    """Holds the lock of a file, if there is one. Waiting for it is not part of any time."""
    if not path:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, folder, log, audit=None, lock=None):
    """Runs a command; what it printed is in the log."""
    environment = {key: value for key, value in os.environ.items() if key != "ACCESS_AUDIT"}
    if audit:
        environment["ACCESS_AUDIT"] = audit
    with locked(lock), open(log, "wb") as output:
        begin, used = time.monotonic(), processor_time()
        status = subprocess.run(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL).returncode
        return Finished(status, time.monotonic() - begin, processor_time() - used)


def tally(log):
    """The number of tests in a log, and those that failed."""
    text = log.read_text(errors="replace")
    counts = [int(count) for count in re.findall(r"Executed (\d+) tests?, with", text)]
    tests = max(counts, default=0) + sum(int(count) for count in re.findall(r"Test run with (\d+) tests? ", text))
    failed = set(re.findall(r"Test Case '(.+)' failed \(", text))
    failed |= set(re.findall(r"(?m)^\S+ {1,2}Test (?!run with)(?!case )(.+?) failed after ", text))
    return tests, sorted(failed)


def outcomes(log, results):
    """The outcome of each test. XCTest prints it only to its output; the output of Swift Testing is mixed with that of the
    programs under test, so its outcomes are read from the file of results."""
    found = sorted(re.findall(r"(?m)^Test Case '([^']*)' (passed|failed|skipped)", log.read_text(errors="replace")))
    if results.exists():
        for case in tree.parse(results).iter("testcase"):
            kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            found.append((f"{case.get('classname')} {case.get('name')}", kinds[0] if kinds else "passed"))
    return sorted(found)
