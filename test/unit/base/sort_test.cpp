/*
 * Sorting that ends when it is asked to.
 */
#include "core/base/sort.hpp"

#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tradeup {
namespace {

std::size_t asked = 0;

std::vector<std::uint32_t> numbers(std::size_t count) {
    std::mt19937 random(7);
    std::vector<std::uint32_t> all(count);
    std::generate(all.begin(), all.end(), [&] { return random() % 1000; });
    return all;
}

TEST(SortElements, SortsAsTheLibraryDoes) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{100000}}) {
        std::vector<std::uint32_t> all = numbers(count);
        std::vector<std::uint32_t> wanted = all;
        std::sort(wanted.begin(), wanted.end(), std::greater<>());
        const Result<bool> sorted = sort_elements(
            std::span(all), std::greater<>(), +[]() noexcept { return false; });
        ASSERT_TRUE(sorted);
        EXPECT_EQ(all, wanted);
    }
}

TEST(SortElements, EndsWhenAsked) {
    std::vector<std::uint32_t> all = numbers(1000000);
    asked = 0;
    const Result<bool> sorted = sort_elements(
        std::span(all), std::less<>(), +[]() noexcept { return ++asked == 3; });
    ASSERT_FALSE(sorted);
    EXPECT_EQ(sorted.error().kind, ErrorKind::cancelled);
    EXPECT_EQ(asked, 3U);
}

} // namespace
} // namespace tradeup
