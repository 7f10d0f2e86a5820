/*
 * libFuzzer: bytes as a stock. Whatever is read must lie within the bytes, in order. The bytes are given
 * behind a length word and a format, since hardly any others would pass the first look.
 */
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/number/line.hpp"
#include "core/portfolio/stock.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace tradeup;
    std::vector<std::int64_t> room(size / sizeof(std::int64_t) + 2);
    char *bytes = reinterpret_cast<char *>(room.data());
    std::memcpy(bytes + sizeof(std::int32_t), &kStockFormat, sizeof kStockFormat);
    std::memcpy(bytes + 2 * sizeof(std::int32_t), data, size);
    const std::size_t length = 2 * sizeof(std::int32_t) + size;
    const Result<Stock> stock = read_stock(bytes, length);
    if (!stock) {
        return 0;
    }
    std::int64_t last = 0;
    std::size_t ids = 0;
    for (std::size_t i = 0; i < stock->count; ++i) {
        const std::string_view id = stock->vehicle_id(i);
        if (stock->prices[i] < last || stock->prices[i] > kMaxPriceMinor || id.data() != stock->ids + ids) {
            std::abort();
        }
        last = stock->prices[i];
        ids += id.size();
    }
    if (stock_size(stock->count, ids) != length) {
        std::abort();
    }
    return 0;
}
