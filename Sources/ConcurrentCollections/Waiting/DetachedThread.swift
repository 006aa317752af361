// SPDX-License-Identifier: Apache-2.0
//
// Threads of the module's own. The program's signal handlers do not run on them.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Begins threads that nobody waits for.
enum DetachedThread {
  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Begins a thread.
  ///
  /// - Returns: 0, or the error number of `pthread_create`.
  static func begin(_ run: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // The mask is inherited.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #if canImport(Musl) || canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let body = Unmanaged.passRetained(Body(run))
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        // An optional on some platforms and not on others.
        if let argument = argument as UnsafeMutableRawPointer? {
          Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, body.toOpaque())
    if status != 0 { body.release() }
    return status
  }

  /// Names the calling thread. `pthread_setname_np` is not in the headers as Swift sees them.
  static func setName(_ name: String) {
    #if canImport(Darwin)
    pthread_setname_np(name)
    #else
    typealias Function = @convention(c) (pthread_t, UnsafePointer<CChar>) -> Int32
    guard let address = dlsym(nil, "pthread_setname_np") else { return }
    _ = unsafeBitCast(address, to: Function.self)(pthread_self(), name)
    #endif
  }
}
