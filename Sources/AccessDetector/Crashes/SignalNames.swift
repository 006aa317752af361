// SPDX-License-Identifier: Apache-2.0
//
// The names of the signals that crashes raise. Data only.

#if AUDITED && canImport(Glibc)

/// The names of the signals that crashes raise.
enum SignalNames {
  static func name(_ signal: Int32) -> String {
    switch signal {
    case 11: "SIGSEGV"
    case 7: "SIGBUS"
    case 4: "SIGILL"
    case 5: "SIGTRAP"
    default: "signal \(signal)"
    }
  }
}

#endif
