/*
 * Texts of this room are words with blanks between them, most of them a name, = and a value.
 */
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* The next word of a text, which is taken off it; empty at its end. */
inline std::string_view next_word(std::string_view &text) noexcept {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < text.size() && !is_blank(text[length])) {
        ++length;
    }
    const std::string_view word = text.substr(0, length);
    text.remove_prefix(length);
    return word;
}

/* A word `name=value`. */
struct NamedWord {
    std::string_view name;
    std::string_view value;
};

inline constexpr std::size_t kShownOfText = 60;

/* An error that shows the word. */
inline Error wrong_word(const char *message, std::string_view word) noexcept {
    return with_detail(make_error(ErrorKind::bad_text, "%s", message), "It says \"%.*s\".",
                       shown_bytes(word, kShownOfText), word.data());
}

/* Errors: bad_text with this message where there is no = or nothing on one of its sides. */
inline Result<NamedWord> named_word(std::string_view word, const char *message) noexcept {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == word.size()) {
        return tl::unexpected(wrong_word(message, word));
    }
    return NamedWord{word.substr(0, equals), word.substr(equals + 1)};
}

/* A whole number in this base, or a finite number, that fills the word; false where it is none. */
inline bool whole_number(std::string_view word, int base, std::uint32_t &value) noexcept {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
    return error == std::errc() && end == word.data() + word.size();
}

inline bool finite_number(std::string_view word, double &value) noexcept {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() && std::isfinite(value);
}

/* Writes into a buffer that is large enough. */
class WordWriter {
public:
    explicit WordWriter(char *out) noexcept : start_(out), at_(out) {}
    void put(std::string_view text) noexcept {
        for (const char c : text) {
            *at_++ = c;
        }
    }
    /* The fewest digits that are read back as the same number. */
    void put_number(double value) noexcept { at_ = std::to_chars(at_, at_ + kMostDigits, value).ptr; }
    void put_whole(std::uint32_t value, int base) noexcept {
        at_ = std::to_chars(at_, at_ + kMostDigits, value, base).ptr;
    }
    /* Begins a word. */
    void space() noexcept {
        if (at_ != start_) {
            *at_++ = ' ';
        }
    }
    std::size_t end() noexcept {
        *at_ = '\0';
        return static_cast<std::size_t>(at_ - start_);
    }

private:
    static constexpr std::ptrdiff_t kMostDigits = 32;
    char *start_;
    char *at_;
};

} // namespace tradeup
