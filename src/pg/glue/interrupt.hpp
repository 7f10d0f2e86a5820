/*
 * Work that ends when its query is cancelled, runs out of time or loses its server.
 *
 * PostgreSQL ends a query by a jump, which must not leave the core. So the core asks stop_asked in its long
 * loops and returns; and only then, out here, PostgreSQL is allowed to jump.
 */
#pragma once

#include "core/base/stop.hpp"

#include "pg/glue/glue.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace tradeup {

/* Whether the query is to end: whether CHECK_FOR_INTERRUPTS would jump, which it does not do while interrupts
 * are held off. */
inline bool stop_asked() noexcept {
    return InterruptPending && INTERRUPTS_CAN_BE_PROCESSED() && (QueryCancelPending || ProcDiePending);
}

/* The value of a result of work that asks stop_asked; where the work stopped, the query ends here. */
template <typename T>
const T &uncancelled(const Result<T> &result) {
    if (!result && result.error().kind == ErrorKind::cancelled) [[unlikely]] {
        CHECK_FOR_INTERRUPTS();
    }
    return value_of(result);
}

/* For loops of the glue itself: at the first step and then every kStepsBetweenAsking, ends a query that is to
 * end. */
inline void end_if_asked(std::size_t step) {
    if (step % kStepsBetweenAsking == 0) {
        CHECK_FOR_INTERRUPTS();
    }
}

} // namespace tradeup
