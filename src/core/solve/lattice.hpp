/*
 * Steps round a circle: the first multiple of a step that falls within an arc. So a search for whole numbers
 * in a narrow strip jumps from one to the next and does not try each place between.
 */
#pragma once

#include "core/base/pure.hpp"

namespace tradeup {

__extension__ using WideWhole = unsigned __int128;

inline constexpr WideWhole kNoMultiple = ~WideWhole{0};

/*
 * The least k >= 0 with low <= step * k mod size <= high, or kNoMultiple. Domain: step < size <= 2^64,
 * low <= high < size. Euclid's algorithm on size and step: where no multiple falls into the arc during the
 * first turn, the turns that are needed are those of a smaller circle, of the size of the step.
 */
inline WideWhole first_in_arc(WideWhole step, WideWhole size, WideWhole low, WideWhole high) noexcept {
    if (low == 0) {
        return 0;
    }
    if (step == 0) {
        return kNoMultiple;
    }
    const WideWhole k = (low + step - 1) / step;
    if (k * step <= high) {
        return k;
    }
    const WideWhole turns = first_in_arc(size % step, step, step - high % step, step - low % step);
    return turns == kNoMultiple ? turns : (turns * size + low + step - 1) / step;
}

} // namespace tradeup
