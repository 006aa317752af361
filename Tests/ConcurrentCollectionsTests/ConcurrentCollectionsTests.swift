// SPDX-License-Identifier: Apache-2.0
//
// The suite that holds all others of this target: one at a time, so that what they measure of time and memory is their own.

import Testing

/// The tests of the remedies.
@Suite(.serialized)
enum ConcurrentCollectionsTests {}
