/*
 * The grammars of numbers and moments.
 */
#include "core/ingest/values.hpp"

#include <array>

#include "core/base/blank.hpp"
#include "core/finance/daycount.hpp"
#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(std::string_view text, std::string_view lower_word) noexcept {
    if (text.size() != lower_word.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lower_word[i]) {
            return false;
        }
    }
    return true;
}

void skip_blanks(std::string_view &text) noexcept {
    while (const std::size_t bytes = blank_at_front(text)) {
        text.remove_prefix(bytes);
    }
}

bool take(std::string_view &text, char c) noexcept {
    if (!text.starts_with(c)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/* A sign or a code of a currency at the front of the text. */
bool take_currency(std::string_view &text) noexcept {
    constexpr std::array<std::string_view, 7> kSigns{
        "US$",         "R$", "$", "\xE2\x82\xAC" /* euro */, "\xC2\xA3" /* pound */, "\xC2\xA5" /* yen */,
        "\xE2\x82\xB9" /* rupee */};
    for (const std::string_view sign : kSigns) {
        if (text.starts_with(sign)) {
            text.remove_prefix(sign.size());
            return true;
        }
    }
    const auto is_capital = [&](std::size_t i) { return text[i] >= 'A' && text[i] <= 'Z'; };
    if (text.size() >= 3 && is_capital(0) && is_capital(1) && is_capital(2) &&
        (text.size() == 3 || !is_capital(3))) {
        text.remove_prefix(3);
        return true;
    }
    return false;
}

/* coefficient * 10^exponent, of at most 18 significant digits; of more, `more` digits are left out behind
 * them, and are not all zero where `inexact`. */
struct Number {
    bool negative = false;
    std::int64_t coefficient = 0;
    std::int64_t exponent = 0;
    bool inexact = false;
};

void add_digit(Number &number, char c, bool behind_mark) noexcept {
    if (number.coefficient > kMaxCoefficient / 10) {
        number.inexact = number.inexact || c != '0';
        number.exponent += behind_mark ? 0 : 1;
        return;
    }
    number.coefficient = number.coefficient * 10 + (c - '0');
    number.exponent -= behind_mark ? 1 : 0;
}

std::size_t digits_at_front(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) {
        ++length;
    }
    return length;
}

/* The digits of a number and its exponent; false where they are none. */
bool take_digits(std::string_view &text, char mark, Number &number) noexcept {
    const char group = mark == '.' ? ',' : '.';
    std::size_t length = digits_at_front(text);
    bool any = length > 0;
    bool groups = length >= 1 && length <= 3 && text[0] != '0';
    while (true) {
        for (std::size_t i = 0; i < length; ++i) {
            add_digit(number, text[i], false);
        }
        text.remove_prefix(length);
        if (!text.starts_with(group)) {
            break;
        }
        text.remove_prefix(1);
        length = digits_at_front(text);
        if (!groups || length != 3) {
            return false;
        }
    }
    if (take(text, mark)) {
        length = digits_at_front(text);
        any = any || length > 0;
        for (std::size_t i = 0; i < length; ++i) {
            add_digit(number, text[i], true);
        }
        text.remove_prefix(length);
    }
    if (!any) {
        return false;
    }
    if (text.size() >= 2 && (text[0] == 'e' || text[0] == 'E')) {
        std::string_view rest = text.substr(1);
        const bool negative = rest.starts_with('-');
        if (negative || rest.starts_with('+')) {
            rest.remove_prefix(1);
        }
        length = digits_at_front(rest);
        if (length > 0) {
            std::int64_t exponent = 0;
            for (std::size_t i = 0; i < length; ++i) {
                exponent = exponent > 1'000'000 ? exponent : exponent * 10 + (rest[i] - '0');
            }
            number.exponent += negative ? -exponent : exponent;
            text = rest.substr(length);
        }
    }
    return true;
}

bool read_number(std::string_view text, char mark, Number &number) noexcept {
    text = trimmed(text);
    const auto take_sign = [&] {
        number.negative = text.starts_with('-');
        return take(text, '-') || take(text, '+');
    };
    const bool sign = take_sign();
    const bool currency = take_currency(text);
    if (currency) {
        skip_blanks(text);
        if (!sign) {
            (void)take_sign();
        }
    }
    if (!take_digits(text, mark, number)) {
        return false;
    }
    skip_blanks(text);
    return text.empty() || (!currency && take_currency(text) && text.empty());
}

/* Takes the zeros from the end of the coefficient, as long as there are decimals. */
void normalize(Number &number) noexcept {
    if (number.coefficient == 0) {
        number.exponent = 0;
    }
    while (number.exponent < 0 && number.coefficient % 10 == 0) {
        number.coefficient /= 10;
        ++number.exponent;
    }
}

/* The coefficient where the exponent is 0; false beyond 18 digits. Domain: no decimals. */
bool make_whole(Number &number) noexcept {
    while (number.exponent > 0) {
        if (number.coefficient > kMaxCoefficient / 10) {
            return false;
        }
        number.coefficient *= 10;
        --number.exponent;
    }
    return true;
}

/* Digits at the front of the text as a number; their count is between the bounds. */
bool take_part(std::string_view &text, std::size_t fewest, std::size_t most, std::int32_t &value,
               std::size_t &length) noexcept {
    length = digits_at_front(text);
    if (length < fewest || length > most) {
        return false;
    }
    value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(length);
    return true;
}

bool take_part(std::string_view &text, std::size_t fewest, std::size_t most, std::int32_t &value) noexcept {
    std::size_t length = 0;
    return take_part(text, fewest, most, value, length);
}

bool take_date(std::string_view &text, bool day_first, Civil &date) noexcept {
    std::int32_t first = 0;
    std::int32_t second = 0;
    std::int32_t third = 0;
    std::size_t length = 0;
    if (!take_part(text, 1, 4, first, length) || text.empty()) {
        return false;
    }
    const char separator = text[0];
    const bool year_first = length == 4;
    if ((separator != '-' && separator != '/' && (separator != '.' || year_first)) || length == 3) {
        return false;
    }
    text.remove_prefix(1);
    if (!take_part(text, 1, 2, second) || !take(text, separator)) {
        return false;
    }
    if (year_first) {
        date = {first, second, 0};
        return take_part(text, 1, 2, date.day);
    }
    if (!take_part(text, 2, 4, third, length) || length == 3) {
        return false;
    }
    const std::int32_t year = length == 4 ? third : third + (third < 70 ? 2000 : 1900);
    date = day_first ? Civil{year, second, first} : Civil{year, first, second};
    return true;
}

/* The time of a day in microseconds. */
bool take_time(std::string_view &text, std::int64_t &time) noexcept {
    std::int32_t hour = 0;
    std::int32_t minute = 0;
    std::int32_t second = 0;
    std::int64_t fraction = 0;
    if (!take_part(text, 1, 2, hour) || !take(text, ':') || !take_part(text, 2, 2, minute)) {
        return false;
    }
    if (take(text, ':')) {
        if (!take_part(text, 2, 2, second)) {
            return false;
        }
        if (take(text, '.') || take(text, ',')) {
            const std::size_t length = digits_at_front(text);
            if (length == 0) {
                return false;
            }
            for (std::size_t i = 0; i < 6; ++i) {
                fraction = fraction * 10 + (i < length ? text[i] - '0' : 0);
            }
            text.remove_prefix(length);
        }
    }
    std::string_view rest = text;
    skip_blanks(rest);
    if (rest.size() >= 2 && lower(rest[1]) == 'm' && (lower(rest[0]) == 'a' || lower(rest[0]) == 'p')) {
        if (hour < 1 || hour > 12) {
            return false;
        }
        hour = hour % 12 + (lower(rest[0]) == 'p' ? 12 : 0);
        text = rest.substr(2);
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    time = ((std::int64_t{hour} * 60 + minute) * 60 + second) * 1'000'000 + fraction;
    return true;
}

/* The zone in minutes east of UTC; nothing at the front of the text: `said` stays false. */
bool take_zone(std::string_view &text, std::int32_t &east, bool &said) noexcept {
    skip_blanks(text);
    if (text.empty()) {
        return true;
    }
    said = true;
    if (is_word(text, "z") || is_word(text, "utc") || is_word(text, "gmt")) {
        text = {};
        return true;
    }
    const bool negative = text[0] == '-';
    std::int32_t hours = 0;
    std::int32_t minutes = 0;
    if ((!take(text, '-') && !take(text, '+')) || digits_at_front(text) < 2) {
        return false;
    }
    hours = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    (void)take(text, ':');
    if (!take_part(text, 2, 2, minutes) || hours > 15 || minutes > 59) {
        return false;
    }
    east = (hours * 60 + minutes) * (negative ? -1 : 1);
    return text.empty();
}

/* Amounts as nearly all are: digits, at most 10 before the mark and 4 behind it, and nothing else. */
bool read_plain_amount(std::string_view text, char mark, Amount &amount) noexcept {
    constexpr std::size_t kMostWhole = 10;
    constexpr std::size_t kMostBehind = 4;
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const std::size_t whole = digits_at_front(text);
    const std::size_t behind = whole < text.size() ? text.size() - whole - 1 : 0;
    if (whole < 1 || whole > kMostWhole || behind > kMostBehind ||
        (whole < text.size() && (text[whole] != mark || behind == 0))) {
        return false;
    }
    std::int64_t units = 0;
    for (std::size_t i = 0; i < whole; ++i) {
        units = units * 10 + (text[i] - '0');
    }
    for (std::size_t i = whole + 1; i < text.size(); ++i) {
        if (!is_digit(text[i])) {
            return false;
        }
        units = units * 10 + (text[i] - '0');
    }
    amount = {negative ? -units : units, static_cast<std::int32_t>(behind)};
    return true;
}

/* Moments as most exports write them: 2025-01-15T10:30:00Z; false for all else, and for what is no moment. */
bool read_plain_moment(std::string_view text, Moment &moment) noexcept {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    if (text.size() != kForm.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) {
            return false;
        }
    }
    const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    const Civil date{two(0) * 100 + two(2), two(5), two(8)};
    if (date.year <= 1900 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month) || two(11) > 23 || two(14) > 59 || two(17) > 59) {
        return false;
    }
    const std::int64_t seconds =
        days_from_civil(date) * 86'400 + (std::int64_t{two(11)} * 60 + two(14)) * 60 + two(17);
    moment = {seconds * 1'000'000, true, false};
    return true;
}

} // namespace

