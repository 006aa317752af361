// SPDX-License-Identifier: Apache-2.0
//
// A page that needs nothing else: no network, no script. Around what a report has to say. Pure.

#if REPORTS && canImport(Glibc)

enum Page {
  static func text(_ title: String, _ head: Markup, main: [Markup]) -> String {
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(PageStyle.sheet)</style>
      </head>
      <body>
      <header><h1>\(title)</h1>
      \(head)</header>
      <main>\(main)</main>
      </body>
      </html>

      """
    return page.text
  }
}

/// The style sheet of pages: light and dark by the reader's setting, one column on a narrow
/// screen.
enum PageStyle {
  static let sheet: Markup = """

    :root { --ground: #ffffff; --raised: #f5f6f8; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --read: #2563a8;
      --write: #b42318; --link: #0b57d0; --c0: #2563a8; --c1: #b42318; --c2: #1a7f4b; --c3: #8250c4; --c4: #a15c00;
      --c5: #0e7a8a; --c6: #b0307d; --c7: #5b6b00; --c8: #57606a; --c9: #7a4a2b; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171c; --raised: #1e232a; --text: #e6e9ee; --soft: #a3adb9; --line: #39424e; --read: #5aa2f0;
        --write: #f2786b; --link: #8ab4f8; --c0: #5aa2f0; --c1: #f2786b; --c2: #56c98a; --c3: #b896f2; --c4: #e0a04a;
        --c5: #4cc3d4; --c6: #ee82c3; --c7: #b7c24f; --c8: #a3adb9; --c9: #cf9d7b; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--text);
      font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.25rem; margin: 0; } h3 { font-size: 1rem; margin: 0 0 .25rem; }
    code { font: .86rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
    a { color: var(--link); } small, .type, figcaption, dt { color: var(--soft); }
    .problems { color: var(--write); }
    article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1.5rem; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; } dd { margin: 0; }
    .charts, .lists { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin-top: 1rem; }
    figure { margin: 0; padding: .75rem; background: var(--raised); border-radius: .5rem; }
    figcaption { font-size: .86rem; margin-bottom: .3rem; } svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
    svg .read { fill: var(--read); } svg .write { fill: var(--write); }
    .c0 { --own: var(--c0); } .c1 { --own: var(--c1); } .c2 { --own: var(--c2); } .c3 { --own:
    var(--c3); } .c4 { --own: var(--c4); } .c5 { --own: var(--c5); } .c6 { --own: var(--c6); } .c7 {
    --own: var(--c7); } .c8 { --own: var(--c8); } .c9 { --own: var(--c9); }
    svg polyline { fill: none; stroke: var(--own); stroke-width: 1.7; } svg circle { fill: var(--own); }
    svg .band { fill: var(--own); opacity: .18; } .names { margin: .3rem 0 0; font-size: .86rem; }
    .name { display: inline-block; margin-right: .7rem; font-weight: 600; color: var(--own); }
    .wide { overflow-x: auto; margin-top: 1rem; } thead th:not(:first-child) { text-align: right; }
    .wide th { white-space: nowrap; padding-right: .5rem; }
    .key { font-weight: 600; } .key.read { color: var(--read); } .key.write { color: var(--write); }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; }
    th { text-align: left; font-weight: normal; } td { text-align: right; white-space: nowrap; padding-left: .5rem; }
    th, td { border-bottom: 1px solid var(--line); vertical-align: top; }
    .share { width: 25%; } .share span { display: block; height: .7rem; margin-top: .35rem; min-width: 1px;
      background: var(--read); border-radius: 2px; }
    @media (max-width: 44rem) {
      body { padding: .5rem; } article { padding: .6rem; }
      .charts, .lists, dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .4rem; }
    }

    """
}

#endif
