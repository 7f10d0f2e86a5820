/*
 * Words that people write, and what each stands for. Every such list is one table of this form, so that an
 * unknown word is refused in the same sentence everywhere: `unknown WHAT "word"`, with the words that are
 * allowed in the hint.
 */
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
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

/* All words of a table, in its order. */
template <typename Value, std::size_t Size>
constexpr std::array<const char *, Size> words_of(const Words<Value, Size> &words) noexcept {
    std::array<const char *, Size> all{};
    std::transform(words.begin(), words.end(), all.begin(),
                   [](const Word<Value> &word) { return word.word; });
    return all;
}

/* `a, b or c`. A list that is longer than its buffer is cut, never within a character. */
struct WordList {
    char text[sizeof Error::hint];
};
inline WordList listed(std::span<const char *const> words) noexcept {
    WordList list{};
    std::size_t length = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const char *const before = i == 0 ? "" : i + 1 < words.size() ? ", " : " or ";
        for (const std::string_view part : {std::string_view(before), std::string_view(words[i])}) {
            const auto shown = static_cast<std::size_t>(shown_bytes(part, sizeof list.text - 1 - length));
            std::memcpy(list.text + length, part.data(), shown);
            length += shown;
            if (shown < part.size()) {
                return list;
            }
        }
    }
    return list;
}

/* The words of a table that are written. */
template <typename Value, std::size_t Size>
WordList listed(const Words<Value, Size> &words) noexcept {
    const char *written[Size];
    std::size_t count = 0;
    for (const Word<Value> &word : words) {
        if (is_written(words, word)) {
            written[count++] = word.word;
        }
    }
    return listed({written, count});
}

/* The error that a word names no such thing. Longer words are cut in its message. */
inline constexpr std::size_t kShownOfWord = 60;
inline Error unknown_word(const char *what, std::string_view word) noexcept {
    return make_error(ErrorKind::bad_value, "unknown %s \"%.*s\"", what, shown_bytes(word, kShownOfWord),
                      word.data());
}

/* The value that a word stands for. Errors: bad_value for a word that is not in the table; `what` says what
 * it should name. */
template <typename Value, std::size_t Size>
Result<Value> value_named(const Words<Value, Size> &words, std::string_view word, const char *what) noexcept {
    for (const Word<Value> &known : words) {
        if (word == known.word) {
            return known.value;
        }
    }
    return tl::unexpected(with_hint(unknown_word(what, word), "Use %s.", listed(words).text));
}

/* Whether two words are the same but for case, blanks, hyphens and underscores. */
constexpr bool same_to_people(std::string_view a, std::string_view b) noexcept {
    const auto skipped = [](char c) { return c == ' ' || c == '\t' || c == '-' || c == '_'; };
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::size_t i = 0;
    std::size_t j = 0;
    while (true) {
        while (i < a.size() && skipped(a[i])) {
            ++i;
        }
        while (j < b.size() && skipped(b[j])) {
            ++j;
        }
        if (i == a.size() || j == b.size()) {
            return i == a.size() && j == b.size();
        }
        if (lower(a[i++]) != lower(b[j++])) {
            return false;
        }
    }
}

/* The same of a word as people write it: `Bi-Weekly`, `biweekly`, `ACTUAL / 365`. */
template <typename Value, std::size_t Size>
Result<Value> value_as_written(const Words<Value, Size> &words, std::string_view word,
                               const char *what) noexcept {
    for (const Word<Value> &known : words) {
        if (same_to_people(word, known.word)) {
            return known.value;
        }
    }
    return tl::unexpected(with_hint(unknown_word(what, word), "Use %s.", listed(words).text));
}

} // namespace tradeup