Reason read_amount(std::string_view text, char decimal_mark, Amount &amount) noexcept {
    constexpr std::int64_t kBound = 10'000'000'000;
    constexpr std::int64_t kMostDecimals = 4;
    if (read_plain_amount(text, decimal_mark, amount)) {
        return Reason::none;
    }
    Number number;
    if (!read_number(text, decimal_mark, number)) {
        return Reason::not_a_number;
    }
    /* As many decimals as were written, up to four. */
    while (number.exponent < -kMostDecimals && number.coefficient % 10 == 0 && number.coefficient != 0) {
        number.coefficient /= 10;
        ++number.exponent;
    }
    if (number.coefficient == 0 && !number.inexact) {
        amount = {0, static_cast<std::int32_t>(number.exponent > 0                ? 0
                                               : number.exponent < -kMostDecimals ? kMostDecimals
                                                                                  : -number.exponent)};
        return Reason::none;
    }
    if (number.exponent > 0 && !make_whole(number)) {
        return Reason::out_of_range;
    }
    /* Of a number with more decimals the whole part decides. */
    const std::int64_t decimals = -number.exponent;
    const std::int64_t whole =
        decimals >= 18 ? 0 : number.coefficient / kPowersOfTen[static_cast<std::size_t>(decimals)];
    if (whole >= kBound) {
        return Reason::out_of_range;
    }
    if (decimals > kMostDecimals || number.inexact) {
        return Reason::too_many_decimals;
    }
    amount = {number.negative ? -number.coefficient : number.coefficient,
              static_cast<std::int32_t>(decimals)};
    return Reason::none;
}

