/*
 * Words that people write, and what each stands for. Every such list is one table of this form, so that an
 * unknown word is refused in the same sentence everywhere: `unknown WHAT "word"`, with the words that are
 * allowed in the hint.
 */
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

template <typename Value>
struct Word {
    const char *word;
    Value value;
};

/* A table of words. Where several stand for the same, the first is the one that is written. */
template <typename Value, std::size_t Size>
using Words = std::array<Word<Value>, Size>;

/* The first word for a value of the table; empty when there is none. */
template <typename Value, std::size_t Size>
constexpr const char *word_for(const Words<Value, Size> &words, Value value) noexcept {
    for (const Word<Value> &known : words) {
        if (known.value == value) {
            return known.word;
        }
    }
    return "";
}

/* Whether a word of the table is the first one for its value. */
template <typename Value, std::size_t Size>
constexpr bool is_written(const Words<Value, Size> &words, const Word<Value> &word) noexcept {
    return std::string_view(word_for(words, word.value)) == word.word;
}

/* `a, b or c`: the words of a table that are written. A list that is longer than its buffer is cut. */
struct WordList {
    char text[240];
};
template <typename Value, std::size_t Size>
WordList listed(const Words<Value, Size> &words) noexcept {
    const auto written = [&](const Word<Value> &word) { return is_written(words, word); };
    const auto count = std::count_if(words.begin(), words.end(), written);
    WordList list{};
    std::size_t length = 0;
    std::ptrdiff_t at = 0;
    for (const Word<Value> &word : words) {
        if (written(word) && length < sizeof list.text) {
            const char *const before = at == 0 ? "" : at + 1 < count ? ", " : " or ";
            length += static_cast<std::size_t>(
                std::snprintf(list.text + length, sizeof list.text - length, "%s%s", before, word.word));
            ++at;
        }
    }
    return list;
}

/* Longer words are cut in the message. */
inline constexpr std::size_t kShownOfWord = 60;

/* The value that a word stands for. Errors: bad_value for a word that is not in the table; `what` says what
 * it should name. */
template <typename Value, std::size_t Size>
Result<Value> value_named(const Words<Value, Size> &words, std::string_view word, const char *what) noexcept {
    for (const Word<Value> &known : words) {
        if (word == known.word) {
            return known.value;
        }
    }
    return tl::unexpected(with_hint(make_error(ErrorKind::bad_value, "unknown %s \"%.*s\"", what,
                                               shown_bytes(word, kShownOfWord), word.data()),
                                    "Use %s.", listed(words).text));
}

} // namespace tradeup
