/*
 * Numerics in and out: as exact decimals, as minor units of money, as rates.
 */
#pragma once

#include <cstring>

#include "core/number/decimal.hpp"

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/numeric.h"
}

namespace tradeup {

/* A numeric as an exact decimal. Errors: 22023 for NaN and infinities, 22003 beyond 18 digits; `what` is its
 * name. */
Decimal to_decimal(Datum numeric, const char *what);

/*
 * The yearly rate, a fraction, of two arguments of which one is given: annual_rate, a fraction up to 1, or
 * annual_percent. Errors: 22023 beyond their bounds, or where both are given; the caller has checked that one
 * is.
 */
Decimal to_rate(const NullableDatum &annual_rate, const NullableDatum &annual_percent);

/* The same where only annual_rate is taken. */
Decimal to_rate(Datum annual_rate);

/*
 * A numeric as a whole number of minor units, for amounts that the caller gives: not negative, at most the
 * dearest price, no more decimals than the currency. Errors: 22023 and 22003 as it breaks these; `what` is
 * its name. With `floor` more decimals are cut off, because an amount between two minor units allows what the
 * lower one allows.
 */
std::int64_t to_minor(Datum numeric, std::int32_t minor_digits, const char *what, bool floor = false);

/* Stands for no price in minor units. */
inline constexpr std::int64_t kNoMinor = -1;

/* A numeric as a whole number of minor units; kNoMinor where to_minor would raise an error. */
std::int64_t minor_or_none(Datum numeric, std::int32_t minor_digits);

/*
 * A numeric as a bound of prices in minor units: the least price that is not below it (`up`), or the greatest
 * that is not above it. One beyond the dearest price is kMaxPriceMinor + 1; a negative one 0 or kNoMinor.
 * Errors: 22023 for NaN and infinities.
 */
std::int64_t minor_bound(Datum numeric, std::int32_t minor_digits, bool up);

/* The numeric units * 10^-scale, shown with scale decimals (0 to 8). */
Datum to_numeric(std::int64_t units, int scale);

/* Room for any numeric that to_numeric makes: its length, a word of its sign and scale, and up to 9 digits
 * of base 10000, of which it uses 6 at most. */
struct NumericRoom {
    alignas(MAXIMUM_ALIGNOF) char bytes[VARHDRSZ + 10 * sizeof(std::uint16_t)];
};

/* The same, written into `room`, which must outlive every use of the result. */
Datum to_numeric(std::int64_t units, int scale, NumericRoom &room);

/* The same of a number that may need 128 bits. */
Datum wide_numeric(Int128 units, int scale);

/* A decimal as a numeric that shows the same digits. */
Datum decimal_datum(Decimal value);

/* A numeric as it is printed. */
char *shown_numeric(Datum numeric);

/* Whether a > b, as numerics compare. */
bool is_above(Datum a, Datum b);

/*
 * The fast path of to_minor: the price of a positive numeric of 1 to 4 base-10000 digits in a currency with 2
 * decimals, as nearly every price is; -1 for all else. The layout is explained in numeric.cpp.
 */
[[gnu::always_inline]] inline std::int64_t common_price(Datum numeric, std::int32_t minor_digits) {
    const auto *stored = reinterpret_cast<const struct varlena *>(DatumGetPointer(numeric));
    const char *data = nullptr;
    int digits = 0;
    if (VARATT_IS_1B(stored) && !VARATT_IS_1B_E(stored)) {
        data = VARDATA_1B(stored);
        digits = static_cast<int>(VARSIZE_1B(stored) - VARHDRSZ_SHORT) / 2 - 1;
    } else if (VARATT_IS_4B_U(stored)) {
        data = VARDATA_4B(stored);
        digits = static_cast<int>(VARSIZE_4B(stored) - VARHDRSZ) / 2 - 1;
    }
    if (minor_digits != 2 || digits < 1 || digits > 4) {
        return -1;
    }
    std::uint16_t header = 0;
    std::memcpy(&header, data, sizeof header);
    /* Short form, no sign, weight 0 to 3: the bits that say otherwise are all clear. */
    const int weight = header & 0x003F;
    if ((header & 0xE040) != 0x8000 || weight > 3) {
        return -1;
    }
    const auto digit = [data](std::ptrdiff_t i) {
        std::uint16_t word = 0;
        std::memcpy(&word, data + 2 * i, sizeof word);
        return std::uint64_t{word};
    };
    std::uint64_t number = digit(1);
    switch (digits) {
    case 4:
        number = ((number * 10000 + digit(2)) * 10000 + digit(3)) * 10000 + digit(4);
        break;
    case 3:
        number = (number * 10000 + digit(2)) * 10000 + digit(3);
        break;
    case 2:
        number = number * 10000 + digit(2);
        break;
    default:
        break;
    }
    const int missing = weight + 1 - digits; // base-10000 digits to the point; -1: one digit stands behind it
    if (missing == -1) {
        return number % 100 == 0 ? static_cast<std::int64_t>(number / 100) : -1;
    }
    static constexpr std::uint64_t kScale[] = {100, 1'000'000, 10'000'000'000, 100'000'000'000'000};
    if (missing < 0 || digits + missing > 3) {
        return -1;
    }
    return static_cast<std::int64_t>(number * kScale[missing]);
}

} // namespace tradeup
