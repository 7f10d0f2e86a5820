/*
 * A row of a shop's file as values, or why it is not loaded: taken whole or not at all.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/ingest/csv.hpp"
#include "core/ingest/kinds.hpp"
#include "core/ingest/values.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The value of a column of a kind. Which member holds it follows from the column's type; the others, and all
 * of one that is not filled, mean nothing. */
struct FileValue {
    bool filled;
    std::string_view text; // the cell, for every type
    Amount amount;
    std::int32_t count;
    Moment moment;
};

/* Stands for no cell, and in a fault for no column. */
inline constexpr std::int32_t kNowhere = -1;
/* In a fault: the column of the shop. */
inline constexpr std::int32_t kShopColumn = -2;

/* How the rows of a file are read. */
struct RowRules {
    FileKind kind;
    char decimal_mark;
    bool day_first;
    std::uint32_t header_cells;
    std::int32_t cell_of[kMostColumns]; // of each column of the kind; kNowhere: the file lacks it
    std::int32_t shop_cell;
    std::string_view shop; // canonical
};

/* The first column of a row that is at fault, and its cell. */
struct RowFault {
    Reason reason;
    std::int32_t column;
    std::string_view value;
};

/*
 * Reads a row into a value for each column of the kind. `scratch` has room for as many bytes as the row has;
 * texts lie in it or in the row. Returns a fault of reason `none` where the row can be loaded. Tested are, in
 * this order: the structure, the shop, and the columns of the kind in theirs. A quantity that is blank is 1,
 * a line's discount 0.
 */
RowFault read_row(const RowRules &rules, const CsvReader &reader, const CsvRow &row, const char *bytes,
                  char *scratch, FileValue *values) noexcept;

/* The cell of the shop in a row, trimmed; empty where there is none or the row has no such structure. */
std::string_view shop_of_row(const RowRules &rules, const CsvReader &reader, const CsvRow &row,
                             const char *bytes, char *scratch) noexcept;

} // namespace tradeup
