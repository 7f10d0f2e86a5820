/*
 * Kinds of cells: their words around numbers, their domains, their faults.
 */
#include "core/loading/cells.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "core/loading/currency_words.hpp"
#include "core/loading/dates.hpp"
#include "core/loading/numbers.hpp"
#include "core/number/currency.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::array<std::string_view, 8> kNothing{"null", "n/a", "n.a.", "-", "--", "\u2013", "\u2014", "?"};
constexpr std::array<std::string_view, 4> kNothingButText{"na", "none", "nil", "tbd"};

constexpr const char *kNoNumber = "not a number";
constexpr const char *kNoYear = "not a year";
constexpr const char *kNoDate = "not a date";
constexpr Decimal kLargestAmount{1'000'000'000'000, 0};
constexpr int kMostDecimals = 12; // as many as columns of amounts may have

enum class Unit { kilometers, miles };
constexpr std::array<Word<Unit>, 14> kUnits{{{"km", Unit::kilometers},
                                             {"kms", Unit::kilometers},
                                             {"kilometer", Unit::kilometers},
                                             {"kilometers", Unit::kilometers},
                                             {"kilometre", Unit::kilometers},
                                             {"kilometres", Unit::kilometers},
                                             {"kilometros", Unit::kilometers},
                                             {"kil\u00F3metros", Unit::kilometers},
                                             {"mi", Unit::miles},
                                             {"mls", Unit::miles},
                                             {"mile", Unit::miles},
                                             {"miles", Unit::miles},
                                             {"millas", Unit::miles},
                                             {"Meilen", Unit::miles}}};

bool same_but_for_case(std::string_view a, std::string_view lower) noexcept {
    const auto same = [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; };
    return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), same);
}

Cell faulty(const char *fault) noexcept {
    return {{}, fault};
}

Cell holding(Decimal value) noexcept {
    Cell cell{{}, nullptr};
    const DecimalText text = fixed_text(value.coefficient, static_cast<int>(value.scale));
    static_assert(sizeof text.text == sizeof cell.text);
    std::memcpy(cell.text, text.text, sizeof cell.text);
    return cell;
}

Cell holding(Civil day) noexcept {
    Cell cell{{}, nullptr};
    std::snprintf(cell.text, sizeof cell.text, "%04lld-%02d-%02d", static_cast<long long>(day.year),
                  day.month, day.day);
    return cell;
}

bool is_number_kind(CellKind kind) noexcept {
    return kind == CellKind::price || kind == CellKind::amount || kind == CellKind::change ||
           kind == CellKind::kilometers;
}

/* What is wrong with the word before or after an amount; nullptr: nothing. */
const char *fault_of_word(std::string_view word, std::string_view currency) noexcept {
    if (word.empty()) {
        return nullptr;
    }
    switch (currency_word(word, currency)) {
    case CurrencyWord::fits:
        return nullptr;
    case CurrencyWord::other:
        return "in another currency";
    case CurrencyWord::unknown:
        break;
    }
    return kNoNumber;
}

/* 4,25,000/- is how India writes an amount without decimals. */
std::string_view without_flourish(std::string_view after) noexcept {
    return after.starts_with("/-") || after.starts_with("/=") ? trimmed(after.substr(2)) : after;
}

const char *fault_of_words(const WrittenNumber &number, std::string_view currency) noexcept {
    const char *fault = fault_of_word(number.before, currency);
    return fault != nullptr ? fault : fault_of_word(without_flourish(number.after), currency);
}

bool is_known_unit(std::string_view word, Unit &unit) noexcept {
    while (word.ends_with('.')) {
        word.remove_suffix(1);
    }
    for (const Word<Unit> &known : kUnits) {
        if (same_to_people(word, known.word)) {
            unit = known.value;
            return true;
        }
    }
    return word.empty();
}

/* What is wrong with the words around a number, of any currency; nullptr: nothing. */
const char *fault_of_surroundings(const WrittenNumber &number, CellKind kind) noexcept {
    Unit unit{};
    if (kind == CellKind::kilometers) {
        return number.before.empty() && is_known_unit(number.after, unit) ? nullptr : kNoNumber;
    }
    return fault_of_words(number, {});
}

/* The number of a cell, or its fault. */
struct Found {
    const char *fault;
    Decimal value;
};
Found found_number(const WrittenNumber &number, std::string_view said) noexcept {
    const Evidence evidence = evidence_of(number.digits);
    if (!evidence.point && !evidence.comma) {
        return {kNoNumber, {}};
    }
    if (said.empty() && evidence.differs) {
        return {"thousands or decimals? say decimal_mark", {}};
    }
    if (said == "." && !evidence.point) {
        return {"not a number with the decimal mark \".\"", {}};
    }
    if (said == "," && !evidence.comma) {
        return {"not a number with the decimal mark \",\"", {}};
    }
    const bool by_point = said.empty() ? evidence.point : said == ".";
    const ReadNumber read = read_digits(number.digits, by_point ? DecimalMark::point : DecimalMark::comma);
    if (read.spelling == Spelling::too_long) {
        return {"more than 18 digits", {}};
    }
    return {nullptr, {number.negative ? -read.value.coefficient : read.value.coefficient, read.value.scale}};
}

