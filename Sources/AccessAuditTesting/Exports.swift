// SPDX-License-Identifier: Apache-2.0
//
// Re-exports the engine's public interface and the helpers for interleavings.

@_exported public import AccessAudit
@_exported public import AccessAuditInterleaving
