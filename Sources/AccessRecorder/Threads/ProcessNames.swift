// SPDX-License-Identifier: Apache-2.0
//
// The names that the kernel has for the process and its threads.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import CAccessRecorder
internal import Glibc

/// The names the kernel knows.
package enum ProcessNames {
  package static var executable: String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/thread-self/exe", &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : "?"
  }

  /// The machine's name; `nil` when it has none.
  package static var host: String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
    let name = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    return name.isEmpty ? nil : name
  }

  /// What the program calls itself among others: the value that `OTEL_SERVICE_NAME` had at the
  /// start, or the executable's name.
  package static var service: String {
    if let name = audit_service_at_start() { return String(cString: name) }
    let path = executable
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The thread's name; `nil` when it has ended, or bears only a name that threads inherit, the
  /// program's or a pool's. Foundation knows no other: its `Thread.name` is the kernel's.
  package static func thread(_ id: Int32) -> String? {
    guard let name = firstLine("/proc/self/task/\(id)/comm"), !name.isEmpty else { return nil }
    let isInherited = id != getpid() && name == firstLine("/proc/self/comm")
    return isInherited || isOfThePool(name) ? nil : name
  }

  /// Whether it is the end of the name of one of libdispatch's own queues, "oot.default-qos": its
  /// threads have that whatever they work for, and those that they start inherit it.
  private static func isOfThePool(_ name: String) -> Bool {
    guard name.hasSuffix("-qos") || name.hasSuffix("-qos.overcommit") else { return false }
    for service in ["maintenance", "background", "utility", "default", "user-initiated", "user-interactive"] {
      let label = "com.apple.root.\(service)-qos"
      if label.hasSuffix(name) || (label + ".overcommit").hasSuffix(name) { return true }
    }
    return false
  }

  private static func firstLine(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }
    return TextEscaping.printable(String(decoding: line, as: UTF8.self))
  }
}

#endif
