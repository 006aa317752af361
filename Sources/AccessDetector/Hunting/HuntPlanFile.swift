// SPDX-License-Identifier: Apache-2.0
//
// The plan's file: read when the audit starts, written when a violation was seen and when the
// process ends. May allocate and block; no access passes through here but the process's first.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum HuntPlanFile {
  /// Larger files are none of ours.
  private static let sizeLimit = 4 << 20

  /// Arms what the file knows; a file that is not there yet is no error.
  static func arm(_ path: String) {
    guard !path.isEmpty else { return }
    guard let text = read(path) else {
      if access(path, F_OK) == 0 { Diagnostics.warn("the plan '\(TextEscaping.printable(path))' cannot be read") }
      return
    }
    guard let plan = HuntPlan(text: text) else {
      return Diagnostics.warn("'\(TextEscaping.printable(path))' is no plan; it is not used, and not written")
    }
    let images = LoadedImages()
    for pair in plan.pairs {
      let sites = pair.sites.compactMap { images.find($0) }
      guard sites.count == 2, let state = HuntedState(pair.state) else { continue }
      Hunt.arm(
        HuntedPair(
          one: sites[0], other: sites[1], state: state, gapNanoseconds: pair.gapNanoseconds, times: pair.times,
          holds: pair.holds))
    }
  }

  /// Called when the process exits, on the thread that exits.
  static func writeAtExit() {
    let path = Engine.configuration.plan
    if !path.isEmpty { write(path, Symbolicator()) }
  }

  /// Adds what this process has learnt.
  ///
  /// - Parameter symbolicator: Finds names for the pairs that are open; `nil` to leave them out.
  static func write(_ path: String, _ symbolicator: Symbolicator?) {
    guard !path.isEmpty, Hunt.percent.load(ordering: .relaxed) > 0 else { return }
    var plan = HuntPlan()
    if let text = read(path) {
      guard let known = HuntPlan(text: text) else { return }
      plan = known
    }
    plan.merge(learnt(symbolicator))
    let temporary = "\(path).\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    let isWritten = descriptor >= 0 && Diagnostics.writeAll(plan.text, to: descriptor)
    if descriptor >= 0 { close(descriptor) }
    if !isWritten || rename(temporary, path) != 0 {
      Diagnostics.warn(
        "the plan '\(TextEscaping.printable(path))' cannot be written: \(String(cString: strerror(errno)))")
      unlink(temporary)
    }
  }

  private static func learnt(_ symbolicator: Symbolicator?) -> HuntPlan {
    let images = symbolicator?.images ?? LoadedImages()
    let pairs = Hunt.pairs
    if let symbolicator { symbolicator.learn(pairs.flatMap { $0.one.addresses + $0.other.addresses }) }
    return HuntPlan(
      pairs: pairs.compactMap { pair in
        guard let one = images.place(of: pair.one), let other = images.place(of: pair.other) else { return nil }
        let names = [pair.one, pair.other].map { site in
          symbolicator.map { $0.frames(site.addresses).place } ?? ""
        }
        return HuntPlan.Pair(
          sites: [one, other], state: HuntPlan.State(pair.state), gapNanoseconds: pair.gapNanoseconds,
          times: pair.times, holds: pair.holds, names: names)
      })
  }

  private static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= sizeLimit else {
      return nil
    }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let taken = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if taken <= 0 { return }
        count += taken
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension LoadedImages {
  /// The site in this process.
  func find(_ site: HuntPlan.Site) -> HuntedSite? {
    guard let operation = AccessOperation(rawValue: site.operation), let access = find(site.access) else { return nil }
    // Without an image: there was no caller.
    let caller = site.caller.image.isEmpty ? 0 : find(site.caller)
    guard let caller else { return nil }
    return HuntedSite(address: access, caller: caller, operation: operation, isWriting: site.isWriting)
  }

  private func find(_ place: HuntPlan.Place) -> UInt64? {
    images.first { $0.name == place.image && $0.buildID == place.buildID }.map { place.offset &+ $0.bias }
  }

  func place(of site: HuntedSite) -> HuntPlan.Site? {
    guard let access = place(of: site.address) else { return nil }
    let none = HuntPlan.Place(image: "", buildID: "", offset: 0)
    let caller = site.caller == 0 ? none : place(of: site.caller)
    guard let caller else { return nil }
    return HuntPlan.Site(
      operation: site.operation.rawValue, isWriting: site.isWriting, access: access, caller: caller)
  }

  private func place(of address: UInt64) -> HuntPlan.Place? {
    guard let index = index(of: address) else { return nil }
    return HuntPlan.Place(image: self[index].name, buildID: self[index].buildID, offset: address &- self[index].bias)
  }
}

extension HuntPlan.State {
  init(_ state: HuntedState) {
    switch state {
    case .open: self = .open
    case .ordered: self = .ordered
    case .confirmed: self = .confirmed
    }
  }
}

extension HuntedState {
  init?(_ state: HuntPlan.State) {
    switch state {
    case .open: self = .open
    case .ordered: self = .ordered
    case .confirmed: self = .confirmed
    }
  }
}

#endif
