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

/* The runs of a text in ascending order; none when it is no list. */
bool read(std::string_view text, std::int32_t &minor_digits, std::vector<PriceRun> &runs) {
    const Result<ListHead> head = parse_list_head(text);
    if (!head) {
        return false;
    }
    runs.assign(head->most, PriceRun{-1, 0});
    const Result<std::size_t> count = parse_prices(*head, runs.data(), never);
    if (!count) {
        return false;
    }
    require(*count == head->most, "another number of prices than counted", text);
    minor_digits = head->minor_digits;
    std::vector<PriceRun> scratch(runs.size());
    require(sort_prices(std::span(runs), std::span(scratch), never).has_value(), "sorting fails", text);
    const Result<std::size_t> distinct = joined_runs(runs);
    if (!distinct) {
        return false;
    }
    runs.resize(*distinct);
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    std::int32_t minor_digits = 0;
    std::vector<PriceRun> runs;
    if (!read(text, minor_digits, runs)) {
        return 0;
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        require(runs[i].price >= 0 && runs[i].price <= kMaxPriceMinor && runs[i].count > 0,
                "run out of range", text);
        require(i == 0 || runs[i - 1].price < runs[i].price, "prices out of order", text);
    }
    std::vector<std::int64_t> room(price_list_size(runs.size()) / sizeof(std::int64_t) + 1);
    auto &list = *reinterpret_cast<PriceList *>(room.data());
    list.minor_digits = minor_digits;
    if (!fill_list(runs, list, never)) {
        return 0;
    }
    Int128 sum = 0;
    for (const PriceRun &run : runs) {
        sum += Int128{run.price} * run.count;
    }
    require(list.all().sum() == sum, "sum of the prices is another", text);
    std::vector<char> words(list_text_size(runs.size()));
    const Result<std::size_t> length = write_list(list, words.data(), never);
    require(length && *length < words.size() && words[*length] == '\0', "text does not fit", text);
    std::int32_t digits_again = 0;
    std::vector<PriceRun> again;
    require(read({words.data(), *length}, digits_again, again), "its own text is no list", text);
    const bool same = std::equal(
        again.begin(), again.end(), runs.begin(), runs.end(),
        [](const PriceRun &a, const PriceRun &b) { return a.price == b.price && a.count == b.count; });
    require(digits_again == minor_digits && same, "its own text is another list", text);
    return 0;
}
