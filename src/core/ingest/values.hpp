/*
 * Cells of a shop's files as numbers and moments. Nothing is guessed: what the grammar does not allow has a
 * reason, not a value.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Why a row is not loaded. */
enum class Reason : std::uint8_t {
    none,
    missing,
    not_a_number,
    not_an_integer,
    not_a_date,
    out_of_range,
    too_many_decimals,
    too_many_cells,
    unterminated_quote,
    nul_byte,
    other_shop
};

inline constexpr Words<Reason, 10> kReasons{{{"missing", Reason::missing},
                                             {"not_a_number", Reason::not_a_number},
                                             {"not_an_integer", Reason::not_an_integer},
                                             {"not_a_date", Reason::not_a_date},
                                             {"out_of_range", Reason::out_of_range},
                                             {"too_many_decimals", Reason::too_many_decimals},
                                             {"too_many_cells", Reason::too_many_cells},
                                             {"unterminated_quote", Reason::unterminated_quote},
                                             {"nul_byte", Reason::nul_byte},
                                             {"other_shop", Reason::other_shop}}};

/* An amount of money: units * 10^-scale, below 10^10, with at most 4 decimals. */
struct Amount {
    std::int64_t units;
    std::int32_t scale;
};

/* A point in time: microseconds since 2000-01-01, in UTC if the text said its zone. */
struct Moment {
    std::int64_t microseconds;
    bool in_utc;
    bool none; // 0000-00-00 or 1900-01-01, which stand for no date
};

/*
 * A number in ASCII digits with a sign, the decimal mark (`.` or `,`), an exponent, thousands in exact groups
 * of three parted by the other mark, and one sign or code of a currency before or after it. Reasons:
 * not_a_number, out_of_range, too_many_decimals.
 */
Reason read_amount(std::string_view text, char decimal_mark, Amount &amount) noexcept;

/* The same of a whole number of 32 bits, which may be written 3.0 or 1e2. Reasons: not_a_number,
 * not_an_integer, out_of_range. */
Reason read_count(std::string_view text, char decimal_mark, std::int32_t &count) noexcept;

/*
 * YYYY-MM-DD or YYYY/MM/DD; or M/D/Y, also with - or . between, D/M/Y where `day_first`, with years of two
 * digits (below 70: 20xx); a time behind it or none, of 24 hours or with AM or PM, with T or blanks between,
 * seconds and a fraction, which is cut to microseconds; and a zone: Z, UTC, GMT, +hh:mm or +hhmm. Reason:
 * not_a_date, also for days that no calendar has.
 */
Reason read_moment(std::string_view text, bool day_first, Moment &moment) noexcept;

/* A cell without blanks around it; empty where it is NULL, in upper or lower case, and, where it is to be a
 * number or a moment, N/A, NA or none. */
std::string_view filled(std::string_view cell, bool is_text) noexcept;

} // namespace tradeup
