// SPDX-License-Identifier: Apache-2.0
//
// The modes in which an audited dictionary is measured.

import AuditedCollections

/// A setting of the audit. The raw values are its names in results.
enum Mode: String, CaseIterable {
  case off
  case on
  case caller = "stacks=caller"
  case withoutStacks = "stacks=off"
  case shield = "on_violation=shield"

  /// As the environment has it: `ACCESS_AUDIT=hunt=off` measures without hunting.
  private static let hunt = AccessAudit.configuration.hunt

  /// Switches auditing.
  ///
  /// - Blocking: until the detector has applied it.
  func switchOn() {
    let stacks: StackMode =
      switch self {
      case .caller: .caller
      case .withoutStacks: .off
      default: .full
      }
    AccessAudit.configure(
      AuditConfiguration(
        isEnabled: self != .off, onViolation: self == .shield ? .shield : .halt, stacks: stacks,
        hunt: Self.hunt))
  }
}
