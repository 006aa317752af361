// SPDX-License-Identifier: Apache-2.0
//
// The plan of a hunt as text, and what becomes of it when a later run adds to it.

#if AUDITED && canImport(Glibc)

import Testing

@testable import AccessReports

struct HuntPlanTests {
  private static func site(_ offset: UInt64, _ operation: String = "subscript.set") -> HuntPlan.Site {
    HuntPlan.Site(
      operation: operation, isWriting: operation != "subscript.get",
      access: HuntPlan.Place(image: "shop", buildID: "ab12", offset: offset),
      caller: HuntPlan.Place(image: "shop", buildID: "ab12", offset: offset + 64))
  }

  private static func pair(_ one: UInt64, _ other: UInt64, _ state: HuntPlan.State, gap: UInt64 = 5) -> HuntPlan.Pair {
    HuntPlan.Pair(
      sites: [site(one), site(other, "subscript.get")], state: state, gapNanoseconds: gap, times: 2, holds: 1,
      names: ["add(_:) Shop.swift:3", "find(_:) Shop.swift:9"])
  }

  @Test func text_isReadBack() {
    let plan = HuntPlan(pairs: [Self.pair(0x10, 0x20, .open), Self.pair(0x10, 0x30, .ordered, gap: .max)])
    #expect(HuntPlan(text: plan.text) == plan)
    #expect(plan.count(.open) == 1 && plan.count(.ordered) == 1 && plan.count(.confirmed) == 0)
  }

  /// Names come from the program; one with a tab or a line feed must not become another field or
  /// line.
  @Test func text_keepsOneLineAPair() {
    var pair = Self.pair(1, 2, .open)
    pair.names = ["a\tb\nc", ""]
    let text = HuntPlan(pairs: [pair]).text
    #expect(text.split(separator: "\n").count == 2)
    #expect(HuntPlan(text: text)?.pairs.first?.names == ["a b c", ""])
  }

  @Test(arguments: ["", "pair\topen", "access-audit plan 2\n", "access-audit plan 1x\n"])
  func otherTexts_areNoPlan(_ text: String) { #expect(HuntPlan(text: text) == nil) }

  @Test func linesThatAreNotUnderstood_areLeftOut() {
    let good = HuntPlan(pairs: [Self.pair(1, 2, .open)]).text
    let bad = ["pair", "pair\tshut", String(good.split(separator: "\n")[1].replacing("0x", with: "zz")), "\t\t\t"]
    #expect(HuntPlan(text: good + bad.joined(separator: "\n")) == HuntPlan(text: good))
  }

  @Test func merging_keepsWhatWasSeenAndInferred() {
    var plan = HuntPlan(pairs: [Self.pair(1, 2, .confirmed), Self.pair(1, 3, .ordered), Self.pair(1, 4, .open, gap: 9)])
    plan.merge(
      HuntPlan(pairs: [
        Self.pair(1, 2, .open), Self.pair(1, 3, .open), Self.pair(1, 4, .ordered), Self.pair(1, 5, .open),
      ]))
    #expect(plan.pairs.map(\.state) == [.confirmed, .ordered, .ordered, .open])
    #expect(plan.pairs[2].gapNanoseconds == 9 && plan.pairs[2].times == 4 && plan.pairs[2].holds == 2)
    // An overlap that was seen wins over the inference that there is none.
    plan.merge(HuntPlan(pairs: [Self.pair(1, 3, .confirmed)]))
    #expect(plan.pairs[1].state == .confirmed)
  }

  /// The two sites of a pair have no order: which of them is named first depends on who came first.
  @Test func merging_findsAPairWhateverItsOrder() {
    var plan = HuntPlan(pairs: [Self.pair(1, 2, .open)])
    var turned = Self.pair(1, 2, .confirmed)
    turned.sites.reverse()
    plan.merge(HuntPlan(pairs: [turned]))
    #expect(plan.pairs.count == 1 && plan.pairs[0].state == .confirmed)
  }
}

#endif
