/*
 * Aggregates whose state is a struct in the memory of their group: steps and final functions find it here.
 */
#pragma once

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/memutils.h"
}

namespace tradeup {

/* The memory of the group whose aggregate is called. Errors: PostgreSQL's own for a call that is no
 * aggregate's. */
MemoryContext aggregate_context(FunctionCallInfo fcinfo);

/* The state that argument 0 holds, or nullptr where there was no row yet. */
template <typename State>
State *state_argument(FunctionCallInfo fcinfo) {
    return PG_ARGISNULL(0) ? nullptr : reinterpret_cast<State *>(PG_GETARG_POINTER(0));
}

/* The state that argument 0 holds, or a new one, all zero. */
template <typename State>
State *state_or_new(FunctionCallInfo fcinfo) {
    const MemoryContext context = aggregate_context(fcinfo);
    State *state = state_argument<State>(fcinfo);
    return state != nullptr ? state : static_cast<State *>(MemoryContextAllocZero(context, sizeof(State)));
}

/* The first place of a room that is aligned for a T; nullptr where there is no room. */
template <typename T>
T *aligned(void *room) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(room);
    return reinterpret_cast<T *>(static_cast<char *>(room) + (TYPEALIGN(alignof(T), address) - address));
}

/* Room for an array, which may be huge. The server aligns to 8 bytes, 128-bit numbers want 16. */
template <typename T>
T *allocated(MemoryContext context, std::size_t count) {
    constexpr Size slack = alignof(T) > MAXIMUM_ALIGNOF ? alignof(T) : 0;
    return aligned<T>(MemoryContextAllocHuge(context, Max(count, std::size_t{1}) * sizeof(T) + slack));
}

/* An array that `allocated` made, with room for more elements. */
template <typename T>
void grow(T *&array, std::size_t capacity) {
    static_assert(alignof(T) <= MAXIMUM_ALIGNOF, "an array that was moved for its alignment cannot grow");
    array = static_cast<T *>(repalloc_huge(array, capacity * sizeof(T)));
}

/* What a parallel worker sent of its state, to be read by pq_getmsg... */
StringInfoData sent_argument(FunctionCallInfo fcinfo, int argument);

} // namespace tradeup
