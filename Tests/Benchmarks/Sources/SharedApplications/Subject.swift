// SPDX-License-Identifier: Apache-2.0
//
// The dictionary that this copy of the applications uses. The manifest defines it.

#if SUBJECT_AUDITED
import AuditedCollections
typealias Subject = AuditedDictionary
#else
typealias Subject = Dictionary
#endif
