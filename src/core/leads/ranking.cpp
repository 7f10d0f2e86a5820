/*
 * Walking through rows in the order of p, in whole numbers.
 */
#include "core/leads/ranking.hpp"

#include <algorithm>

#include "core/finance/search.hpp"
#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Calls take(p, rows, failures) for each distinct p, in ascending order. */
template <typename Take>
void for_each_p(std::span<const Judged> sorted, Take take) noexcept {
    for (std::size_t i = 0; i < sorted.size();) {
        const double p = sorted[i].p();
        const std::size_t first = i;
        std::int64_t failures = 0;
        for (; i < sorted.size() && sorted[i].p() == p; ++i) {
            failures += sorted[i].failed() ? 1 : 0;
        }
        take(p, static_cast<std::int64_t>(i - first), failures);
    }
}

/* Whether the rate of the earlier block is not below that of the later one. */
bool violates(const IsotonicBlock &earlier, const IsotonicBlock &later) noexcept {
    return Int128{earlier.failures} * later.rows >= Int128{later.failures} * earlier.rows;
}

} // namespace

Result<bool> sort_judged(std::span<Judged> rows, StopAsked stop) noexcept {
    return searched([&]() -> Result<bool> {
        std::size_t step = 0;
        std::sort(rows.begin(), rows.end(), [&](const Judged &a, const Judged &b) {
            ask(step++, stop);
            return a.bits < b.bits;
        });
        return true;
    });
}

Answer area_under_curve(std::span<const Judged> sorted) noexcept {
    Int128 halves = 0; // of pairs
    Int128 fine = 0;
    Int128 failed = 0;
    for_each_p(sorted, [&](double, std::int64_t rows, std::int64_t failures) {
        const std::int64_t others = rows - failures;
        halves += Int128{failures} * (2 * fine + others);
        fine += others;
        failed += failures;
    });
    if (fine == 0 || failed == 0) {
        return {};
    }
    return static_cast<double>(static_cast<Wide>(halves) / static_cast<Wide>(2 * fine * failed));
}

std::size_t isotonic_blocks(std::span<const Judged> sorted, IsotonicBlock *blocks) noexcept {
    std::size_t count = 0;
    for_each_p(sorted, [&](double p, std::int64_t rows, std::int64_t failures) {
        blocks[count++] = {p, p, rows, failures};
        while (count > 1 && violates(blocks[count - 2], blocks[count - 1])) {
            const IsotonicBlock &later = blocks[count - 1];
            IsotonicBlock &pooled = blocks[count - 2];
            pooled = {pooled.p_from, later.p_to, pooled.rows + later.rows, pooled.failures + later.failures};
            --count;
        }
    });
    return count;
}

} // namespace tradeup
