// SPDX-License-Identifier: Apache-2.0
// The header has it all.
#include "CxxPart.h"
