// SPDX-License-Identifier: Apache-2.0
//
// The stages of the release checklist: their names, exit statuses and questions. Values only.

#if Scanner && canImport(Glibc)

/// A stage of the checklist.
package enum Stage: String, Sendable, CaseIterable {
  case sources
  case build
  case tests
  case canary
  case observability

  /// What `preflight` ends with when this stage is the first that has failed.
  package var exitStatus: Int32 {
    switch self {
    case .sources: 11
    case .build: 12
    case .tests: 13
    case .canary: 14
    case .observability: 15
    }
  }

  /// What the stage answers.
  package var question: String {
    switch self {
    case .sources: "Do the sources share collections that nothing protects?"
    case .build: "Can what is built be audited, and its reports be read?"
    case .tests: "Do the tests pass under the audit, without a race that is not known?"
    case .canary: "Does the program run under load without a race that is not known?"
    case .observability: "Do the metrics and the alerts tell of a race in production?"
    }
  }
}

/// A program and its arguments.
package struct Command: Sendable, Equatable {
  /// The program, found as shells find it, and its arguments. `access-audit` is the running tool.
  package var arguments: [String]
  /// Variables that are added to the environment.
  package var environment: [String: String]

  package init(_ arguments: [String], environment: [String: String] = [:]) {
    self.arguments = arguments
    self.environment = environment
  }

  /// The command as one would type it.
  package var text: String {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
    return (variables + arguments.map(Self.quoted)).joined(separator: " ")
  }

  /// A word as shells read it back.
  package static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || "-._/=:,+@%".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

#endif
