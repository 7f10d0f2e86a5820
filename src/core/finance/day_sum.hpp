/*
 * Sums of the amounts of a day, which come in any order and from any number of workers.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.hpp"
#include "core/base/stop.hpp"
#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An amount of a day. */
struct DayAmount {
    double amount;
    std::int32_t day;
};

/*
 * The sum of the amounts of one time, in two parts so that the order of adding does not show, and what
 * rounding may have added to it. All three are to be multiplied by 2^exponent, which is not 0 when doubles
 * would overflow.
 */
struct DaySum {
    double high;
    double low;
    double rounding;
    std::int32_t exponent;
    std::int32_t day; // whose amounts they are; the caller's, who may hold many millions of these

    static DaySum of(Wide amount, std::int32_t day = 0) noexcept {
        const auto high = static_cast<double>(amount);
        return {high, static_cast<double>(amount - Wide{high}), 0x1p-52 * (high < 0 ? -high : high), 0, day};
    }

    /* D. E. Knuth, The Art of Computer Programming 2, 4.2.2: what a sum of floating numbers loses, exactly.
     */
    void add(DaySum other) noexcept;

    /*
     * The sum. Amounts of money are decimals rounded to doubles; a sum that is no larger than their roundings
     * is 0, so that 0.1 + 0.2 - 0.3 is no flow. Errors: out_of_range beyond the doubles.
     */
    Result<Wide> total() const noexcept;

private:
    void raise() noexcept;
};

/* Sorts by days. Errors: cancelled, out_of_memory; and then nothing can be said of what the days hold. */
Result<bool> sort_days(std::span<DayAmount> days, StopAsked stop) noexcept;
Result<bool> sort_days(std::span<DaySum> days, StopAsked stop) noexcept;

} // namespace tradeup
