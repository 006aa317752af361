// SPDX-License-Identifier: Apache-2.0
// Keeping the library that holds the audit.
#ifndef AUDIT_LIBRARIES_H
#define AUDIT_LIBRARIES_H

#ifdef __cplusplus
extern "C" {
#endif

// Makes dlclose leave the library that holds this code where it is: the detector's thread runs in
// it, and handlers of signals, forks and thread ends lead into it. Without effect in an executable.
// Takes the loader's lock.
void audit_keep_library_loaded(void);

#ifdef __cplusplus
}
#endif

#endif
