// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `rules`: the rule table as a list, or one rule in full.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import ArgumentParser

/// `access-audit rules`.
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Lists the rules of the scanner, or explains one.")

  @Argument(help: "The ID of a rule to explain.")
  var rule: String?

  @Flag(help: "Print the documentation page.")
  var markdown = false

  func run() throws {
    if markdown {
      print(RulePage.render(), terminator: "")
      return
    }
    guard let rule else {
      for descriptor in RuleTable.descriptors {
        let id = descriptor.id.padding(to: 22)
        print("\(id) \(descriptor.severity.rawValue.padding(to: 8)) \(descriptor.summary)")
      }
      return
    }
    guard let descriptor = RuleTable.descriptors.first(where: { $0.id == rule }) else {
      throw ToolError.failure("no rule '\(rule)'; 'access-audit rules' lists them")
    }
    print(RulePage.section(descriptor), terminator: "")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
#endif
