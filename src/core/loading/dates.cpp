/*
 * The grammar of days as people write them.
 */
#include "core/loading/dates.hpp"

#include <cstdint>

#include "core/loading/numbers.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* A run of digits at the front of a text, which it is taken from. */
struct Run {
    std::int32_t value;
    std::size_t length;
};
Run take_run(std::string_view &text) noexcept {
    Run run{0, 0};
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && run.length < 8) {
        run.value = run.value * 10 + (text.front() - '0');
        ++run.length;
        text.remove_prefix(1);
    }
    return run;
}

constexpr bool is_day(Civil day) noexcept {
    return day.year >= 1 && day.month >= 1 && day.month <= 12 && day.day >= 1 &&
           day.day <= days_in_month(day.year, day.month);
}

/* Whether what follows a day can be a time, with or without a zone. */
bool is_time(std::string_view text) noexcept {
    return text.empty() || ((text.front() == ' ' || text.front() == 'T') && text.size() >= 5 &&
                            text.find_first_not_of("0123456789:.+-Z ", 1) == std::string_view::npos);
}

constexpr bool is_separator(char c) noexcept {
    return c == '-' || c == '/' || c == '.';
}

} // namespace

ReadDate read_date(std::string_view text) noexcept {
    constexpr ReadDate none{};
    text = trimmed(text);
    const Run first = take_run(text);
    if (first.length == 8) {
        const Civil day{first.value / 10000, first.value / 100 % 100, first.value % 100};
        return is_time(text) && is_day(day) ? ReadDate{true, false, false, day, {}} : none;
    }
    if (first.length == 0 || text.empty() || !is_separator(text.front())) {
        return none;
    }
    const char separator = text.front();
    text.remove_prefix(1);
    const Run second = take_run(text);
    if (second.length < 1 || second.length > 2 || text.empty() || text.front() != separator) {
        return none;
    }
    text.remove_prefix(1);
    const Run third = take_run(text);
    if (!is_time(text)) {
        return none;
    }
    if (first.length == 4 && third.length >= 1 && third.length <= 2) {
        const Civil day{first.value, second.value, third.value};
        return is_day(day) ? ReadDate{true, false, false, day, {}} : none;
    }
    if (first.length > 2 || third.length != 4) {
        return none;
    }
    const Civil day{third.value, second.value, first.value};
    const Civil other{third.value, first.value, second.value};
    return {false, is_day(day), is_day(other), day, other};
}

} // namespace tradeup
