// SPDX-License-Identifier: Apache-2.0
//
// A test that uses the kit sees the engine's public face and the helpers for interleavings too.

@_exported public import AccessAudit
@_exported public import AccessAuditInterleaving
