/*
 * Reading a stock. It comes as a bytea, so it may be any bytes at all.
 */
#include "core/portfolio/stock.hpp"

#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Whether prices and starts ascend within their bounds, so that no read goes beyond the bytes. */
bool is_sound(const Stock &stock, std::size_t ids) noexcept {
    if (stock.starts[0] != 0 || stock.starts[stock.count] != ids) {
        return false;
    }
    std::int64_t last = 0;
    for (std::size_t i = 0; i < stock.count; ++i) {
        if (stock.starts[i] > stock.starts[i + 1] || stock.prices[i] < last) {
            return false;
        }
        last = stock.prices[i];
    }
    return last <= kMaxPriceMinor;
}

} // namespace

Result<Stock> read_stock(const char *bytes, std::size_t size) noexcept {
    const Error refused = make_error(ErrorKind::bad_value, "stock is not valid");
    const auto *head = reinterpret_cast<const StockHead *>(bytes);
    if (size < stock_size(0, 0) || head->format != kStockFormat || head->count < 0) {
        return tl::unexpected(refused);
    }
    const std::size_t most = (size - stock_size(0, 0)) / (sizeof(std::int64_t) + sizeof(std::uint32_t));
    if (static_cast<std::uint64_t>(head->count) > most) {
        return tl::unexpected(refused);
    }
    Stock stock{};
    stock.count = static_cast<std::size_t>(head->count);
    stock.prices = reinterpret_cast<const std::int64_t *>(head + 1);
    stock.starts = reinterpret_cast<const std::uint32_t *>(stock.prices + stock.count);
    stock.ids = reinterpret_cast<const char *>(stock.starts + stock.count + 1);
    if (!is_sound(stock, size - stock_size(stock.count, 0))) {
        return tl::unexpected(refused);
    }
    return stock;
}

} // namespace tradeup
