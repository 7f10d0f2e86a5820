/*
 * Days as people write them in figures. What a text does not say is not guessed.
 */
#pragma once

#include <string_view>

#include "core/finance/daycount.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Whether the day or the month is written first where the year is last. */
enum class DateOrder { unsaid, day_first, month_first };

/* How a text reads as a day: by itself, or under which orders. */
struct ReadDate {
    bool certain;     // the year is first: `day` has it
    bool day_first;   // the year is last, and this order gives a day of the calendar: `day`
    bool month_first; // the same: `other`
    Civil day;
    Civil other;
};

/*
 * YYYY-MM-DD, also with / or . or as YYYYMMDD, with a time behind it or none, which is not looked at; or
 * D/M/YYYY or M/D/YYYY, also with - or . between. All false for any other text, and for days that no calendar
 * has.
 */
ReadDate read_date(std::string_view text) noexcept;

} // namespace tradeup
