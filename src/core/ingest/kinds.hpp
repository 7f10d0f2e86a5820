/*
 * The kinds of files of a shop: their columns, in the order in which a row's cells are tested.
 */
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

enum class FileKind : std::uint8_t { orders, variants, inventory_levels, catalog };

inline constexpr Words<FileKind, 6> kFileKinds{{{"orders", FileKind::orders},
                                                {"variants", FileKind::variants},
                                                {"inventory_levels", FileKind::inventory_levels},
                                                {"catalog", FileKind::catalog},
                                                {"catalog_joined", FileKind::catalog},
                                                {"products", FileKind::catalog}}};

enum class ColumnType : std::uint8_t {
    key,             // a text that identifies something, of at most kLongestKey bytes
    text,            // a text
    status,          // a text in upper case
    amount,          // money
    compared_amount, // money; 0 is null
    count,           // a whole number
    stock,           // the same; -1 is null
    moment           // a point in time
};

/* Two keys and a shop's name fit in an entry of an index. */
inline constexpr std::size_t kLongestKey = 1000;

/* Whether a column must be in the file, and a cell of it in each row. */
enum class Needed : std::uint8_t {
    no,
    column,      // the column, but a cell may be blank
    cell,        // the column and each cell
    this_or_next // this or the next column of the kind, in the file and in each row
};

struct FileColumn {
    const char *name;
    ColumnType type;
    Needed needed;
    bool of_order = false; // belongs to the order and not to its line
};

/* The most columns of a kind. */
inline constexpr std::size_t kMostColumns = 26;

/* The columns of a kind. */
std::span<const FileColumn> columns_of(FileKind kind) noexcept;

/* Where columns of orders stand that are more than a name and a type. */
namespace order_column {
inline constexpr std::size_t order_id = 0;
inline constexpr std::size_t order_name = 1;
inline constexpr std::size_t variant_id = 2;
inline constexpr std::size_t sku = 3;
inline constexpr std::size_t line_item_id = 4;
inline constexpr std::size_t quantity = 5;
inline constexpr std::size_t unit_price = 6;
inline constexpr std::size_t line_total = 7;
inline constexpr std::size_t line_discount = 8;
} // namespace order_column

} // namespace tradeup
