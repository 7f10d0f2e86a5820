/*
 * Spellings of headers.
 */
#include "core/ingest/header.hpp"

#include <cstring>

#include "core/base/blank.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_lower_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

constexpr char lower(char c) noexcept {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

/* A letter of two bytes in lower case: Latin with marks, Greek, Cyrillic. Others stay. */
constexpr unsigned lower_letter(unsigned code) noexcept {
    if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x391 && code <= 0x3A9) ||
        (code >= 0x410 && code <= 0x42F)) {
        return code + 0x20;
    }
    if (code >= 0x400 && code <= 0x40F) {
        return code + 0x50;
    }
    const bool even_is_upper = (code >= 0x100 && code <= 0x137 && code != 0x130 && code != 0x131) ||
                               (code >= 0x14A && code <= 0x177) || (code >= 0x460 && code <= 0x481) ||
                               (code >= 0x48A && code <= 0x4BF);
    const bool odd_is_upper = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
    return (even_is_upper && code % 2 == 0) || (odd_is_upper && code % 2 == 1) ? code + 1 : code;
}

/* Marks brackets that open and are closed, innermost pairs first, so that each byte is looked at once. */
void mark_closed_brackets(std::string_view text, char *closed) noexcept {
    std::size_t closing = 0;
    for (std::size_t i = text.size(); i-- > 0;) {
        const bool opens = text[i] == '(';
        closed[i] = opens && closing > 0 ? 1 : 0;
        closing += text[i] == ')' ? 1 : 0;
        closing -= closed[i] != 0 ? 1 : 0;
    }
}

/* Where the bracket at the front of the text closes. Domain: it is closed. */
std::size_t closing_bracket(std::string_view text) noexcept {
    std::size_t depth = 0;
    std::size_t i = 0;
    while (true) {
        depth += text[i] == '(' ? 1 : 0;
        if (text[i] == ')' && --depth == 0) {
            return i;
        }
        ++i;
    }
}

} // namespace

std::string_view canonical_column(std::string_view header, char *out) noexcept {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    constexpr std::string_view kParting = "-/:._";
    char *end = out;
    const auto part = [&] {
        if (end > out && end[-1] != '_') {
            *end++ = '_';
        }
    };
    char before = '_'; // the last letter as it was written
    /* A byte gives at most two, so what is written stays behind the marks that are still to be read. */
    char *const closed = out + header.size();
    const char *const begin = header.data();
    mark_closed_brackets(header, closed);
    while (!header.empty()) {
        if (header.starts_with(kByteOrderMark)) {
            header.remove_prefix(kByteOrderMark.size());
            continue;
        }
        const char c = header.front();
        if (closed[header.data() - begin] != 0) {
            header.remove_prefix(closing_bracket(header) + 1);
            continue;
        }
        const std::size_t blank = blank_at_front(header);
        if (blank > 0 || kParting.find(c) != std::string_view::npos) {
            part();
            before = '_';
            header.remove_prefix(blank > 0 ? blank : 1);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0xC3 && byte <= 0xD2 && header.size() > 1) {
            const unsigned code =
                lower_letter((byte & 0x1FU) << 6 | (static_cast<unsigned char>(header[1]) & 0x3FU));
            *end++ = static_cast<char>(0xC0 | code >> 6);
            *end++ = static_cast<char>(0x80 | (code & 0x3F));
            before = '_';
            header.remove_prefix(2);
            continue;
        }
        /* A word begins with an upper letter behind a lower one, and with the last of several upper letters
         * before a lower one: HTMLBody. */
        const bool next_is_lower = header.size() > 1 && header[1] >= 'a' && header[1] <= 'z';
        if (is_upper(c) && (is_lower_or_digit(before) || (is_upper(before) && next_is_lower))) {
            part();
        }
        *end++ = lower(c);
        before = c;
        header.remove_prefix(1);
    }
    while (end > out && end[-1] == '_') {
        --end;
    }
    return {out, static_cast<std::size_t>(end - out)};
}

std::string_view canonical_shop(std::string_view shop, char *out) noexcept {
    const std::string_view name = trimmed(shop);
    for (std::size_t i = 0; i < name.size(); ++i) {
        out[i] = lower(name[i]);
    }
    return {out, name.size()};
}

} // namespace tradeup
