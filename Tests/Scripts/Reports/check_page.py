# SPDX-License-Identifier: Apache-2.0
"""Loads a report page in headless Chromium, asks the document about itself, and takes pictures of it: light and dark,
wide and as narrow as a phone. Usage: check_page.py FILE VIOLATIONS FOLDER"""
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# Runs in the page; the page itself has only what its boxes and buttons do.
QUESTIONS = """
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const box = element => element.getBoundingClientRect();
const articles = all('article');
const answer = {
  articles: articles.length,
  title: document.title,
  external: all('[src], link, script:not([data-check]), iframe, img').length
    + (/url\\(|@import/.test(document.querySelector('style').textContent) ? 1 : 0),
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  width: window.innerWidth,
  background: getComputedStyle(document.body).backgroundColor,
  color: getComputedStyle(document.body).color,
  filtered: (() => {
    const box = document.querySelector('input[type=search]');
    if (!box) return [];
    const shown = () => all('article').filter(article => !article.hidden).length + ' of ' + all('.entry').filter(e => !e.hidden).length;
    const word = all('.entry')[0].dataset.collection;
    box.value = 'no such word'; box.dispatchEvent(new Event('input'));
    const none = shown();
    box.value = word; box.dispatchEvent(new Event('input'));
    const some = shown();
    box.value = ''; box.dispatchEvent(new Event('input'));
    return [none, some, shown()];
  })(),
  moments: all('.moment').map(mark => mark.style.left),
  sorted: all('.sort button').map(button => {
    button.click();
    return all('.entries .entry').map(entry => entry.dataset[button.value]);
  }),
  perArticle: articles.map(article => {
    const lanes = all('.lane', article);
    const bars = all('.bar', article);
    const parties = all('.party', article);
    const detected = bars.filter(bar => bar.dataset.role === 'detected');
    const conflicting = bars.filter(bar => bar.dataset.role === 'conflicting');
    const overlap = box(all('.overlap', article)[0]);
    const inside = bar => box(bar).left <= overlap.left + 1 && box(bar).right >= overlap.right - 1;
    return {
      lanes: lanes.length, threads: new Set(lanes.map(lane => lane.dataset.thread)).size, bars: bars.length,
      detected: detected.length, conflicting: conflicting.length,
      laneOfDetected: detected[0].closest('.lane').dataset.thread,
      laneOfConflicting: conflicting[0].closest('.lane').dataset.thread,
      overlapWidth: overlap.width, overlapInBoth: inside(detected[0]) && inside(conflicting[0]),
      barsInTrack: bars.every(bar => box(bar).left >= box(bar.parentElement).left - 1
        && box(bar).right <= box(bar.parentElement).right + 1),
      sideBySide: Math.abs(box(parties[0]).top - box(parties[1]).top) < 2, stacks: all('.party ol.stack', article).length,
      coloured: parties.every(party => {
        const bar = all('.bar', article).find(bar => bar.dataset.role === party.dataset.role);
        return getComputedStyle(party).borderLeftColor === getComputedStyle(bar).backgroundColor;
      }),
      stacksAligned: Math.abs(box(all('.party .frames', article)[0]).top - box(all('.party .frames', article)[1]).top) < 2,
      marksSpan: all('.party pre.excerpt', article).every(pre => {
        const mark = all('mark', pre)[0];
        return box(mark).width >= box(all('code', pre)[0]).width - 1 && box(mark).width >= pre.clientWidth - 20;
      }),
      // The last mark of the axis stands below the begin of the access that the ages are counted from.
      axis: all('.axis span', article).map(mark => mark.textContent),
      nowAtDetected: all('.axis span', article).slice(-1).every(mark => Math.abs(box(mark).left - box(detected[0]).left) < 2),
      marksApart: all('.axis span', article).every((mark, index, marks) =>
        index === 0 || box(marks[index - 1]).right <= box(mark).left),
      // The begin of the other access lies on the screen where there is room for all accesses.
      beginSeen: bars.length > 8 || box(conflicting[0]).left >= 0,
      labels: all('.bar', article).filter(bar => bar.textContent).every(bar => bar.scrollWidth <= bar.clientWidth + 1),
      // The words on the bars of the two accesses lie on the screen as the page is opened.
      labelsSeen: bars.filter(bar => bar.textContent).every(bar => {
        const text = document.createRange();
        text.selectNodeContents(bar);
        return box(text).left >= 0 && box(text).right <= window.innerWidth;
      }),
      wordsWhole: all('.history td:nth-child(3) code', article).every(code => code.getClientRects().length === 1),
      excerpts: all('.party pre.excerpt mark', article).length, rows: all('.history tbody tr', article).length,
      awaiting: all('.party li.awaiting', article).length,
    };
  }),
};
const out = document.createElement('pre');
out.id = 'answer';
out.textContent = JSON.stringify(answer);
document.body.append(out);
"""


