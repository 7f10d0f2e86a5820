/*
 * Aliases, and how headers are matched with columns.
 */
#include "core/ingest/aliases.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr BuiltInAlias kBuiltIn[] = {{"orders", "order_id", "order_number", nullptr},
                                     {"orders", "order_id", "order_no", nullptr},
                                     {"orders", "order_id", "invoice_no", nullptr},
                                     {"orders", "order_id", "invoice_number", nullptr},
                                     {"orders", "order_id", "id", "order_name"},
                                     {"orders", "order_name", "name", nullptr},
                                     {"orders", "created_at", "order_date", nullptr},
                                     {"orders", "created_at", "date", nullptr},
                                     {"orders", "created_at", "invoice_date", nullptr},
                                     {"orders", "created_at", "processed_at", nullptr},
                                     {"orders", "created_at", "ordered_at", nullptr},
                                     {"orders", "quantity", "line_item_quantity", nullptr},
                                     {"orders", "quantity", "lineitem_quantity", nullptr},
                                     {"orders", "quantity", "qty", nullptr},
                                     {"orders", "unit_price", "original_unit_price", nullptr},
                                     {"orders", "unit_price", "lineitem_price", nullptr},
                                     {"orders", "unit_price", "price", nullptr},
                                     {"orders", "unit_price", "item_price", nullptr},
                                     {"orders", "variant_id", "variantid", nullptr},
                                     {"orders", "sku", "lineitem_sku", nullptr},
                                     {"orders", "sku", "stock_code", nullptr},
                                     {"orders", "sku", "variant_sku", nullptr},
                                     {"orders", "line_total", "discounted_total", nullptr},
                                     {"orders", "line_discount", "line_item_total_discount", nullptr},
                                     {"orders", "line_discount", "lineitem_discount", nullptr},
                                     {"orders", "line_item_id", "lineitem_id", nullptr},
                                     {"orders", "title", "line_item_name", nullptr},
                                     {"orders", "title", "lineitem_name", nullptr},
                                     {"orders", "title", "product_title", nullptr},
                                     {"orders", "title", "product_name", nullptr},
                                     {"orders", "title", "description", nullptr},
                                     {"orders", "currency", "currency_code", nullptr},
                                     {"orders", "subtotal", "subtotal_price", nullptr},
                                     {"orders", "shipping", "total_shipping_price", nullptr},
                                     {"orders", "tax", "total_tax", nullptr},
                                     {"orders", "tax", "taxes", nullptr},
                                     {"orders", "total", "total_price", nullptr},
                                     {"orders", "discount", "discount_amount", nullptr},
                                     {"orders", "email", "customer_email", nullptr},
                                     {"orders", "country", "shipping_country_code", nullptr},
                                     {"orders", "country", "shipping_country", nullptr},
                                     {"orders", "financial_status", "display_financial_status", nullptr},
                                     {"orders", "fulfillment_status", "display_fulfillment_status", nullptr},
                                     {"variants", "variant_id", "variantid", nullptr},
                                     {"variants", "variant_id", "id", nullptr},
                                     {"variants", "product_id", "productid", nullptr},
                                     {"variants", "variant_title", "title", nullptr},
                                     {"variants", "price", "variant_price", nullptr},
                                     {"variants", "inventory_item_id", "inventoryitemid", nullptr},
                                     {"variants", "sku", "variant_sku", nullptr},
                                     {"variants", "compare_at_price", "variant_compare_at_price", nullptr},
                                     {"variants", "created_at", "inventory_item_created_at", nullptr},
                                     {"inventory_levels", "location_id", "location", nullptr},
                                     {"inventory_levels", "available", "available_quantity", nullptr},
                                     {"inventory_levels", "available", "qty", nullptr},
                                     {"inventory_levels", "available", "quantity", nullptr},
                                     {"inventory_levels", "updated_at", "last_inventory_update", nullptr},
                                     {"catalog", "product_title", "title", nullptr},
                                     {"catalog", "product_title", "product_name", nullptr},
                                     {"catalog", "price", "variant_price", nullptr},
                                     {"catalog", "product_status", "status", nullptr},
                                     {"catalog", "sku", "variant_sku", nullptr},
                                     {"catalog", "compare_at_price", "variant_compare_at_price", nullptr},
                                     {"catalog", "product_type", "type", nullptr},
                                     {"catalog", "available", "available_total", nullptr},
                                     {"catalog", "available", "variant_inventory_qty", nullptr},
                                     {"catalog", "product_created_at", "created_at", nullptr},
                                     {"catalog", "published_at", "product_published_at", nullptr},
                                     {"shop", "shop", "shop_id", nullptr},
                                     {"shop", "shop", "shopid", nullptr},
                                     {"shop", "shop", "shop", nullptr},
                                     {"shop", "shop", "shop_domain", nullptr},
                                     {"shop", "shop", "shopdomain", nullptr},
                                     {"shop", "shop", "store_domain", nullptr},
                                     {"shop", "shop", "storedomain", nullptr},
                                     {"shop", "shop", "merchant_domain", nullptr},
                                     {"shop", "shop", "merchantdomain", nullptr},
                                     {"shop", "shop", "domain", nullptr}};

