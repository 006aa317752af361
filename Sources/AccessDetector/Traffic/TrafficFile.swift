// SPDX-License-Identifier: Apache-2.0
//
// The recording of observed accesses to a file. Owned by the detector thread. What cannot be
// written ends the recording with a line on stderr, and never the program.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc

/// Writes the stream of accesses: each round's with one call, behind the definitions of what it
/// names.
final class TrafficFile {
  /// Accesses in one block at most.
  private static let blockSize = 4_096
  /// Collections that are remembered as defined; then they are defined anew.
  private static let collectionLimit = 65_536

  private var configuration: AuditConfiguration
  private var descriptor: Int32 = -1
  private var path = ""
  /// The process that opened the file: a child that it has forked writes to another one.
  private var pid: pid_t = 0
  private var sequence: UInt32 = 0
  private var bytesWritten = 0
  private var definedCollections: Set<UInt64> = []
  private var definedSites: Set<UInt32> = []
  /// The path for which the recording has ended early.
  private var failedPath: String?

  init(_ configuration: AuditConfiguration) { self.configuration = configuration }

  func apply(_ configuration: AuditConfiguration) {
    if configuration.trace != self.configuration.trace {
      close()
      failedPath = nil
    }
    self.configuration = configuration
  }

  /// Adds a round's accesses.
  ///
  /// - Blocking: reads symbols where a stack or a collection is new; writes to the file.
  func write(_ records: [audit_traffic_record], lost: UInt64) {
    var start = 0
    while isOpen, start < records.count {
      let end = min(start + Self.blockSize, records.count)
      var bytes: [UInt8] = []
      define(records[start..<end], &bytes)
      append(.accesses, encoded(records[start..<end]), to: &bytes)
      emit(bytes)
      rotateIfLong()
      start = end
    }
    guard lost > 0, isOpen else { return }
    var bytes: [UInt8] = []
    append(.losses, number: lost, to: &bytes)
    emit(bytes)
  }

  /// Begins the recording, if there is to be one: without an access it has a file too.
  func begin() { _ = isOpen }

  /// Says that the process has ended by itself.
  func end() {
    guard descriptor >= 0, getpid() == pid else { return }
    var bytes: [UInt8] = []
    append(.end, [], to: &bytes)
    emit(bytes)
  }

  private var isOpen: Bool {
    if configuration.trace.isEmpty || failedPath == configuration.trace { return false }
    if descriptor >= 0 && getpid() != pid { close() }
    return descriptor >= 0 || open(isNew: true)
  }

  private func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// - Parameter isNew: Whether a recording begins, and not its next file: what an earlier one has
  ///   left beside it is not of it.
  private func open(isNew: Bool) -> Bool {
    pid = getpid()
    for path in [configuration.trace, "\(configuration.trace).\(pid)"] {
      // A pipe that nobody reads must not keep the detector waiting.
      let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
      let opened = Glibc.open(path, flags, 0o600)
      if opened < 0 {
        fail(errno)
        return false
      }
      // Another process of the same environment writes to it.
      if flock(opened, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        Glibc.close(opened)
        continue
      }
      _ = ftruncate(opened, 0)
      if isNew { unlink(path + ".1") }
      descriptor = opened
      self.path = path
      writeStart()
      return descriptor >= 0
    }
    fail(EWOULDBLOCK)
    return false
  }

  /// What stands at the start of a file.
  private func writeStart() {
    (sequence, bytesWritten) = (0, 0)
    definedCollections = []
    definedSites = []
    var bytes = TrafficBytes.header(
      wallNanoseconds: UInt64(clamping: WallClock.nanoseconds), monotonicNanoseconds: audit_hunt_clock())
    var process = TrafficBytes()
    process.append(text: ProcessNames.executable)
    process.append(text: ProcessNames.host ?? "")
    process.append(text: ProcessNames.service)
    process.append(number: UInt64(pid))
    process.append(number: UInt64(configuration.traceSampling))
    append(.process, process.bytes, to: &bytes)
    emit(bytes)
  }

  /// The file before this one is kept: the two have what the option `trace_size` allows.
  private func rotateIfLong() {
    guard descriptor >= 0, bytesWritten >= configuration.traceMegabytes * 524_288 else { return }
    guard rename(path, path + ".1") == 0 else { return fail(errno) }
    close()
    _ = open(isNew: false)
  }

  private func define(_ records: ArraySlice<audit_traffic_record>, _ bytes: inout [UInt8]) {
    if definedCollections.count > Self.collectionLimit { definedCollections = [] }
    var collections = TrafficBytes()
    var sites = TrafficBytes()
    var (collectionCount, siteCount): (UInt64, UInt64) = (0, 0)
    var (lastCollection, lastStack): (UInt64, UInt32) = (.max, 0)
    for record in records {
      if record.collection != lastCollection {
        lastCollection = record.collection
        if definedCollections.insert(record.collection).inserted {
          let collection = AuditedAccess(record).collection
          collectionCount += 1
          collections.append(number: record.collection)
          collections.append(number: UInt64(record.kind))
          collections.append(text: collection.label ?? "")
          collections.append(text: collection.type)
          collections.append(text: collection.declaration ?? "")
        }
      }
      if record.stack != lastStack {
        lastStack = record.stack
        if definedSites.insert(record.stack).inserted {
          siteCount += 1
          sites.append(number: UInt64(record.stack))
          sites.append(text: AccessNames.site(record.stack))
        }
      }
    }
    if collectionCount > 0 { append(.collections, count: collectionCount, collections, to: &bytes) }
    if siteCount > 0 { append(.sites, count: siteCount, sites, to: &bytes) }
  }

  private func encoded(_ records: ArraySlice<audit_traffic_record>) -> [UInt8] {
    records.withUnsafeBufferPointer { records in
      [UInt8](unsafeUninitializedCapacity: (records.count + 1) * Int(AUDIT_TRAFFIC_ENCODED_SIZE)) { buffer, count in
        count = Int(audit_traffic_encode(records.baseAddress!, UInt32(records.count), buffer.baseAddress!))
      }
    }
  }

  private func append(_ kind: TrafficFormat.Block, count: UInt64, _ entries: TrafficBytes, to bytes: inout [UInt8]) {
    var payload = TrafficBytes()
    payload.append(number: count)
    append(kind, payload.bytes + entries.bytes, to: &bytes)
  }

  private func append(_ kind: TrafficFormat.Block, number: UInt64, to bytes: inout [UInt8]) {
    var payload = TrafficBytes()
    payload.append(number: number)
    append(kind, payload.bytes, to: &bytes)
  }

  private func append(_ kind: TrafficFormat.Block, _ payload: [UInt8], to bytes: inout [UInt8]) {
    bytes += TrafficBytes.block(kind, sequence: sequence, payload)
    sequence &+= 1
  }

  private func emit(_ bytes: [UInt8]) {
    guard descriptor >= 0 else { return }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
      if count > 0 {
        offset += count
      } else if count == 0 || errno != EINTR {
        return fail(count == 0 ? EIO : errno)
      }
    }
    bytesWritten += bytes.count
  }

  /// Ends the recording, and says so.
  private func fail(_ reason: Int32) {
    let name = TextEscaping.printable(configuration.trace)
    Diagnostics.warn("the recording of accesses to '\(name)' has ended: \(String(cString: strerror(reason)))")
    failedPath = configuration.trace
    close()
    AccessObservers.record(sampling: 0)
  }
}

#endif
