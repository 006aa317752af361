// SPDX-License-Identifier: Apache-2.0
//
// Why an operation of a safe dictionary did not do its work. No code runs here.

/// Why an operation did not happen. The dictionary is as if it had not been asked.
public enum SafeDictionaryError: Error, Sendable {
  /// The deadline passed before the operation could be done.
  case deadlineExceeded
  /// The task was cancelled before the operation was done.
  case cancelled
  /// The loader threw this error and no fallback took its place.
  case loaderFailed(any Error)
  /// The closure given to the operation threw this error.
  case bodyFailed(any Error)

  init(_ error: KeyLockError) {
    switch error {
    case .cancelled: self = .cancelled
    case .deadlineExceeded: self = .deadlineExceeded
    }
  }
}
