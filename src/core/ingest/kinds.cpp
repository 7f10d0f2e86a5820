/*
 * Columns by kind.
 */
#include "core/ingest/kinds.hpp"

#include <iterator>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

using enum ColumnType;

constexpr FileColumn kOrders[] = {{"order_id", key, Needed::this_or_next},
                                  {"order_name", key, Needed::no, true},
                                  {"variant_id", key, Needed::this_or_next},
                                  {"sku", key, Needed::no},
                                  {"line_item_id", key, Needed::no},
                                  {"quantity", count, Needed::column},
                                  {"unit_price", amount, Needed::cell},
                                  {"line_total", amount, Needed::no},
                                  {"line_discount", amount, Needed::no},
                                  {"product_id", text, Needed::no},
                                  {"title", text, Needed::no},
                                  {"variant_title", text, Needed::no},
                                  {"vendor", text, Needed::no},
                                  {"product_type", text, Needed::no},
                                  {"created_at", moment, Needed::column, true},
                                  {"currency", text, Needed::no, true},
                                  {"subtotal", amount, Needed::no, true},
                                  {"shipping", amount, Needed::no, true},
                                  {"tax", amount, Needed::no, true},
                                  {"total", amount, Needed::no, true},
                                  {"discount", amount, Needed::no, true},
                                  {"email", text, Needed::no, true},
                                  {"country", text, Needed::no, true},
                                  {"financial_status", text, Needed::no, true},
                                  {"fulfillment_status", text, Needed::no, true},
                                  {"customer_id", text, Needed::no, true}};
static_assert(std::size(kOrders) == kMostColumns);

constexpr FileColumn kVariants[] = {{"variant_id", key, Needed::cell},
                                    {"product_id", key, Needed::cell},
                                    {"inventory_item_id", text, Needed::column},
                                    {"sku", text, Needed::no},
                                    {"variant_title", text, Needed::column},
                                    {"price", amount, Needed::cell},
                                    {"compare_at_price", compared_amount, Needed::no},
                                    {"created_at", moment, Needed::no}};

constexpr FileColumn kInventoryLevels[] = {{"inventory_item_id", key, Needed::cell},
                                           {"location_id", key, Needed::cell},
                                           {"sku", text, Needed::no},
                                           {"available", count, Needed::column},
                                           {"updated_at", moment, Needed::column}};

constexpr FileColumn kCatalog[] = {{"variant_id", key, Needed::cell},
                                   {"product_id", key, Needed::cell},
                                   {"inventory_item_id", text, Needed::column},
                                   {"sku", text, Needed::no},
                                   {"product_title", text, Needed::column},
                                   {"product_status", status, Needed::column},
                                   {"variant_title", text, Needed::no},
                                   {"product_type", text, Needed::no},
                                   {"vendor", text, Needed::no},
                                   {"tags", text, Needed::no},
                                   {"price", amount, Needed::cell},
                                   {"compare_at_price", compared_amount, Needed::no},
                                   {"available", stock, Needed::no},
                                   {"product_created_at", moment, Needed::no},
                                   {"published_at", moment, Needed::no}};

} // namespace

std::span<const FileColumn> columns_of(FileKind kind) noexcept {
    switch (kind) {
    case FileKind::orders:
        return kOrders;
    case FileKind::variants:
        return kVariants;
    case FileKind::inventory_levels:
        return kInventoryLevels;
    case FileKind::catalog:
        break;
    }
    return kCatalog;
}

} // namespace tradeup
