/*
 * The stock: prices of vehicles in ascending order, each with its vehicle, as one run of bytes: a head, the
 * prices, where each vehicle_id begins, and the vehicle_ids. Equal prices are in the order of vehicle_id,
 * byte by byte.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::int32_t kStockFormat = 0x5354'4b31;

/* How the bytes begin; the length word is the database's. */
struct StockHead {
    std::int32_t length_word;
    std::int32_t format;
    std::int64_t count;
};

/* What a stock holds, read in place. */
struct Stock {
    std::size_t count;
    const std::int64_t *prices;  // in minor units
    const std::uint32_t *starts; // count + 1 of them
    const char *ids;

    std::string_view vehicle_id(std::size_t place) const noexcept {
        return {ids + starts[place], starts[place + 1] - starts[place]};
    }
};

/* The number of bytes of a stock whose vehicle_ids take so many. */
constexpr std::size_t stock_size(std::size_t count, std::size_t ids) noexcept {
    return sizeof(StockHead) + count * sizeof(std::int64_t) + (count + 1) * sizeof(std::uint32_t) + ids;
}

/*
 * The stock that these bytes hold, read in place; they must begin at an address that is a multiple of 8.
 * Errors: bad_value for anything but a head of this format, ascending prices from 0 to kMaxPriceMinor, and
 * ascending starts from 0 to the end of the bytes.
 */
Result<Stock> read_stock(const char *bytes, std::size_t size) noexcept;

} // namespace tradeup