Reason read_count(std::string_view text, char decimal_mark, std::int32_t &count) noexcept {
    if (text.size() == 1 && is_digit(text[0])) {
        count = text[0] - '0';
        return Reason::none;
    }
    Number number;
    if (!read_number(text, decimal_mark, number)) {
        return Reason::not_a_number;
    }
    normalize(number);
    if (number.exponent < 0) {
        return Reason::not_an_integer;
    }
    if (number.coefficient != 0 && !make_whole(number)) {
        return Reason::out_of_range;
    }
    const std::int64_t value = number.negative ? -number.coefficient : number.coefficient;
    if (value > INT32_MAX || value < INT32_MIN) {
        return Reason::out_of_range;
    }
    if (number.inexact) {
        return Reason::not_an_integer;
    }
    count = static_cast<std::int32_t>(value);
    return Reason::none;
}

Reason read_moment(std::string_view text, bool day_first, Moment &moment) noexcept {
    constexpr std::int64_t kDay = 86'400'000'000;
    constexpr std::int64_t kMinute = 60'000'000;
    if (read_plain_moment(text, moment)) {
        return Reason::none;
    }
    text = trimmed(text);
    Civil date{};
    std::int64_t time = 0;
    std::int32_t east = 0;
    bool said = false;
    if (!take_date(text, day_first, date)) {
        return Reason::not_a_date;
    }
    if (!text.empty()) {
        if (text[0] == 'T' || text[0] == 't') {
            text.remove_prefix(1);
        } else {
            const std::size_t before = text.size();
            skip_blanks(text);
            if (text.size() == before) {
                return Reason::not_a_date;
            }
        }
        if (!take_time(text, time) || !take_zone(text, east, said)) {
            return Reason::not_a_date;
        }
    }
    moment = {0, said, true};
    if ((date.year == 0 && date.month == 0 && date.day == 0) ||
        (date.year == 1900 && date.month == 1 && date.day == 1)) {
        return Reason::none;
    }
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month)) {
        return Reason::not_a_date;
    }
    moment = {days_from_civil(date) * kDay + time - east * kMinute, said, false};
    return Reason::none;
}

std::string_view filled(std::string_view cell, bool is_text) noexcept {
    const std::string_view text = trimmed(cell);
    if (text.size() > 4 || text.empty()) {
        return text;
    }
    const bool nothing = is_word(text, "null") ||
                         (!is_text && (is_word(text, "n/a") || is_word(text, "na") || is_word(text, "none")));
    return nothing ? std::string_view{} : text;
}

} // namespace tradeup
