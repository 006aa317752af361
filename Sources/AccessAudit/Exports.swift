// SPDX-License-Identifier: Apache-2.0
//
// The operations that violations name are declared with the records.

@_exported public import enum AccessRecorder.AccessOperation
