// SPDX-License-Identifier: Apache-2.0
//
// In what states an audited dictionary is measured.

import AuditedCollections

/// What auditing is set to. The raw values are what results call it.
enum Mode: String, CaseIterable {
  case off
  case on
  case caller = "stacks=caller"
  case withoutStacks = "stacks=off"
  case shield = "on_violation=shield"

  /// Switches auditing.
  ///
  /// - Blocking: until the detector has taken it over.
  func switchOn() {
    let stacks: StackMode =
      switch self {
      case .caller: .caller
      case .withoutStacks: .off
      default: .full
      }
    AccessAudit.configure(
      AuditConfiguration(isEnabled: self != .off, onViolation: self == .shield ? .shield : .halt, stacks: stacks))
  }
}
