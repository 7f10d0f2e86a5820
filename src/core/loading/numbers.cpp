/*
 * The grammar of numbers as people write them.
 */
#include "core/loading/numbers.hpp"

#include <array>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/* The minus sign U+2212; dashes U+2013 and U+2014; the apostrophe U+2019. */
constexpr std::string_view kMinus = "\xE2\x88\x92";
constexpr std::array<std::string_view, 4> kDashes{"\xE2\x80\x93", "\xE2\x80\x94", "--", "-"};
constexpr std::string_view kApostrophe = "\xE2\x80\x99";

/* What parts two groups at the front of the text: its kind, `.`, `,`, `'` or ` `, and its bytes. */
struct Separator {
    char kind;
    std::size_t bytes;
};
Separator separator_at_front(std::string_view text) noexcept {
    if (text.empty()) {
        return {'\0', 0};
    }
    if (text.front() == '.' || text.front() == ',' || text.front() == '\'') {
        return {text.front(), 1};
    }
    if (text.starts_with(kApostrophe)) {
        return {'\'', kApostrophe.size()};
    }
    const std::size_t blank = blank_at_front(text);
    return {blank > 0 ? ' ' : '\0', blank};
}

/* How many bytes a dash in place of decimals takes; 0: there is none. */
std::size_t dash_at_front(std::string_view text) noexcept {
    for (const std::string_view dash : kDashes) {
        if (text.starts_with(dash)) {
            return dash.size();
        }
    }
    return 0;
}

/* Where the number that begins at the front of the text ends. */
std::size_t end_of_digits(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (is_digit(text[at])) {
            ++at;
            continue;
        }
        const Separator separator = separator_at_front(text.substr(at));
        const std::string_view rest = text.substr(at + separator.bytes);
        if (separator.kind != '\0' && !rest.empty() && is_digit(rest.front())) {
            at += separator.bytes;
            continue;
        }
        if (separator.kind == '.' || separator.kind == ',') {
            at += dash_at_front(rest) > 0 ? separator.bytes + dash_at_front(rest) : 0;
        }
        break;
    }
    return at;
}

/* Takes a sign from the end or the front of what stands before a number. */
bool take_minus(std::string_view &before) noexcept {
    for (const std::string_view sign : {std::string_view("-"), kMinus}) {
        if (before.ends_with(sign)) {
            before = trimmed(before.substr(0, before.size() - sign.size()));
            return true;
        }
        if (before.starts_with(sign)) {
            before = trimmed(before.substr(sign.size()));
            return true;
        }
    }
    return false;
}

/* Groups of digits from the first: how many there were, and whether their lengths are those of thousands in
 * threes or, as in India, in twos before the last three. */
struct Groups {
    int count = 0;
    std::size_t length = 0; // digits of the group at hand
    bool threes = true;
    bool twos = true;

    /* A group ends before a separator. */
    void end_one() noexcept {
        const bool first = count++ == 0;
        threes = threes && (first ? length >= 1 && length <= 3 : length == 3);
        twos = twos && (first ? length >= 1 && length <= 2 : length == 2);
        length = 0;
    }
    /* The last group ends. */
    bool end_well() const noexcept { return count == 0 || (length == 3 && (threes || twos)); }
};

/* Adds a digit to a coefficient; false beyond 18 digits. */
bool add_digit(std::int64_t &coefficient, char c) noexcept {
    if (coefficient > kMaxCoefficient / 10) {
        return false;
    }
    coefficient = coefficient * 10 + (c - '0');
    return true;
}

} // namespace

std::optional<WrittenNumber> written_number(std::string_view text) noexcept {
    text = trimmed(text);
    std::size_t first = 0;
    while (first < text.size() && !is_digit(text[first])) {
        ++first;
    }
    if (text.size() > kLongestNumber || first == text.size()) {
        return std::nullopt;
    }
    /* .5 begins with its mark; the point of Rs.500 belongs to the word. */
    if (first > 0 && (text[first - 1] == '.' || text[first - 1] == ',')) {
        const std::string_view ahead = text.substr(0, first - 1);
        const char last = ahead.empty() ? ' ' : ahead.back();
        if (!((last >= 'A' && last <= 'Z') || (last >= 'a' && last <= 'z'))) {
            --first;
        }
    }
    WrittenNumber number{trimmed(text.substr(0, first)), {}, {}, false};
    const std::size_t length = first < text.size() && !is_digit(text[first])
                                   ? 1 + end_of_digits(text.substr(first + 1))
                                   : end_of_digits(text.substr(first));
    number.digits = text.substr(first, length);
    number.after = trimmed(text.substr(first + length));
    number.negative = take_minus(number.before);
    if (!number.negative && number.before.ends_with('+')) {
        number.before = trimmed(number.before.substr(0, number.before.size() - 1));
    }
    return number;
}

ReadNumber read_digits(std::string_view digits, DecimalMark mark) noexcept {
    constexpr ReadNumber wrong{Spelling::wrong, {}};
    ReadNumber read{Spelling::right, {}};
    Groups groups;
    char grouped_by = '\0';
    bool leading_zero = false;
    std::size_t at = 0;
    for (; at < digits.size(); ++at) {
        if (is_digit(digits[at])) {
            leading_zero = leading_zero || (at == 0 && digits[at] == '0');
            ++groups.length;
            if (!add_digit(read.value.coefficient, digits[at])) {
                read.spelling = Spelling::too_long;
            }
            continue;
        }
        const Separator separator = separator_at_front(digits.substr(at));
        if (separator.kind == static_cast<char>(mark)) {
            break;
        }
        if (separator.kind == '\0' || (grouped_by != '\0' && grouped_by != separator.kind)) {
            return wrong;
        }
        grouped_by = separator.kind;
        groups.end_one();
        at += separator.bytes - 1;
    }
    if (!groups.end_well() || (leading_zero && groups.count > 0)) {
        return wrong;
    }
    if (at == digits.size()) {
        return read;
    }
    const bool whole = at > 0;
    const std::string_view decimals = digits.substr(at + 1);
    if (dash_at_front(decimals) > 0 && dash_at_front(decimals) == decimals.size()) {
        return whole ? read : wrong;
    }
    for (const char c : decimals) {
        if (!is_digit(c)) {
            return wrong;
        }
        ++read.value.scale;
        if (read.value.scale > kMaxScale || !add_digit(read.value.coefficient, c)) {
            read.spelling = Spelling::too_long;
        }
    }
    return decimals.empty() ? wrong : read;
}

Evidence evidence_of(std::string_view digits) noexcept {
    const ReadNumber point = read_digits(digits, DecimalMark::point);
    const ReadNumber comma = read_digits(digits, DecimalMark::comma);
    const bool by_point = point.spelling != Spelling::wrong;
    const bool by_comma = comma.spelling != Spelling::wrong;
    return {by_point, by_comma,
            by_point && by_comma &&
                (point.spelling != comma.spelling || point.value.scale != comma.value.scale)};
}

} // namespace tradeup
