/*
 * Products of vectors of which most elements are 0.
 */
#include "core/bundles/covisitation.hpp"

#include <algorithm>
#include <cmath>

#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Wide square_sum(std::span<const Neighbour> vector) noexcept {
    Wide sum = 0;
    for (const Neighbour &neighbour : vector) {
        sum += Wide{neighbour.lift} * neighbour.lift;
    }
    return sum;
}

} // namespace

double cosine(std::span<const Neighbour> a, std::span<const Neighbour> b) noexcept {
    Wide product = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (a[i].item == b[j].item) {
            product += Wide{a[i++].lift} * b[j++].lift;
        } else {
            ++(a[i].item < b[j].item ? i : j);
        }
    }
    const Wide both = square_sum(a) * square_sum(b);
    return both > 0 ? std::min(1.0, static_cast<double>(product / std::sqrt(both))) : 0;
}

} // namespace tradeup
