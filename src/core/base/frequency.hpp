/*
 * How often money is paid: the words for it, which every function that takes a frequency shares.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

enum class Frequency : std::int32_t {
    monthly,
    semimonthly,
    biweekly,
    weekly,
    quarterly,
    semiannually,
    yearly
};

inline constexpr Words<Frequency, 10> kFrequencies{{{"monthly", Frequency::monthly},
                                                    {"semimonthly", Frequency::semimonthly},
                                                    {"bi-weekly", Frequency::biweekly},
                                                    {"weekly", Frequency::weekly},
                                                    {"quarterly", Frequency::quarterly},
                                                    {"semiannually", Frequency::semiannually},
                                                    {"yearly", Frequency::yearly},
                                                    {"fortnightly", Frequency::biweekly},
                                                    {"annually", Frequency::yearly},
                                                    {"annual", Frequency::yearly}}};

/* The frequency of its name, as people write it. Errors: bad_value with a hint of all names. */
inline Result<Frequency> parse_frequency(std::string_view name) noexcept {
    return value_as_written(kFrequencies, name, "frequency");
}

constexpr std::int32_t payments_a_year(Frequency frequency) noexcept {
    switch (frequency) {
    case Frequency::monthly:
        return 12;
    case Frequency::semimonthly:
        return 24;
    case Frequency::biweekly:
        return 26;
    case Frequency::weekly:
        return 52;
    case Frequency::quarterly:
        return 4;
    case Frequency::semiannually:
        return 2;
    case Frequency::yearly:
        break;
    }
    return 1;
}

} // namespace tradeup
