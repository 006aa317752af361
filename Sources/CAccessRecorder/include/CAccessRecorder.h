// SPDX-License-Identifier: Apache-2.0
// The umbrella header: what Swift cannot express, one header a concern. No policy and no report
// lives in C.
#ifndef AUDIT_CACCESSRECORDER_H
#define AUDIT_CACCESSRECORDER_H

#include "audit_address.h"
#include "audit_async.h"
#include "audit_barrier.h"
#include "audit_chain_cache.h"
#include "audit_clock.h"
#include "audit_crash.h"
#include "audit_end.h"
#include "audit_event.h"
#include "audit_fork.h"
#include "audit_frame_walk.h"
#include "audit_hunt.h"
#include "audit_images.h"
#include "audit_layout.h"
#include "audit_libraries.h"
#include "audit_mode.h"
#include "audit_monitor.h"
#include "audit_outward.h"
#include "audit_process.h"
#include "audit_runtime.h"
#include "audit_signals.h"
#include "audit_state.h"
#include "audit_thread.h"
#include "audit_traffic.h"
#include "audit_unwind.h"

#endif
