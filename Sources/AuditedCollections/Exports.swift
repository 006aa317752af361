// SPDX-License-Identifier: Apache-2.0
//
// A program that uses the audited collections sees the engine's public face too.

@_exported public import AccessAudit
