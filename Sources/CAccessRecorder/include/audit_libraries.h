// SPDX-License-Identifier: Apache-2.0
// The libraries that the process has loaded, and keeping the one that holds the audit.
#ifndef AUDIT_LIBRARIES_H
#define AUDIT_LIBRARIES_H

#include <stdint.h>

// How many libraries were loaded since the process started, those that are gone again included.
uint64_t audit_libraries_loaded(void);

// Makes dlclose leave the library that holds this code where it is: the detector's thread runs in it, and handlers of
// signals, forks and thread ends lead into it. Without effect in an executable. Takes the loader's lock.
void audit_keep_library_loaded(void);

#endif
