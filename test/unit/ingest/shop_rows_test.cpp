/*
 * Rows of a shop's files as values or faults, and which header fills which column.
 */
#include "core/ingest/rows.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/ingest/aliases.hpp"

namespace {

using namespace tradeup;

std::vector<ColumnAlias> aliases_of(FileKind kind) {
    std::vector<ColumnAlias> aliases;
    for (const BuiltInAlias &alias : built_in_aliases()) {
        if (std::string_view(alias.kind) == word_for(kFileKinds, kind)) {
            const auto unless = alias.unless == nullptr ? std::nullopt : column_named(kind, alias.unless);
            aliases.push_back({alias.alias, *column_named(kind, alias.column),
                               static_cast<std::int32_t>(aliases.size()),
                               unless ? static_cast<std::int32_t>(*unless) : -1});
        }
    }
    return aliases;
}

RowRules rules_for(FileKind kind, const std::vector<std::string_view> &headers) {
    RowRules rules{};
    rules.kind = kind;
    rules.decimal_mark = '.';
    rules.header_cells = static_cast<std::uint32_t>(headers.size());
    rules.shop_cell = kNowhere;
    std::fill_n(rules.cell_of, kMostColumns, kNowhere);
    fill_columns(kind, headers, aliases_of(kind), rules.cell_of);
    return rules;
}

/* What becomes of a row: `ok`, or the column, reason and value of its fault. */
std::string outcome(const RowRules &rules, std::string_view line, FileValue *values = nullptr) {
    std::vector<CsvCell> cells(20);
    CsvReader reader{cells.data(), 20, 1 << 20, ','};
    CsvRow row{};
    EXPECT_EQ(next_row(reader, line, true, row), CsvStep::row);
    static std::string scratch;
    scratch.assign(line.size() + 1, '\0');
    FileValue own[kMostColumns]{};
    const RowFault fault =
        read_row(rules, reader, row, line.data(), scratch.data(), values == nullptr ? own : values);
    if (fault.reason == Reason::none) {
        return "ok";
    }
    const std::string column = fault.column == kShopColumn ? "shop"
                               : fault.column == kNowhere
                                   ? "-"
                                   : columns_of(rules.kind)[static_cast<std::size_t>(fault.column)].name;
    return column + " " + word_for(kReasons, fault.reason) + " " + std::string(fault.value);
}

TEST(ShopRows, SayTheirFirstFault) {
    RowRules rules = rules_for(FileKind::orders, {"shop", "order_id", "created_at", "qty", "price", "sku"});
    rules.shop_cell = 0;
    rules.shop = "one";
    EXPECT_EQ(outcome(rules, "ONE,1,2025-01-01,1,2.50,A"), "ok");
    EXPECT_EQ(outcome(rules, ",1,2025-01-01,1,2.50,A, , "), "ok");
    EXPECT_EQ(outcome(rules, "two,,x,x,x,,extra"), "- too_many_cells extra");
    EXPECT_EQ(outcome(rules, "two,,x,x,x,"), "shop other_shop two");
    EXPECT_EQ(outcome(rules, ",,x,x,x,"), "order_id missing ");
    EXPECT_EQ(outcome(rules, ",1,x,x,x,"), "variant_id missing ");
    EXPECT_EQ(outcome(rules, ",1,x,x,x,A"), "quantity not_a_number x");
    EXPECT_EQ(outcome(rules, ",1,x,3.7,x,A"), "quantity not_an_integer 3.7");
    EXPECT_EQ(outcome(rules, ",1,x,,NULL,A"), "unit_price missing ");
    EXPECT_EQ(outcome(rules, ",1,x,,1,A"), "created_at not_a_date x");
    EXPECT_EQ(outcome(rules, ",1"), "variant_id missing ");
    EXPECT_EQ(outcome(rules, ",1,,1,1," + std::string(kLongestKey + 1, 'k')).substr(0, 16),
              "sku out_of_range");
    EXPECT_EQ(outcome(rules, ",1,,1,\"2"), "- unterminated_quote ");
}

TEST(ShopRows, HaveDefaults) {
    const RowRules rules = rules_for(FileKind::orders, {"order_id", "created_at", "qty", "price", "sku"});
    FileValue values[kMostColumns]{};
    EXPECT_EQ(outcome(rules, "1,1900-01-01,, 2.50 ,\"A \"\"b\"\"\"", values), "ok");
    EXPECT_EQ(values[order_column::quantity].count, 1);
    EXPECT_EQ(values[order_column::line_discount].amount.units, 0);
    EXPECT_EQ(values[order_column::unit_price].amount.units, 250);
    EXPECT_EQ(values[order_column::sku].text, "A \"b\"");
    EXPECT_FALSE(values[*column_named(FileKind::orders, "created_at")].filled);

    const RowRules catalog =
        rules_for(FileKind::catalog, {"variant_id", "product_id", "title", "price", "compare_at_price",
                                      "status", "inventory_item_id", "available_total"});
    EXPECT_EQ(outcome(catalog, "V,P,t,1,0,active,,-1", values), "ok");
    EXPECT_FALSE(values[*column_named(FileKind::catalog, "compare_at_price")].filled);
    EXPECT_FALSE(values[*column_named(FileKind::catalog, "available")].filled);
    EXPECT_EQ(outcome(catalog, "V,P,t,1,5,active,,-2", values), "ok");
    EXPECT_EQ(values[*column_named(FileKind::catalog, "available")].count, -2);
}

TEST(Rows, ACellMayFillSeveralColumns) {
    const std::string_view line = "1,2025-01-01,2,10,\"\"\"\"\"\"\"\"\"long \"\"quoted\"\" cell\"";
    RowRules rules = rules_for(FileKind::orders, {"order_id", "created_at", "quantity", "price", "sku"});
    const std::vector<const char *> names{"variant_id", "sku", "title", "vendor", "product_type"};
    for (const char *name : names) {
        rules.cell_of[*column_named(FileKind::orders, name)] = 4;
    }
    std::vector<CsvCell> cells(20);
    CsvReader reader{cells.data(), 20, 1 << 20, ','};
    CsvRow row{};
    ASSERT_EQ(next_row(reader, line, true, row), CsvStep::row);
    /* Texts need no more room than the row has. */
    std::string scratch(row.bytes + 200, '~');
    FileValue values[kMostColumns]{};
    EXPECT_EQ(read_row(rules, reader, row, line.data(), scratch.data(), values).reason, Reason::none);
    EXPECT_EQ(scratch.substr(row.bytes), std::string(200, '~'));
    for (const char *name : names) {
        EXPECT_EQ(values[*column_named(FileKind::orders, name)].text, "\"\"\"\"long \"quoted\" cell") << name;
    }
}

TEST(Aliases, FillColumnsInTheirOrderOfPreference) {
    const auto filled_by = [](const std::vector<std::string_view> &headers, const char *column) {
        return rules_for(FileKind::orders, headers).cell_of[*column_named(FileKind::orders, column)];
    };
    EXPECT_EQ(filled_by({"price", "original_unit_price"}, "unit_price"), 1);
    EXPECT_EQ(filled_by({"price", "original_unit_price", "unit_price"}, "unit_price"), 2);
    EXPECT_EQ(filled_by({"sku", "sku"}, "sku"), 0);
    EXPECT_EQ(filled_by({"id", "sku"}, "order_id"), 0);
    EXPECT_EQ(filled_by({"id", "name"}, "order_id"), kNowhere);
    EXPECT_EQ(filled_by({"id", "order_no"}, "order_id"), 1);
    for (const BuiltInAlias &alias : built_in_aliases()) {
        bool known = std::string_view(alias.kind) == "shop";
        for (const FileKind kind : kKindsAsTried) {
            known = known || (std::string_view(alias.kind) == word_for(kFileKinds, kind) &&
                              column_named(kind, alias.column));
        }
        EXPECT_TRUE(known) << alias.alias;
    }
}

} // namespace
