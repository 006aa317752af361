// SPDX-License-Identifier: Apache-2.0
//
// Keyed access. Each accessor is one window, inlined into the caller down to the calls of the
// engine: otherwise each level would cost time in an unoptimised build. How a window ends is looked
// at before the access, so that the key need not be kept for an end that has no use for it.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedDictionary {
  /// The value of `key`; `nil` when there is none. Assigning `nil` removes the key.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  public subscript(key: Key) -> Value? {
    @inline(always) get {
      #if DEBUG
      // Faster in an unoptimised build when auditing is off. An optimised build would retain
      // the storage here.
      if ReadWindow.areOff {
        let value = ReadWindow.storage(of: monitorAddress, as: Storage.self).pointee[key]
        _fixLifetime(self)
        return value
      }
      #endif
      let window = ReadWindow(monitorAddress, .subscriptGet)
      guard let hazard = window.hazard else {
        let value = window.storage(as: Storage.self).pointee[key]
        if window.version != 0 { window.closeUnusually(.subscriptGet, key) }
        _fixLifetime(self)
        return value
      }
      let value = window.storage(as: Storage.self).pointee[key]
      window.close(hazard, .subscriptGet)
      _fixLifetime(self)
      return value
    }
    // Separate from `_modify`, whose coroutine costs an unoptimised build more than the
    // assignment.
    @inline(always) set {
      let window = WriteWindow(&monitor, .subscriptSet)
      guard let hazard = window.hazard else {
        if window.version != 0 {
          window.storage(as: Storage.self).pointee[key] = consume newValue
          return window.closeUnusually(key)
        }
        window.storage(as: Storage.self).pointee[consume key] = consume newValue
        return
      }
      window.storage(as: Storage.self).pointee[consume key] = consume newValue
      window.close(hazard)
    }
    @inline(always) _modify {
      let window = WriteWindow(moving: &monitor, .subscriptModify)
      defer { window.close(key: key) }
      yield &window.storage(as: Storage.self).pointee[key]
    }
  }

  /// The value of `key`, or `defaultValue` when there is none; mutating it inserts it.
  ///
  /// `defaultValue` is evaluated inside the access, as in Dictionary.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  public subscript(key: Key, default defaultValue: @autoclosure () -> Value) -> Value {
    @inline(always) get {
      let window = ReadWindow(monitorAddress, .subscriptDefaultGet)
      let value = window.storage(as: Storage.self).pointee[key, default: defaultValue()]
      window.close(.subscriptDefaultGet, key: key)
      _fixLifetime(self)
      return value
    }
    @inline(always) _modify {
      let window = WriteWindow(moving: &monitor, .subscriptDefaultModify)
      defer { window.close(key: key) }
      yield &window.storage(as: Storage.self).pointee[key, default: defaultValue()]
    }
  }
}

#endif