Cell read_amount(const WrittenNumber &number, Decimal value, CellKind kind,
                 std::string_view currency) noexcept {
    if (const char *fault = fault_of_words(number, currency)) {
        return faulty(fault);
    }
    const std::int32_t digits = currency.empty() ? kMostDecimals : currency_digits(currency);
    if (kind == CellKind::price && value.coefficient <= 0) {
        return faulty("not above 0");
    }
    if (kind == CellKind::amount && value.coefficient < 0) {
        return faulty("negative");
    }
    if (compare(value, kLargestAmount) > 0 ||
        compare({-value.coefficient, value.scale}, kLargestAmount) > 0) {
        return faulty("above 1000000000000");
    }
    if (normalized(value).scale > digits) {
        return faulty(currency.empty() ? "more than 12 decimals" : "more decimals than its currency has");
    }
    return holding(value);
}

/* Whole kilometres, half of one up. A mile is 1.609344 km (international yard and pound agreement, 1959). */
Cell read_kilometers(const WrittenNumber &number, Decimal value, std::string_view said_unit) noexcept {
    constexpr std::int64_t most = 2'147'483'647; // what an integer holds
    Unit unit = said_unit == "mi" ? Unit::miles : Unit::kilometers;
    if (!number.before.empty() || !is_known_unit(number.after, unit)) {
        return faulty(kNoNumber);
    }
    if (value.coefficient < 0) {
        return faulty("negative");
    }
    const Int128 per_million = unit == Unit::miles ? 1'609'344 : 1'000'000;
    const Int128 scale = Int128{kPowersOfTen[static_cast<std::size_t>(value.scale)]} * 1'000'000;
    const Int128 kilometers = (2 * Int128{value.coefficient} * per_million + scale) / (2 * scale);
    return kilometers > most ? faulty("above 2147483647 km")
                             : holding(decimal(static_cast<std::int64_t>(kilometers)));
}

Cell read_number(std::string_view cell, CellKind kind, std::string_view said,
                 std::string_view unit) noexcept {
    const std::optional<WrittenNumber> number = written_number(cell);
    if (!number) {
        return faulty(kNoNumber);
    }
    if (const char *fault = fault_of_surroundings(*number, kind)) {
        return faulty(fault);
    }
    const Found found = found_number(*number, said);
    if (found.fault != nullptr) {
        return faulty(found.fault);
    }
    return kind == CellKind::kilometers ? read_kilometers(*number, found.value, unit)
                                        : read_amount(*number, found.value, kind, unit);
}

/* 2012, and 2012.0 as spreadsheets write it. */
Cell read_year(std::string_view cell) noexcept {
    constexpr int lowest = 1886; // Benz's patent
    constexpr int highest = 2200;
    std::string_view text = trimmed(cell);
    if (const std::size_t mark = text.find_first_of(".,"); mark != std::string_view::npos) {
        if (mark + 1 == text.size() || text.find_first_not_of('0', mark + 1) != std::string_view::npos) {
            return faulty(kNoYear);
        }
        text = text.substr(0, mark);
    }
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return faulty(kNoYear);
    }
    std::int64_t year = 0;
    for (const char c : text) {
        year = year * 10 + (c - '0');
    }
    return year < lowest || year > highest ? faulty("not 1886 to 2200") : holding(decimal(year));
}

Cell read_day(std::string_view cell, std::string_view said) noexcept {
    const ReadDate date = read_date(cell);
    if (date.certain) {
        return holding(date.day);
    }
    if (!date.day_first && !date.month_first) {
        return faulty(kNoDate);
    }
    if (said.empty() && date.day_first && date.month_first && date.day.month != date.other.month) {
        return faulty("day or month first? say date_order");
    }
    const bool day_first = said.empty() ? date.day_first : said == "DMY";
    if (day_first ? !date.day_first : !date.month_first) {
        return faulty(day_first ? "not a date with the day first" : "not a date with the month first");
    }
    return holding(day_first ? date.day : date.other);
}

} // namespace

Cell read_cell(std::string_view cell, CellKind kind, std::string_view said, std::string_view unit) noexcept {
    if (kind == CellKind::year) {
        return read_year(cell);
    }
    return kind == CellKind::date ? read_day(cell, said) : read_number(cell, kind, said, unit);
}

const char *cell_evidence(std::string_view cell, CellKind kind) noexcept {
    if (kind == CellKind::date) {
        const ReadDate date = read_date(cell);
        return date.day_first == date.month_first ? "" : date.day_first ? "DMY" : "MDY";
    }
    const std::optional<WrittenNumber> number = is_number_kind(kind) ? written_number(cell) : std::nullopt;
    if (!number || fault_of_surroundings(*number, kind) != nullptr) {
        return "";
    }
    const Evidence evidence = evidence_of(number->digits);
    return evidence.point == evidence.comma ? "" : evidence.point ? "." : ",";
}

std::string_view filled_cell(std::string_view cell, bool is_text) noexcept {
    const std::string_view text = trimmed(cell);
    for (const std::string_view word : kNothing) {
        if (same_but_for_case(text, word)) {
            return {};
        }
    }
    for (const std::string_view word : kNothingButText) {
        if (!is_text && same_but_for_case(text, word)) {
            return {};
        }
    }
    return text;
}

} // namespace tradeup
