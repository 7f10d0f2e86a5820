/*
 * Tests of a row, one after another.
 */
#include "core/ingest/rows.hpp"

#include "core/base/blank.hpp"
#include "core/ingest/header.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

RowFault fault_of_structure(const RowRules &rules, const CsvReader &reader, const CsvRow &row,
                            const char *bytes, char *scratch) noexcept {
    if (row.unterminated) {
        return {Reason::unterminated_quote, kNowhere, {}};
    }
    if (row.nul) {
        return {Reason::nul_byte, kNowhere, {}};
    }
    for (std::uint32_t i = rules.header_cells; i < row.count; ++i) {
        if (i >= reader.room) {
            return {Reason::too_many_cells, kNowhere, {}};
        }
        const std::string_view text = trimmed(cell_text(reader.cells[i], bytes, scratch));
        if (!text.empty()) {
            return {Reason::too_many_cells, kNowhere, text};
        }
    }
    return {Reason::none, kNowhere, {}};
}

/* Whether a shop's name in a file is that of the upload. */
bool is_shop(std::string_view cell, std::string_view shop) noexcept {
    if (cell.size() != shop.size()) {
        return false;
    }
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const char c = cell[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != shop[i]) {
            return false;
        }
    }
    return true;
}

/* Reads the text of a value by the type of its column. */
Reason read_value(const RowRules &rules, ColumnType type, FileValue &value) noexcept {
    switch (type) {
    case ColumnType::key:
        return value.text.size() > kLongestKey ? Reason::out_of_range : Reason::none;
    case ColumnType::text:
    case ColumnType::status:
        return Reason::none;
    case ColumnType::amount:
        return read_amount(value.text, rules.decimal_mark, value.amount);
    case ColumnType::compared_amount: {
        const Reason reason = read_amount(value.text, rules.decimal_mark, value.amount);
        value.filled = value.amount.units != 0;
        return reason;
    }
    case ColumnType::count:
        return read_count(value.text, rules.decimal_mark, value.count);
    case ColumnType::stock: {
        const Reason reason = read_count(value.text, rules.decimal_mark, value.count);
        value.filled = value.count != -1;
        return reason;
    }
    case ColumnType::moment: {
        const Reason reason = read_moment(value.text, rules.day_first, value.moment);
        value.filled = !value.moment.none;
        return reason;
    }
    }
    return Reason::none;
}

bool is_text(ColumnType type) noexcept {
    return type == ColumnType::key || type == ColumnType::text || type == ColumnType::status;
}

/* A cell's text, in scratch only where it has to be. It lies there as far from the front as the cell from
 * that of the row, so that cells have room beside each other, also where one of them fills several columns.
 */
std::string_view text_of_cell(const CsvReader &reader, const CsvRow &row, std::int32_t index,
                              const char *bytes, char *scratch) noexcept {
    if (index < 0 || static_cast<std::uint32_t>(index) >= row.count ||
        static_cast<std::uint32_t>(index) >= reader.room) {
        return {};
    }
    const CsvCell &cell = reader.cells[index];
    return cell_text(cell, bytes, scratch + cell.begin);
}

} // namespace

std::string_view shop_of_row(const RowRules &rules, const CsvReader &reader, const CsvRow &row,
                             const char *bytes, char *scratch) noexcept {
    if (rules.shop_cell < 0 ||
        fault_of_structure(rules, reader, row, bytes, scratch).reason != Reason::none) {
        return {};
    }
    return filled(text_of_cell(reader, row, rules.shop_cell, bytes, scratch), true);
}

RowFault read_row(const RowRules &rules, const CsvReader &reader, const CsvRow &row, const char *bytes,
                  char *scratch, FileValue *values) noexcept {
    const RowFault structure = fault_of_structure(rules, reader, row, bytes, scratch);
    if (structure.reason != Reason::none) {
        return structure;
    }
    if (rules.shop_cell >= 0) {
        const std::string_view shop =
            filled(text_of_cell(reader, row, rules.shop_cell, bytes, scratch), true);
        if (!shop.empty() && !is_shop(shop, rules.shop)) {
            return {Reason::other_shop, kShopColumn, shop};
        }
    }
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        FileValue &value = values[i];
        value.text = {};
        if (rules.cell_of[i] >= 0) {
            value.text =
                filled(text_of_cell(reader, row, rules.cell_of[i], bytes, scratch), is_text(columns[i].type));
        }
        value.filled = !value.text.empty();
        const Reason reason = value.filled ? read_value(rules, columns[i].type, value) : Reason::none;
        const auto column = static_cast<std::int32_t>(i);
        if (reason != Reason::none) {
            return {reason, column, value.text};
        }
        if (!value.filled && columns[i].needed == Needed::cell) {
            return {Reason::missing, column, {}};
        }
        /* The first of two is missing when the second is blank too. */
        if (!value.filled && i > 0 && columns[i - 1].needed == Needed::this_or_next &&
            !values[i - 1].filled) {
            return {Reason::missing, column - 1, {}};
        }
    }
    if (rules.kind == FileKind::orders && !values[order_column::quantity].filled) {
        values[order_column::quantity].filled = true;
        values[order_column::quantity].count = 1;
    }
    if (rules.kind == FileKind::orders && !values[order_column::line_discount].filled) {
        values[order_column::line_discount].filled = true;
        values[order_column::line_discount].amount = {0, 0};
    }
    return {Reason::none, kNowhere, {}};
}

} // namespace tradeup
