/*
 * Steps round a circle: the first multiple of a step that falls within an arc. So a search for whole numbers
 * in a narrow strip jumps from one to the next and does not try each place between.
 */
#pragma once

#include "core/base/pure.hpp"

namespace tradeup {

__extension__ using Wide = unsigned __int128;

inline constexpr Wide kNoMultiple = ~Wide{0};

/*
 * The least k >= 0 with low <= step * k mod size <= high, or kNoMultiple. Domain: step < size <= 2^64,
 * low <= high < size. Euclid's algorithm on size and step: where no multiple falls into the arc during the
 * first turn, the turns that are needed are those of a smaller circle, of the size of the step.
 */
inline Wide first_in_arc(Wide step, Wide size, Wide low, Wide high) noexcept {
    if (low == 0) {
        return 0;
    }
    if (step == 0) {
        return kNoMultiple;
    }
    const Wide k = (low + step - 1) / step;
    if (k * step <= high) {
        return k;
    }
    const Wide turns = first_in_arc(size % step, step, step - high % step, step - low % step);
    return turns == kNoMultiple ? turns : (turns * size + low + step - 1) / step;
}

} // namespace tradeup
