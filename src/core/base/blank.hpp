/*
 * Blanks: those of ASCII, and those that people and spreadsheets put around and into numbers.
 */
#pragma once

#include <array>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/* U+00A0, U+2009 and U+202F: a blank that does not break, a thin one, both. */
inline constexpr std::array<std::string_view, 3> kWideBlanks{"\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};

constexpr bool is_ascii_blank(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* How many bytes a blank at the front of the text takes; 0: there is none. */
constexpr std::size_t blank_at_front(std::string_view text) noexcept {
    if (text.empty() || static_cast<unsigned char>(text.front()) < 0x80) {
        return !text.empty() && is_ascii_blank(text.front()) ? 1 : 0;
    }
    for (const std::string_view blank : kWideBlanks) {
        if (text.starts_with(blank)) {
            return blank.size();
        }
    }
    return 0;
}

/* The same at its end. */
constexpr std::size_t blank_at_end(std::string_view text) noexcept {
    if (text.empty() || static_cast<unsigned char>(text.back()) < 0x80) {
        return !text.empty() && is_ascii_blank(text.back()) ? 1 : 0;
    }
    for (const std::string_view blank : kWideBlanks) {
        if (text.ends_with(blank)) {
            return blank.size();
        }
    }
    return 0;
}

/* A text without the blanks around it, those that do not break a line among them. */
constexpr std::string_view trimmed(std::string_view text) noexcept {
    const auto is_plain = [](char c) { return c > ' ' && c < '\x7F'; };
    if (!text.empty() && is_plain(text.front()) && is_plain(text.back())) [[likely]] {
        return text;
    }
    while (const std::size_t bytes = blank_at_front(text)) {
        text.remove_prefix(bytes);
    }
    while (const std::size_t bytes = blank_at_end(text)) {
        text.remove_suffix(bytes);
    }
    return text;
}

} // namespace tradeup
