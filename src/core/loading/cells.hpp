/*
 * A cell of a table that people keep, read as what a column holds: a price, kilometres, a year, a day. What
 * cannot be read comes with the reason, in words that a person who mends the table understands.
 */
#pragma once

#include <string_view>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

enum class CellKind {
    price,      // above 0, with no more decimals than its currency
    amount,     // the same from 0
    change,     // an amount that may be negative
    kilometers, // a distance, in kilometres or miles, as whole kilometres
    year,       // a model year
    date        // a day
};

inline constexpr Words<CellKind, 6> kCellKinds{{{"price", CellKind::price},
                                                {"amount", CellKind::amount},
                                                {"change", CellKind::change},
                                                {"kilometers", CellKind::kilometers},
                                                {"year", CellKind::year},
                                                {"date", CellKind::date}}};

/* What a cell holds, as PostgreSQL reads it, or why it holds nothing: one of the two is empty. */
struct Cell {
    char text[48];
    const char *fault;
};

/*
 * The cell of a kind. `said` is what is known of its column: the decimal mark of numbers, `.` or `,`, or the
 * order of dates, `DMY` or `MDY`; empty: nothing, so a cell that could mean two things is a fault. `unit` is
 * the currency of amounts (empty: any), and of distances `km` or `mi`, in which those without a unit are.
 */
Cell read_cell(std::string_view cell, CellKind kind, std::string_view said, std::string_view unit) noexcept;

/* What a cell says for its column: `.` or `,`, `DMY` or `MDY`; empty when nothing. */
const char *cell_evidence(std::string_view cell, CellKind kind) noexcept;

/*
 * A cell without blanks around it; empty where it stands for nothing: NULL, N/A, a dash, a question mark,
 * and, where it is to be something other than a text, NA, NONE, NIL and TBD, in upper or lower case.
 */
std::string_view filled_cell(std::string_view cell, bool is_text) noexcept;

} // namespace tradeup
