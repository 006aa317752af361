// SPDX-License-Identifier: Apache-2.0
// The one header of libunwind this package includes, in its fast form for the own process.
#define UNW_LOCAL_ONLY
#include <libunwind.h>
