// SPDX-License-Identifier: Apache-2.0
//
// The suite that holds all others of this target: one at a time, so that their measurements of time
// and memory do not disturb each other.

import Testing

/// The tests of the remedies.
@Suite(.serialized)
enum ConcurrentCollectionsTests {}
