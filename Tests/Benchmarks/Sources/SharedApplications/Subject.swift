// SPDX-License-Identifier: Apache-2.0
//
// The collections that this copy of the applications uses. The manifest defines it.

#if SUBJECT_AUDITED
import AuditedCollections
typealias Subject = AuditedDictionary
typealias SubjectArray = AuditedArray
#else
typealias Subject = Dictionary
typealias SubjectArray = Array
#endif
