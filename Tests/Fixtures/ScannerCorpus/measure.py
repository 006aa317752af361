# SPDX-License-Identifier: Apache-2.0
#
# Compares the findings on each program of the corpus with the "expect:" lines in its head.
# A finding is right when its rule and symbol are expected; equal findings count once. Nothing is written.
import collections
import json
import pathlib
import re
import subprocess
import sys


def scan(tool, folder):
    """All findings below the folder, each file a module of its own."""
    command = [tool, "scan", "--each-file-alone", "--format", "json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode not in (0, 1):
        sys.exit(f"the scan ended with status {done.returncode}: {done.stderr}")
    report = json.loads(done.stdout)
    if report["problems"]:
        sys.exit(f"a program of the corpus could not be parsed: {report['problems']}")
    return report["findings"]


def measure(tool, folder):
    programs = sorted(folder.rglob("*.swift"))
    expected = {}
    for program in programs:
        name = str(program.relative_to(folder))
        found = re.findall(r"^// expect: (\S+) (\S+)$", program.read_text(), re.M)
        expected[name] = set(found)
    actual = {name: set() for name in expected}
    for finding in scan(tool, folder):
        name = finding["place"]["path"]
        actual[name].add((finding["rule"], finding["symbol"]))
    return expected, actual


def ratio(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "    –  "


def table(title, expected, actual, verbose):
    counts = collections.defaultdict(lambda: [0, 0, 0])
    for name in expected:
        for rule, symbol in expected[name] | actual[name]:
            right = (rule, symbol) in expected[name]
            seen = (rule, symbol) in actual[name]
            counts[rule][0 if right and seen else 1 if seen else 2] += 1
            if verbose and not (right and seen):
                print(f"  {'FALSE ' if seen else 'MISSED'} {name}: {rule} {symbol}")
    racy = sum(1 for name in expected if expected[name])
    print(f"{title}: {len(expected)} programs, {racy} with findings expected, {len(expected) - racy} correct")
    print(f"  {'rule':22} right false missed precision  recall")
    total = [0, 0, 0]
    for rule in sorted(counts):
        right, false, missed = counts[rule]
        total = [total[0] + right, total[1] + false, total[2] + missed]
        print(f"  {rule:22} {right:5} {false:5} {missed:6}   {ratio(right, right + false)} {ratio(right, right + missed)}")
    right, false, missed = total
    print(f"  {'all':22} {right:5} {false:5} {missed:6}   {ratio(right, right + false)} {ratio(right, right + missed)}")
    silent = sum(1 for name in expected if not expected[name] and not actual[name])
    print(f"  correct programs without a finding: {silent} of {len(expected) - racy}")
    return (right, false, missed)


def main():
    tool, here = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    minimum = "--check" in sys.argv
    totals = [0, 0, 0]
    parts = {}
    expected, actual = measure(tool, here)
    for name in expected:
        part = "held out" if name.startswith("HeldOut") else "written first"
        parts.setdefault(part, ({}, {}))
        parts[part][0][name] = expected[name]
        parts[part][1][name] = actual[name]
    for part in sorted(parts, reverse=True):
        result = table(part, *parts[part], verbose=True)
        totals = [a + b for a, b in zip(totals, result)]
        print()
    if len(parts) > 1:
        table("overall", expected, actual, verbose=False)
    right, false, missed = totals
    if minimum and (right < 0.9 * (right + false) or right < 0.8 * (right + missed)):
        sys.exit("below the aim of 90 % precision and 80 % recall")


main()
