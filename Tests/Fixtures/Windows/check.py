# SPDX-License-Identifier: Apache-2.0
# Two steps of Tests/Fixtures/Windows/check. `probes` writes a function for each row of the overlap matrix
# that reads, one call each. `ends` checks their machine code: from the call that ends a window, no
# path to the function's return may retain anything before it opens the next window.
import re
import subprocess
import sys

CELLS = {"Dictionary": "DictionaryCell", "Set": "SetCell", "Array": "ArrayCell"}
END = re.compile(r"audit_close_shielded_(read|write)")
OPEN = re.compile(r"audit_open_(read|write|moving)|audit_open_read_fully")
RETAIN = re.compile(r"[rR]etain|outlined (copy|init with copy)|WOy$|WOc$")


def rows(path):
    """The calls of the rows that read: `rows.read(…) { _ = $0.value… }`, over however many lines."""
    text = open(path, encoding="utf-8").read()
    for match in re.finditer(r"rows\.read\(", text):
        depth, position = 0, match.end() - 1
        while True:
            depth += {"(": 1, ")": -1}.get(text[position], 0)
            position += 1
            if depth == 0:
                break
        begin = text.index("{", position)
        depth, end = 0, begin
        while True:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        yield text[begin + 1:end - 1].strip()


def probe(name, cell, body):
    # Inside braces $0 is another closure's.
    parts = re.split(r"([{}])", body)
    depth = 0
    for i, part in enumerate(parts):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth == 0:
            parts[i] = part.replace("$0.", "cell.")
    body = "".join(parts)
    kept = re.sub(r"^_ = ", "", body)
    call = body if kept == body else f"keep({kept})"
    return f"@inline(never)\nfunc {name}(_ cell: {cell}) {{ {call} }}\n"


def write_probes(folder):
    print("import AuditedCollections\nimport Foundation\n")
    count = 0
    for kind, cell in CELLS.items():
        for part in ("Reads", "Rows"):
            for body in rows(f"{folder}/{kind}{part}.swift"):
                count += 1
                print(probe(f"probe_{kind}_{count}", cell, body))
    for kind, member in [("Dictionary", "[cell.key]"), ("Dictionary", "[cell.key, default: cell.fallback]"),
                         ("Dictionary", ".dictionary"), ("Set", ".set"), ("Array", ".array"), ("Array", "[cell.first]")]:
        count += 1
        print(probe(f"probe_{kind}_{count}", CELLS[kind], f"_ = cell.value{member}"))
    print(probe("probe_Variable_1", "VariableCell", "_ = cell.value"))
    print(probe("probe_Variable_2", "VariableCell", "_ = cell.array"))


def functions(objects):
    """The functions of an object file: name, and instructions as (address, mnemonic and operands, symbol called)."""
    listing = subprocess.run(
        ["objdump", "-dr", "--no-show-raw-insn", objects], check=True, capture_output=True, text=True).stdout
    name, code = None, []
    for line in listing.splitlines():
        if match := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            if name:
                yield name, code
            name, code = match.group(1), []
        elif match := re.match(r"\s*([0-9a-f]+):\s+R_\S+\s+(\S+)", line):
            if code:
                code[-1][2] = match.group(2)
        elif match := re.match(r"\s*([0-9a-f]+):\s+(.*)$", line):
            code.append([int(match.group(1), 16), match.group(2).strip(), ""])
    if name:
        yield name, code


def begins_window(code, i, target):
    """Whether the conditional jump decides between a window and none: what follows is another read's, audited or not."""
    starts = [i + 1] + ([target] if target is not None else [])
    return any(
        text.startswith("call") and OPEN.search(symbol + text) for start in starts for _, text, symbol in code[start:start + 6])


def retains_after_end(code):
    """The retains that a path reaches from a window's end."""
    index = {address: i for i, (address, _, _) in enumerate(code)}
    ends = [i for i, (_, text, symbol) in enumerate(code) if text.startswith("call") and END.search(symbol + text)]
    found, seen, waiting = [], set(), [i + 1 for i in ends]
    while waiting:
        i = waiting.pop()
        if i in seen or i >= len(code):
            continue
        seen.add(i)
        _, text, symbol = code[i]
        target = symbol + " " + text
        if text.startswith("call"):
            if OPEN.search(target):
                continue
            if RETAIN.search(target):
                found.append(target)
            waiting.append(i + 1)
        elif text.startswith("ret") or text.startswith("ud2"):
            continue
        elif text.startswith("j"):
            address = re.search(r"\s([0-9a-f]+)\s", text + " ")
            inside = index.get(int(address.group(1), 16)) if address and not symbol else None
            if not text.startswith("jmp") and begins_window(code, i, inside):
                continue
            if inside is not None:
                waiting.append(inside)
            elif RETAIN.search(target):
                found.append(target)
            if not text.startswith("jmp"):
                waiting.append(i + 1)
        else:
            waiting.append(i + 1)
    return len(ends), found


def check_ends(objects):
    probes = windows = 0
    problems, planted = [], False
    for name, code in functions(objects):
        ends, found = retains_after_end(code)
        windows += ends
        if "planted_retain" in name:
            planted = planted or bool(found)
            continue
        probes += "probe_" in name
        if found:
            problems.append(f"{name}: {', '.join(sorted(set(found)))}")
    for problem in problems:
        print(f"a retain after the window's end: {problem}", file=sys.stderr)
    if not planted:
        print("the planted retain was not found", file=sys.stderr)
    print(f"{probes} probes, {windows} ends of windows, {len(problems)} with a retain after one; the planted one found: {planted}")
    # Fewer mean that the members' code was not there to be examined. Each probe has closures of its
    # own among the functions, and the compiler merges functions that are alike, so the numbers differ.
    return 1 if problems or not planted or probes < 200 or windows < 200 else 0


if __name__ == "__main__":
    if sys.argv[1] == "probes":
        write_probes(sys.argv[2])
    else:
        sys.exit(check_ends(sys.argv[2]))
