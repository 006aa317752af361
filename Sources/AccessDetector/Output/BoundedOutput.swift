// SPDX-License-Identifier: Apache-2.0
//
// Writing to streams that the audit shares with the program, and that nobody may be reading: every
// write is bounded in time. Nothing here changes the descriptor, which others use as well.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum BoundedOutput {
  /// A write is given up when nobody has read anything for this long, ...
  static let stallMilliseconds = 5_000
  /// ... or when it has taken this long in all.
  static let totalMilliseconds = 15_000
  /// Where a write was given up before, the next one does not wait as long.
  private static let stuckMilliseconds = 200
  /// What a pipe takes whole or not at all, so that texts of several threads do not mix.
  private static let pieceSize = 4_096

  private static var lostTexts: SharedWord<UInt64> { SharedWord(AUDIT_WORD_OUTPUT_LOST) }
  private static var stuckDescriptors: SharedWord<UInt64> { SharedWord(AUDIT_WORD_OUTPUT_STUCK) }

  /// Texts that could not be written whole.
  static var lost: UInt64 { lostTexts.load(ordering: .relaxed) }

  /// Writes the text; `false` when it could not be written whole, with the reason in errno.
  ///
  /// - Parameter stallMilliseconds: Gives up earlier, where the text is worth less waiting.
  /// - Blocking: five seconds in which nobody reads, fifteen in all.
  @discardableResult
  static func write(
    _ text: String, to descriptor: Int32, stallMilliseconds: Int = BoundedOutput.stallMilliseconds
  ) -> Bool {
    let bit: UInt64 = descriptor >= 0 && descriptor < 64 ? 1 << UInt64(descriptor) : 0
    let stuck = stuckDescriptors.load(ordering: .relaxed)
    let wasStuck = stuck & bit != 0
    // The reader of what was cut off is told when it reads again.
    var text = wasStuck ? "\nAccessAudit: what stands before this was cut off: nobody was reading\n" + text : text
    var writer = Writer(descriptor, stallMilliseconds: wasStuck ? stuckMilliseconds : stallMilliseconds)
    let isWhole = text.withUTF8 { writer.write(UnsafeRawBufferPointer($0)) }
    let reason = writer.finish()
    if isWhole {
      if wasStuck { stuckDescriptors.store(stuck & ~bit, ordering: .relaxed) }
      return true
    }
    lostTexts.wrappingAdd(1, ordering: .relaxed)
    if reason == ETIMEDOUT { stuckDescriptors.store(stuck | bit, ordering: .relaxed) }
    errno = reason
    return false
  }

  /// How a descriptor is written to without waiting in the kernel.
  private enum Way {
    /// A file: the kernel does not wait for a reader.
    case plain
    case socket
    /// A pipe or a terminal, through an opening of our own that does not block.
    case reopened(Int32)
    /// A pipe or a terminal that cannot be opened again, in pieces that it has room for.
    case piecewise
  }

  private struct Writer {
    private let descriptor: Int32
    private let way: Way
    private let stallMilliseconds: Int
    private let end: Moment
    private var reason: Int32 = 0
    private var hadBlocked = sigset_t()
    private var wasPending = sigset_t()

    init(_ descriptor: Int32, stallMilliseconds: Int) {
      self.descriptor = descriptor
      way = Self.way(of: descriptor)
      self.stallMilliseconds = stallMilliseconds
      end = Moment.now().advanced(byMilliseconds: totalMilliseconds)
      blockSignals()
    }

    private static func way(of descriptor: Int32) -> Way {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return .plain }
      switch status.st_mode & S_IFMT {
      case S_IFSOCK: return .socket
      case S_IFIFO: break
      case S_IFCHR where isatty(descriptor) == 1: break
      default: return .plain
      }
      // Non-blocking is a property of the opening, which the program shares.
      let opened = open("/proc/thread-self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      return opened >= 0 ? .reopened(opened) : .piecewise
    }

    /// A reader that has gone, or a file as large as the process may write, is no reason to end the
    /// process: the signals are kept back, and taken out if they are of this write.
    private mutating func blockSignals() {
      sigpending(&wasPending)
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, SIGPIPE)
      sigaddset(&set, SIGXFSZ)
      pthread_sigmask(SIG_BLOCK, &set, &hadBlocked)
    }

    /// Takes a pending signal out, unless it was pending before.
    private mutating func takeOut(_ signal: Int32) {
      if sigismember(&wasPending, signal) == 1 { return }
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, signal)
      var now = timespec()
      while sigtimedwait(&set, nil, &now) < 0, errno == EINTR {}
    }

    /// Returns what kept the text from being written whole.
    mutating func finish() -> Int32 {
      if case .reopened(let opened) = way { close(opened) }
      if reason == EPIPE { takeOut(SIGPIPE) }
      if reason == EFBIG { takeOut(SIGXFSZ) }
      pthread_sigmask(SIG_SETMASK, &hadBlocked, nil)
      return reason
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
      var rest = bytes
      var deadline = Moment.now().advanced(byMilliseconds: stallMilliseconds)
      while !rest.isEmpty {
        let count = emit(piece(of: rest))
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
          deadline = Moment.now().advanced(byMilliseconds: stallMilliseconds)
          continue
        }
        reason = count == 0 ? EIO : errno
        if reason == EINTR { continue }
        guard reason == EAGAIN || reason == EWOULDBLOCK else { return false }
        let now = Moment.now()
        if now > deadline || now > end {
          reason = ETIMEDOUT
          return false
        }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = Glibc.poll(&poll, 1, 50)
      }
      reason = 0
      return true
    }

    /// What is written at once: whole lines where that is possible.
    private func piece(of rest: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
      if case .plain = way { return rest }
      guard rest.count > pieceSize else { return rest }
      let piece = rest.prefix(pieceSize)
      let end = piece.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? pieceSize
      return UnsafeRawBufferPointer(rebasing: rest.prefix(end))
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) -> Int {
      switch way {
      case .plain: return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      case .socket:
        return send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      case .reopened(let opened): return Glibc.write(opened, bytes.baseAddress, bytes.count)
      case .piecewise:
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if Glibc.poll(&poll, 1, 0) > 0 { return Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
        errno = EAGAIN
        return -1
      }
    }
  }
}

#endif
