// SPDX-License-Identifier: Apache-2.0

import AccessAuditTesting
import AuditedCollections
import Lists
import Testing
import WordLists

@Suite(.auditedAccesses) struct ListsTests {
  @Test func plugin_hasWrittenTheList() {
    let expected: AuditedDictionary<String, Int> = ["to": 2, "be": 2, "or": 1, "not": 1]
    #expect(Lists.words() == expected)
  }

  @Test func tool_writesALineForEachWord() {
    #expect(source(of: "b a b").contains("    \"a\": 1,\n    \"b\": 2,\n"))
  }
}
