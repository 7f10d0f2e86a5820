/*
 * Which header of a file fills which column of its kind, and which kind a header tells.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/ingest/kinds.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An alias that the extension brings. Of one column they stand in order of preference. */
struct BuiltInAlias {
    const char *kind; // or `shop`: columns of every kind that name the shop
    const char *column;
    const char *alias;
    const char *unless; // the column whose presence rules it out, or nullptr
};
std::span<const BuiltInAlias> built_in_aliases() noexcept;

/* The column of a kind by its name; nothing where it has none of that name. */
std::optional<std::size_t> column_named(FileKind kind, std::string_view name) noexcept;

/* An alias of a column of the kind at hand. */
struct ColumnAlias {
    std::string_view alias;
    std::size_t column;
    std::int32_t preference;
    std::int32_t unless; // a column, or -1
};

/*
 * The header, by its place among the canonical `headers`, that fills each column of the kind; -1: none. A
 * header of the column's own name comes first, then the alias of the lowest preference, and of equal headers
 * the first. Aliases with `unless` come last, where neither the column nor that other one is filled. Columns
 * that are not -1 at first stay as they are.
 */
void fill_columns(FileKind kind, std::span<const std::string_view> headers,
                  std::span<const ColumnAlias> aliases, std::int32_t *cell_of) noexcept;

/* Whether columns that are filled make a file of the kind certain. */
bool is_certain(FileKind kind, const std::int32_t *cell_of) noexcept;

/* The kinds in the order in which a header is tried. */
inline constexpr FileKind kKindsAsTried[] = {FileKind::orders, FileKind::inventory_levels, FileKind::catalog,
                                             FileKind::variants};

} // namespace tradeup
