// SPDX-License-Identifier: Apache-2.0
//
// The style sheet of the page: light and dark by the reader's setting, one column on a narrow
// screen. A constant.

#if REPORTS && canImport(Glibc)

enum HTMLStyle {
  static let sheet = """

    :root { --ground: #ffffff; --raised: #f5f6f8; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --read: #2563a8;
      --write: #b42318; --on-bar: #ffffff; --overlap: #f2c94c66; --mark: #fff3bf; --link: #0b57d0; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171c; --raised: #1e232a; --text: #e6e9ee; --soft: #a3adb9; --line: #39424e; --read: #5aa2f0;
        --write: #f2786b; --on-bar: #14171c; --overlap: #d9a52a55; --mark: #4a3d10; --link: #8ab4f8; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--text);
      font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.25rem; margin: 0 0 .25rem; color: var(--write); }
    h3 { font-size: 1rem; margin: 0; }
    code, pre { font: .86rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
    a { color: var(--link); } small, .where, .thread, figcaption, .axis, .facts { color: var(--soft); }
    small { font-size: .86rem; }
    article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1.5rem; }
    .where, .next { margin: 0 0 1rem; } .thread, .context { margin: 0; }
    .tools { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; }
    input, button { font: inherit; color: var(--text); background: var(--raised); border: 1px solid var(--line);
      border-radius: .25rem; padding: .15rem .5rem; }
    button[aria-pressed="true"] { border-color: var(--link); } [hidden] { display: none; }
    .moments { margin: 1rem .5rem; } .moments figcaption { display: flex; justify-content: space-between; gap: 1rem; }
    .moments time:last-child { text-align: right; }
    .moment { position: absolute; bottom: .2rem; width: .8rem; height: .8rem; margin-left: -.4rem; border-radius: 50%;
      background: var(--write); opacity: .8; }
    .timeline { margin: 0 0 1rem; padding: .75rem; background: var(--raised); border-radius: .5rem; }
    .lane { display: grid; grid-template-columns: 12rem 1fr; align-items: center; margin: .25rem 0; }
    .lane .name { font-size: .86rem; padding-right: .5rem; }
    .track, .axis { position: relative; height: 1.75rem; }
    .track { border-bottom: 1px solid var(--line); }
    .axis { margin-left: 12rem; height: 1.4rem; font-size: .75rem; }
    .axis span { position: absolute; white-space: nowrap; }
    .bar { position: absolute; top: .3rem; height: 1.1rem; min-width: 3px; border-radius: 2px; padding: 0 .3rem;
      overflow: hidden; white-space: nowrap; color: var(--on-bar); font-size: .75rem; line-height: 1.1rem;
      border-right: 1px solid var(--raised); }
    .bar.read, .key.read { background: var(--read); } .bar.write, .key.write { background: var(--write); }
    .bar[data-role=""] { opacity: .6; }
    .bar[data-role="detected"] { outline: 2px solid var(--text); }
    .overlap { position: absolute; top: 0; bottom: 0; background: var(--overlap); }
    .key { display: inline-block; padding: 0 .4rem; border-radius: 2px; color: var(--on-bar); font-size: .75rem; }
    .key.overlapping { background: var(--overlap); color: var(--text); }
    figcaption { font-size: .8rem; margin-top: .4rem; }
    .facts { margin: 0 0 1rem; padding-left: 1.2rem; }
    .parties { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
    .parties { grid-template-rows: repeat(4, auto); row-gap: 0; }
    .party { background: var(--raised); border-radius: .5rem; padding: .75rem; min-width: 0; display: grid;
      grid-row: span 4; grid-template-rows: subgrid; align-content: start; border-left: 4px solid var(--line); }
    .party > * { min-width: 0; }
    .party.write { border-left-color: var(--write); } .party.write h3 { color: var(--write); }
    .party.read { border-left-color: var(--read); } .party.read h3 { color: var(--read); }
    .frames { overflow-x: auto; }
    .stack { margin: .25rem 0; padding-left: 1.6rem; } .stack li.system code { color: var(--soft); }
    .stack li.awaiting { border-left: 2px dashed var(--line); padding-left: .4rem; }
    .excerpt { margin: .25rem 0; padding: .4rem; background: var(--ground); border: 1px solid var(--line);
      border-radius: .25rem; overflow-x: auto; overflow-wrap: normal; white-space: pre; }
    .excerpt code { display: inline-block; min-width: 100%; } .excerpt .line, .excerpt mark { display: block; }
    .excerpt .number { color: var(--soft); } .excerpt mark { background: var(--mark); color: inherit; }
    .created, .history, .markdown { margin-top: 1rem; } .scroll { overflow-x: auto; }
    .markdown pre { overflow-x: auto; overflow-wrap: normal; white-space: pre; background: var(--raised); padding: .5rem; }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; }
    th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
      overflow-wrap: break-word; }
    td:first-child { white-space: nowrap; }
    tr[data-role="detected"], tr[data-role="conflicting"] { background: var(--overlap); }
    tr.write td:first-child { border-left: 4px solid var(--write); padding-left: .4rem; }
    tr.read td:first-child { border-left: 4px solid var(--read); padding-left: .4rem; }
    .missing { color: var(--soft); font-style: italic; }
    @media (max-width: 44rem) {
      body { padding: .5rem; } article { padding: .6rem; }
      .parties, .lane { grid-template-columns: minmax(0, 1fr); } .axis { margin-left: 0; }
      .parties { grid-template-rows: none; row-gap: 1rem; } .party { row-gap: 0; }
      /* The newest accesses, at the right end, are seen first. */
      .timeline .scroll { display: flex; flex-direction: row-reverse; }
      .chart { flex: 1 0 auto; width: min(34rem, var(--columns) * 2rem); }
      .lane .name { position: sticky; left: 0; justify-self: start; } .bar { text-align: right; }
      .context:empty { display: none; }
      table, tbody, tr, td { display: block; width: 100%; } thead { display: none; }
      tr { border-bottom: 1px solid var(--line); padding: .3rem 0; } td { padding: 0 .3rem; }
      td, tr.write td:first-child, tr.read td:first-child { border: 0; padding-left: .3rem; }
      tr.write { border-left: 4px solid var(--write); } tr.read { border-left: 4px solid var(--read); }
    }

    """
}

#endif
