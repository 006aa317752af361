// SPDX-License-Identifier: Apache-2.0
//
// The layers below whose public types are part of this module's face, and the windows that this
// package's own collections open, of which nothing is public.

#if AUDITED && canImport(Glibc)

@_exported public import AccessDetector
@_exported public import AccessReports
@_exported public import AccessTerms
@_exported public import AccessWindows

#endif
