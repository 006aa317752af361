// SPDX-License-Identifier: Apache-2.0
//
// What the plug-in's output extends.

/// Lists that are made when the package is built.
public enum Lists {}
