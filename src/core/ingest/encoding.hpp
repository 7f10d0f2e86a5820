/*
 * Encodings of files: whether bytes are UTF-8, and bytes of one-byte encodings as UTF-8.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

enum class FileEncoding { utf8, win1252, latin1, automatic };

inline constexpr Words<FileEncoding, 4> kFileEncodings{{{"UTF8", FileEncoding::utf8},
                                                        {"WIN1252", FileEncoding::win1252},
                                                        {"LATIN1", FileEncoding::latin1},
                                                        {"auto", FileEncoding::automatic}}};

/* A check of bytes that come in parts. All zero at first. */
struct Utf8Check {
    std::uint64_t before; // bytes of earlier parts, but for the character that they end in
    char unfinished[4];   // that character, as far as it came
    std::size_t carried;  // its bytes
};

inline constexpr std::uint64_t kAllValid = UINT64_MAX;

/*
 * Checks the next part: where in the file the first byte is that begins no character of Unicode in its
 * shortest form (RFC 3629); kAllValid: nowhere. With `last` a character must not be unfinished.
 */
std::uint64_t first_invalid_utf8(Utf8Check &check, std::string_view part, bool last) noexcept;

/* Where the first byte is that the encoding does not have: five in WIN1252, none in LATIN1. */
std::size_t first_undefined(std::string_view part, FileEncoding encoding) noexcept;

/* The bytes as UTF-8, into room for three times as many; how many they are then. Domain: WIN1252, LATIN1. */
std::size_t to_utf8(std::string_view part, FileEncoding encoding, char *out) noexcept;

/* The name of the UTF-16 or UTF-32 whose byte order mark a file begins with; empty: none. */
const char *wide_encoding(std::string_view front) noexcept;

/* The length of the text without a character that is cut at its end. */
std::size_t without_cut_character(std::string_view text) noexcept;

} // namespace tradeup
