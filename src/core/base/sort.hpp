/*
 * Sorting of as much as there is, which ends when its caller wants that.
 */
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>

#include "core/base/guard.hpp"
#include "core/base/stop.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * Sorts elements by before(a, b), as std::sort does. Errors: cancelled; the elements are then in any order.
 */
template <typename Element, typename Before>
Result<bool> sort_elements(std::span<Element> elements, Before before, StopAsked stop) noexcept {
    static_assert(std::is_trivially_copyable_v<Element>,
                  "an element that was lifted out must not own anything");
    struct Stopping {};
    return guarded([&]() -> Result<bool> {
        try {
            std::size_t step = 0;
            std::sort(elements.begin(), elements.end(), [&](const Element &a, const Element &b) {
                if (stops_at(step++, stop)) {
                    throw Stopping();
                }
                return before(a, b);
            });
        } catch (const Stopping &) {
            return tl::unexpected(stopped());
        }
        return true;
    });
}

} // namespace tradeup
