/*
 * libFuzzer: bytes as the text of a price list. Whatever parses must come back from its own text as the same
 * prices, and its sums must be those of its prices. Run with test/fuzz/corpus/price_list_fuzz.
 */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/portfolio/price_list.hpp"

namespace {

using namespace tradeup;

bool never() noexcept {
    return false;
}

void require(bool holds, const char *what, std::string_view text) {
    if (!holds) {
        std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
        std::abort();
    }
}

/* The prices of a text in ascending order; none when it is no list. */
bool read(std::string_view text, std::int32_t &minor_digits, std::vector<std::int64_t> &prices) {
    const Result<ListHead> head = parse_list_head(text);
    if (!head) {
        return false;
    }
    prices.assign(head->most, -1);
    const Result<std::size_t> count = parse_prices(*head, prices.data(), never);
    if (!count) {
        return false;
    }
    require(*count == head->most, "another number of prices than counted", text);
    minor_digits = head->minor_digits;
    std::vector<std::int64_t> scratch(prices.size());
    require(sort_prices(prices, scratch, never).has_value(), "sorting fails", text);
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    std::int32_t minor_digits = 0;
    std::vector<std::int64_t> prices;
    if (!read(text, minor_digits, prices)) {
        return 0;
    }
    require(std::is_sorted(prices.begin(), prices.end()), "prices out of order", text);
    require(prices.empty() || (prices.front() >= 0 && prices.back() <= kMaxPriceMinor), "price out of range",
            text);
    std::vector<std::int64_t> room(price_list_size(prices.size()) / sizeof(std::int64_t) + 1);
    auto &list = *reinterpret_cast<PriceList *>(room.data());
    list.minor_digits = minor_digits;
    list.count = static_cast<std::int64_t>(prices.size());
    std::copy(prices.begin(), prices.end(), list.prices());
    if (!add_up(list, never)) {
        return 0;
    }
    std::int64_t sum = 0;
    for (const std::int64_t price : prices) {
        sum += price;
    }
    require(list.sums()[list.count] == sum, "sum of the prices is another", text);
    std::vector<char> words(list_text_size(prices.size()));
    const Result<std::size_t> length = write_list(list, words.data(), never);
    require(length && *length < words.size() && words[*length] == '\0', "text does not fit", text);
    std::int32_t digits_again = 0;
    std::vector<std::int64_t> again;
    require(read({words.data(), *length}, digits_again, again), "its own text is no list", text);
    require(digits_again == minor_digits && again == prices, "its own text is another list", text);
    return 0;
}
