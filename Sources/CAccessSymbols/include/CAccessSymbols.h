// SPDX-License-Identifier: Apache-2.0
// The umbrella header: the images in the process, and names and lines from their files. Knows
// nothing of the engine.
#ifndef AUDIT_CACCESSSYMBOLS_H
#define AUDIT_CACCESSSYMBOLS_H

#include "audit_loaded_images.h"
#include "audit_symbols.h"

#endif