def chromium(*arguments):
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--force-device-scale-factor=1", f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def ask(page, width, dark):
    """The answers at a width. Headless windows are at least 500 wide, so the page is put into a frame."""
    source = page.read_text(encoding="utf-8")
    asking = source.replace("</body>", f"<script data-check>{QUESTIONS}</script></body>")
    with tempfile.TemporaryDirectory() as folder:
        inner = pathlib.Path(folder) / "inner.html"
        inner.write_text(asking, encoding="utf-8")
        outer = pathlib.Path(folder) / "outer.html"
        outer.write_text(
            f"<!doctype html><iframe id=f src=inner.html style='width:{width}px;height:900px;border:0'></iframe>"
            "<pre id=outer></pre><script>f.onload = () => { outer.textContent = "
            "f.contentDocument.querySelector('#answer').textContent }</script>", encoding="utf-8")
        scheme = 0 if dark else 1
        text = chromium("--allow-file-access-from-files", f"--blink-settings=preferredColorScheme={scheme}",
                        f"--window-size={max(width, 500) + 40},1000", "--virtual-time-budget=5000", "--dump-dom",
                        outer.as_uri())
    found = re.search(r'<pre id="outer">(.*?)</pre>', text, re.S)
    assert found and found.group(1), "the page gave no answer"
    return json.loads(html.unescape(found.group(1)))


def picture(page, target, width, height, dark):
    with tempfile.TemporaryDirectory() as folder:
        outer = pathlib.Path(folder) / "outer.html"
        outer.write_text(f"<!doctype html><body style='margin:0'><iframe src='{page.as_uri()}' style='width:{width}px;"
                         f"height:{height}px;border:0'></iframe>", encoding="utf-8")
        chromium(f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--screenshot={target}",
                 f"--window-size={max(width, 500)},{height}", outer.as_uri())
    assert os.path.getsize(target) > 10_000, f"{target} shows nothing"


def brightness(color):
    return sum(int(number) for number in re.findall(r"\d+", color)[:3]) / 3


def main():
    page, count, folder = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    for width, dark in [(width, dark) for width in (390, 820, 1440) for dark in (False, True)]:
        answer = ask(page, width, dark)
        where = f"at {width}, {'dark' if dark else 'light'}: {answer}"
        assert answer["articles"] == count and f"{count} violation" in answer["title"], where
        assert answer["external"] == 0, f"the page needs something else {where}"
        assert answer["width"] == width and answer["overflow"] <= 0, f"wider than the screen {where}"
        contrast = brightness(answer["background"]) - brightness(answer["color"])
        assert (contrast < -120) if dark else (contrast > 120), f"no contrast {where}"
        for article in answer["perArticle"]:
            assert article["lanes"] == article["threads"] >= 2, where
            assert article["detected"] == article["conflicting"] == 1, where
            assert article["laneOfDetected"] != article["laneOfConflicting"], where
            assert article["overlapWidth"] > 5 and article["overlapInBoth"] and article["barsInTrack"], where
            assert article["stacks"] == 2 and article["excerpts"] == 2 and article["rows"] >= 2, where
            assert article["sideBySide"] == (width > 704), where
            assert article["coloured"] and article["marksSpan"] and article["labels"], where
            assert article["labelsSeen"] and article["wordsWhole"], where
            assert article["axis"][-1] == "now" and article["nowAtDetected"] and article["marksApart"], where
            assert article["beginSeen"], where
            assert article["stacksAligned"] or width <= 704, where
        if count > 1:
            none, some, everything = answer["filtered"]
            assert none == "0 of 0" and everything == f"{count} of {count}", where
            assert some != none, where
            counts, collections, places, times = answer["sorted"]
            # One mark for each, and no two on one another.
            assert len(set(answer["moments"])) == count, where
            assert [int(number) for number in counts] == sorted(map(int, counts), reverse=True), where
            assert times == sorted(times, reverse=True) and len(collections) == len(places) == count, where
        assert any(article["awaiting"] for article in answer["perArticle"]), f"no awaiting caller {where}"
        picture(page, folder / f"page-{width}-{'dark' if dark else 'light'}.png", width, 1600, dark)
    print(f"html: {count} violations, six settings, pictures in {folder}")


main()
