/*
 * What the aggregates of flows share: how their arrays grow, and what they ask of a rate and of an amount.
 */
#pragma once

#include "core/finance/flows.hpp"

#include <cmath>

#include "pg/glue/aggregate.hpp"

namespace tradeup {

inline constexpr Size kFirstCapacity = 16;
inline constexpr Size kMostBytes = Size{1} << 30;

[[noreturn]] inline void too_many_flows(Size most) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many flows in one group"),
                    errdetail("A group holds at most %zu.", most),
                    errhint("Sum the flows by period or by month first.")));
    pg_unreachable();
}

/* Makes room for one more element of an aggregate's array, which lives as long as its state. */
template <typename Element>
void make_room(FunctionCallInfo fcinfo, Element *&array, Size count, Size &capacity) {
    if (count < capacity) {
        return;
    }
    const Size wanted = capacity == 0 ? kFirstCapacity : 2 * capacity;
    if (wanted * sizeof(Element) > kMostBytes) {
        too_many_flows(capacity);
    }
    if (array == nullptr) {
        array = allocated<Element>(aggregate_context(fcinfo), wanted);
    } else {
        grow(array, wanted);
    }
    capacity = wanted;
}

/* The rate must be one for a whole group: a rate of its own in each row has no meaning. */
template <typename State>
void take_rate(State &state, double rate) {
    if (!std::isfinite(rate)) {
        report(not_finite("rate", rate));
    }
    if (state.has_rate && state.rate != rate) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("rate must be the same in all rows of a group"),
                        errdetail("It is %g and %g.", state.rate, rate), errhint("Group by the rate.")));
    }
    state.rate = rate;
    state.has_rate = true;
}

inline double finite_amount(double amount) {
    if (!std::isfinite(amount)) {
        report(not_finite("amount", amount));
    }
    return amount;
}

} // namespace tradeup
