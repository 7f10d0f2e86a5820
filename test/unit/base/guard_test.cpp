/*
 * Exceptions of every kind come out of the guard as errors.
 */
#include <new>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "core/base/guard.hpp"

namespace tradeup {

TEST(Guard, HandsOnAResult) {
    EXPECT_EQ(*guarded([]() -> Result<int> { return 7; }), 7);
    const Result<int> refused =
        guarded([]() -> Result<int> { return tl::unexpected(make_error(ErrorKind::bad_value, "no")); });
    EXPECT_EQ(refused.error().kind, ErrorKind::bad_value);
}

TEST(Guard, ExceptionBecomesAnErrorWithItsText) {
    const Result<int> result = guarded([]() -> Result<int> { throw std::runtime_error("lost the thread"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
    EXPECT_STREQ(result.error().message, "unexpected exception: lost the thread");
}

TEST(Guard, LongTextIsCut) {
    const Result<int> result =
        guarded([]() -> Result<int> { throw std::runtime_error(std::string(10'000, 'x')); });
    EXPECT_EQ(std::string(result.error().message).size(), sizeof(Error::message) - 1);
}

TEST(Guard, LongTextIsCutBetweenCharacters) {
    for (const std::string &character : {std::string("é"), std::string("€"), std::string("🚗")}) {
        for (std::size_t before = 0; before < 4; ++before) {
            std::string text(before, 'x');
            while (text.size() < 1000) {
                text += character;
            }
            const std::string message = make_error(ErrorKind::bad_value, "%s", text.c_str()).message;
            EXPECT_EQ((message.size() - before) % character.size(), 0);
            EXPECT_GT(message.size() + 2 * character.size(), sizeof(Error::message));
        }
    }
}

TEST(Guard, AnythingThrownBecomesAnError) {
    const Result<int> result = guarded([]() -> Result<int> { throw 42; });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
}

TEST(Guard, FailedAllocationIsOutOfMemory) {
    const Result<int> result = guarded([]() -> Result<int> { throw std::bad_alloc(); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::out_of_memory);
}

} // namespace tradeup
