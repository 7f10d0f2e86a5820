/*
 * UTF-8 by its table of well-formed sequences, WIN1252 by its table of 32 characters.
 */
#include "core/ingest/encoding.hpp"

#include <array>
#include <cstring>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* How the bytes of a character go on (The Unicode Standard, table 3-7): its length, and the bounds of its
 * second byte. Length 0: no character begins with this byte. */
struct Sequence {
    std::size_t length;
    unsigned char lowest;
    unsigned char highest;
};
constexpr Sequence sequence_of(unsigned char first) noexcept {
    if (first < 0x80) {
        return {1, 0, 0};
    }
    if (first < 0xC2 || first > 0xF4) {
        return {0, 0, 0};
    }
    if (first < 0xE0) {
        return {2, 0x80, 0xBF};
    }
    if (first < 0xF0) {
        return {3, static_cast<unsigned char>(first == 0xE0 ? 0xA0 : 0x80),
                static_cast<unsigned char>(first == 0xED ? 0x9F : 0xBF)};
    }
    return {4, static_cast<unsigned char>(first == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(first == 0xF4 ? 0x8F : 0xBF)};
}

/* How the text begins: with a whole character of this length, with a part of one, or wrongly (0). */
struct Front {
    std::size_t length;
    bool whole;
};
Front front_of(std::string_view text) noexcept {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
    for (std::size_t i = 1; i < sequence.length; ++i) {
        if (i == text.size()) {
            return {i, false};
        }
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < (i == 1 ? sequence.lowest : 0x80) || byte > (i == 1 ? sequence.highest : 0xBF)) {
            return {0, true};
        }
    }
    return {sequence.length, true};
}

/* How many bytes at the front are ASCII, counted by eights. */
std::size_t ascii_at_front(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; at + 32 <= text.size(); at += 32) {
        std::uint64_t words[4];
        std::memcpy(words, text.data() + at, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080U) != 0) {
            break;
        }
    }
    return at;
}

/* The characters of 0x80 to 0x9F in WIN1252; 0: none. */
constexpr std::array<std::uint16_t, 32> kWin1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

} // namespace

std::uint64_t first_invalid_utf8(Utf8Check &check, std::string_view part, bool last) noexcept {
    std::size_t at = 0;
    while (check.carried > 0 && at < part.size()) {
        check.unfinished[check.carried++] = part[at++];
        const Front front = front_of({check.unfinished, check.carried});
        if (front.length == 0) {
            return check.before;
        }
        if (front.whole) {
            check.before += check.carried;
            check.carried = 0;
        }
    }
    const std::size_t from = at;
    while (at < part.size()) {
        at += ascii_at_front(part.substr(at));
        if (at == part.size()) {
            break;
        }
        const Front front = front_of(part.substr(at));
        if (front.length == 0) {
            return check.before + (at - from);
        }
        if (!front.whole) {
            check.carried = front.length;
            std::memcpy(check.unfinished, part.data() + at, check.carried);
            break;
        }
        at += front.length;
    }
    check.before += at - from;
    return last && check.carried > 0 ? check.before : kAllValid;
}

std::size_t first_undefined(std::string_view part, FileEncoding encoding) noexcept {
    if (encoding == FileEncoding::win1252) {
        for (std::size_t i = 0; i < part.size(); ++i) {
            const auto byte = static_cast<unsigned char>(part[i]);
            if (byte >= 0x80 && byte < 0xA0 && kWin1252[byte - 0x80U] == 0) {
                return i;
            }
        }
    }
    return part.size();
}

std::size_t to_utf8(std::string_view part, FileEncoding encoding, char *out) noexcept {
    char *end = out;
    for (const char c : part) {
        const auto byte = static_cast<unsigned char>(c);
        const unsigned code =
            encoding == FileEncoding::win1252 && byte >= 0x80 && byte < 0xA0 ? kWin1252[byte - 0x80U] : byte;
        if (code < 0x80) {
            *end++ = c;
        } else if (code < 0x800) {
            *end++ = static_cast<char>(0xC0 | code >> 6);
            *end++ = static_cast<char>(0x80 | (code & 0x3F));
        } else {
            *end++ = static_cast<char>(0xE0 | code >> 12);
            *end++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
            *end++ = static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return static_cast<std::size_t>(end - out);
}

const char *wide_encoding(std::string_view front) noexcept {
    using namespace std::string_view_literals;
    if (front.starts_with("\xFF\xFE\0\0"sv) || front.starts_with("\0\0\xFE\xFF"sv)) {
        return "UTF-32";
    }
    return front.starts_with("\xFF\xFE"sv) || front.starts_with("\xFE\xFF"sv) ? "UTF-16" : "";
}

std::size_t without_cut_character(std::string_view text) noexcept {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) != 0x80) {
            return sequence_of(byte).length > back ? text.size() - back : text.size();
        }
    }
    return text.size();
}

} // namespace tradeup
