/*
 * Tables of words: both ways, words of one meaning, and how an unknown word is refused.
 */
#include <string>

#include <gtest/gtest.h>

#include "core/base/words.hpp"

namespace tradeup {

namespace {

enum class Colour { red, green, blue };

constexpr Words<Colour, 4> kColours{
    {{"red", Colour::red}, {"ruby", Colour::red}, {"green", Colour::green}, {"blue", Colour::blue}}};

} // namespace

TEST(Words, GoBothWays) {
    EXPECT_EQ(*value_named(kColours, "red", "colour"), Colour::red);
    EXPECT_EQ(*value_named(kColours, "ruby", "colour"), Colour::red);
    EXPECT_EQ(*value_named(kColours, "blue", "colour"), Colour::blue);
    EXPECT_STREQ(word_for(kColours, Colour::red), "red");
    EXPECT_STREQ(word_for(kColours, Colour::blue), "blue");
    EXPECT_STREQ(word_for(kColours, static_cast<Colour>(7)), "");
}

TEST(Words, UnknownOnesAreRefusedWithThoseThatAreWritten) {
    for (const char *word : {"", "RED", "red ", "yellow"}) {
        const Result<Colour> unknown = value_named(kColours, word, "colour");
        ASSERT_FALSE(unknown) << word;
        EXPECT_EQ(unknown.error().kind, ErrorKind::bad_value);
        EXPECT_EQ(unknown.error().message, "unknown colour \"" + std::string(word) + "\"");
        EXPECT_STREQ(unknown.error().hint, "Use red, green or blue.");
    }
    const Error cut = value_named(kColours, std::string(500, 'x'), "colour").error();
    EXPECT_EQ(cut.message, "unknown colour \"" + std::string(kShownOfWord, 'x') + "\"");
}

TEST(Words, ListsAreCutAtTheirBuffer) {
    const std::string first(150, 'y');
    const std::string second(300, 'w');
    const Words<int, 3> words{{{first.c_str(), 1}, {second.c_str(), 2}, {"v", 3}}};
    EXPECT_EQ(listed(words).text, (first + ", " + second).substr(0, sizeof(WordList) - 1));
}

TEST(Words, ListsAreNeverCutWithinACharacter) {
    const std::string first(sizeof(WordList) - 8, 'y');
    const std::array<const char *, 3> words{first.c_str(), "w\u00e9\u00e9\u00e9\u00e9", "v"};
    EXPECT_EQ(listed(words).text, first + ", w\u00e9\u00e9");
}

TEST(Words, ListsAreOfAnyLength) {
    const std::array<const char *, 1> one{"a"};
    const std::array<const char *, 2> two{"a", "b"};
    EXPECT_STREQ(listed(std::span<const char *const>()).text, "");
    EXPECT_STREQ(listed(one).text, "a");
    EXPECT_STREQ(listed(two).text, "a or b");
    EXPECT_EQ(words_of(kColours)[1], kColours[1].word);
}

TEST(Words, AsPeopleWriteThem) {
    constexpr Words<Colour, 2> kTwo{{{"dark red", Colour::red}, {"sky-blue", Colour::blue}}};
    for (const char *word : {"dark red", "Dark Red", "DARKRED", " dark-red ", "dark_red", "d a r k red"}) {
        EXPECT_EQ(*value_as_written(kTwo, word, "colour"), Colour::red) << word;
    }
    EXPECT_EQ(*value_as_written(kTwo, "skyblue", "colour"), Colour::blue);
    for (const char *word : {"", " ", "dark", "dark redd", "dark.red", "red", "sky/blue"}) {
        const Result<Colour> unknown = value_as_written(kTwo, word, "colour");
        ASSERT_FALSE(unknown) << word;
        EXPECT_EQ(unknown.error().message, "unknown colour \"" + std::string(word) + "\"");
        EXPECT_STREQ(unknown.error().hint, "Use dark red or sky-blue.");
    }
}

} // namespace tradeup
