// SPDX-License-Identifier: Apache-2.0
//
// Re-exports the engine's public interface.

@_exported public import AccessAudit
