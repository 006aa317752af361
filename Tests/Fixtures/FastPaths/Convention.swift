// SPDX-License-Identifier: Apache-2.0
//
// Calls of the fast paths as Swift's compiler makes them, for both architectures: it makes its
// intermediate code here, and clang makes machine code of that. Tuples stand for the windows, of
// which they have the parts: nothing here needs the standard library, which for arm64 is not there.

typealias Window = (UnsafeMutableRawPointer, UInt64, UnsafeMutableRawPointer?, UInt)

@_silgen_name("audit_open_read")
func openRead(_ monitor: UnsafeMutableRawPointer, _ operation: UInt8) -> Window

@_silgen_name("audit_open_write")
func openWrite(_ variable: UnsafeMutableRawPointer, _ operation: UInt8) -> Window

@_silgen_name("audit_open_moving_write")
func openMovingWrite(_ variable: UnsafeMutableRawPointer, _ operation: UInt8) -> Window

@inline(__always)
func store(_ window: Window, _ words: UnsafeMutablePointer<UInt64>) {
  words[0] = UInt64(UInt(bitPattern: window.0))
  words[1] = window.1
  words[2] = UInt64(UInt(bitPattern: window.2))
  words[3] = UInt64(window.3)
}

@_silgen_name("convention_read")
public func read(
  _ monitor: UnsafeMutableRawPointer, _ operation: UInt8, _ words: UnsafeMutablePointer<UInt64>
) { store(openRead(monitor, operation), words) }

@_silgen_name("convention_write")
public func write(
  _ variable: UnsafeMutableRawPointer, _ operation: UInt8, _ words: UnsafeMutablePointer<UInt64>
) { store(openWrite(variable, operation), words) }

@_silgen_name("convention_moving_write")
public func movingWrite(
  _ variable: UnsafeMutableRawPointer, _ operation: UInt8, _ words: UnsafeMutablePointer<UInt64>
) { store(openMovingWrite(variable, operation), words) }
