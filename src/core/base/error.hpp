/*
 * What a core function says when it cannot answer: a kind, and the three texts of a PostgreSQL-style report.
 */
#pragma once

#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <type_traits>

#include <tl/expected.hpp>

#include "core/base/pure.hpp"

namespace tradeup {

enum class ErrorKind {
    bad_value,     // a parameter outside its domain
    out_of_range,  // a number too large to hold
    bad_text,      // a text that does not parse
    out_of_memory, // an allocation failed
    cancelled,     // the caller asked to stop
    internal       // an exception nobody expected; the message holds its text
};

/*
 * A report with no destructor, so that it may be alive when PostgreSQL jumps.
 * The message is short and lower case, detail and hint are sentences or empty.
 */
struct Error {
    ErrorKind kind;
    char message[160];
    char detail[240];
    char hint[400];
};

static_assert(std::is_trivially_destructible_v<Error>);

template <typename T>
using Result = tl::expected<T, Error>;

/*
 * How many bytes of a UTF-8 text to show when at most `most` fit: never part of a character. For `%.*s`.
 */
inline int shown_bytes(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) {
        return static_cast<int>(text.size());
    }
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) {
        --most;
    }
    return static_cast<int>(most);
}

/* What vsnprintf does, but never with a part of a character at the end of what did not fit. */
[[gnu::format(printf, 3, 0)]] inline void print_cut(char *out, std::size_t size, const char *format,
                                                    std::va_list arguments) noexcept {
    const int wanted = std::vsnprintf(out, size, format, arguments);
    if (wanted < 0 || static_cast<std::size_t>(wanted) < size) {
        return;
    }
    std::size_t end = size - 1;
    while (end > 0 && (static_cast<unsigned char>(out[end - 1]) & 0xC0) == 0x80) {
        --end;
    }
    if (end > 0 && (static_cast<unsigned char>(out[end - 1]) & 0xC0) == 0xC0) {
        --end;
    }
    out[end] = '\0';
}

/* An error with formatted texts; each text is cut at its buffer. */
[[gnu::format(printf, 2, 3)]] inline Error make_error(ErrorKind kind, const char *format, ...) noexcept {
    Error error{kind, {}, {}, {}};
    std::va_list arguments;
    va_start(arguments, format);
    print_cut(error.message, sizeof error.message, format, arguments);
    va_end(arguments);
    return error;
}

/* The same error with a detail sentence. */
[[gnu::format(printf, 2, 3)]] inline Error with_detail(Error error, const char *format, ...) noexcept {
    std::va_list arguments;
    va_start(arguments, format);
    print_cut(error.detail, sizeof error.detail, format, arguments);
    va_end(arguments);
    return error;
}

/* The same error with a hint sentence. */
[[gnu::format(printf, 2, 3)]] inline Error with_hint(Error error, const char *format, ...) noexcept {
    std::va_list arguments;
    va_start(arguments, format);
    print_cut(error.hint, sizeof error.hint, format, arguments);
    va_end(arguments);
    return error;
}

} // namespace tradeup
