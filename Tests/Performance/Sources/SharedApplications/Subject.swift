// SPDX-License-Identifier: Apache-2.0
//
// Which dictionary this copy of the applications uses. The manifest defines it.

#if SUBJECT_AUDITED
  import AuditedCollections
  typealias Subject = AuditedDictionary
#else
  typealias Subject = Dictionary
#endif