/* The first header of a name, or -1. */
std::int32_t header_named(std::span<const std::string_view> headers, std::string_view name) noexcept {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (headers[i] == name) {
            return static_cast<std::int32_t>(i);
        }
    }
    return -1;
}

/* The header of the best alias of a column, among those with or without `unless`; -1: none. */
std::int32_t best_alias(std::size_t column, std::span<const std::string_view> headers,
                        std::span<const ColumnAlias> aliases, const std::int32_t *cell_of,
                        bool with_unless) noexcept {
    std::int32_t best = -1;
    std::int32_t preference = 0;
    for (const ColumnAlias &alias : aliases) {
        const bool rules_out = alias.unless >= 0 && cell_of[alias.unless] >= 0;
        if (alias.column != column || (alias.unless >= 0) != with_unless || rules_out ||
            (best >= 0 && alias.preference >= preference)) {
            continue;
        }
        const std::int32_t header = header_named(headers, alias.alias);
        if (header >= 0) {
            best = header;
            preference = alias.preference;
        }
    }
    return best;
}

} // namespace

std::span<const BuiltInAlias> built_in_aliases() noexcept {
    return kBuiltIn;
}

std::optional<std::size_t> column_named(FileKind kind, std::string_view name) noexcept {
    const std::span<const FileColumn> columns = columns_of(kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (name == columns[i].name) {
            return i;
        }
    }
    return std::nullopt;
}

void fill_columns(FileKind kind, std::span<const std::string_view> headers,
                  std::span<const ColumnAlias> aliases, std::int32_t *cell_of) noexcept {
    const std::span<const FileColumn> columns = columns_of(kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (cell_of[i] < 0) {
            cell_of[i] = header_named(headers, columns[i].name);
        }
        if (cell_of[i] < 0) {
            cell_of[i] = best_alias(i, headers, aliases, cell_of, false);
        }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (cell_of[i] < 0) {
            cell_of[i] = best_alias(i, headers, aliases, cell_of, true);
        }
    }
}

bool is_certain(FileKind kind, const std::int32_t *cell_of) noexcept {
    const auto has = [&](const char *name) { return cell_of[*column_named(kind, name)] >= 0; };
    switch (kind) {
    case FileKind::orders:
        return (has("order_id") || has("order_name")) && (has("variant_id") || has("sku")) && has("quantity");
    case FileKind::inventory_levels:
        return has("inventory_item_id") && has("location_id");
    case FileKind::catalog:
        return has("product_title") && has("product_status");
    case FileKind::variants:
        break;
    }
    return has("variant_id") && has("product_id") && has("price");
}

} // namespace tradeup
