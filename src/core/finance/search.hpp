/*
 * Long searches, which end when their caller wants that.
 */
#pragma once

#include <cstddef>

#include "core/base/guard.hpp"
#include "core/base/stop.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Thrown by long searches when their caller wants them to stop; `searched` catches it. */
struct Stopped {};

/* Runs a search, which may throw Stopped and what allocations throw. */
template <typename Search>
auto searched(Search search) noexcept -> decltype(search()) {
    return guarded([&]() -> decltype(search()) {
        try {
            return search();
        } catch (const Stopped &) {
            return tl::unexpected(stopped());
        }
    });
}

/* For the steps of a long loop: ends the search when its caller wants that. */
inline void ask(std::size_t step, StopAsked stop) {
    if (stops_at(step, stop)) {
        throw Stopped();
    }
}

} // namespace tradeup
