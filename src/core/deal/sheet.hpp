/*
 * The worksheet of a deal at a price: from the price to the amount financed, what is due at signing, what a
 * payment is made of, what all payments come to, and what the credit costs. Each part adds up to the cent.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The parts of a sheet, in their order. */
enum class SheetPart : std::int32_t {
    amount_financed,
    due_at_signing,
    payment,
    total_of_payments,
    at_the_end,
    finance_charge
};

/* How a line is settled. Each payment: monthly, or as frequent as the payments are. */
enum class Settled : std::int32_t {
    financed,
    due_at_signing,
    each_payment,
    first_payment,
    over_the_term,
    at_the_end,
    sum
};

/* One line, in minor units; what lowers the sum of its part is negative. */
struct SheetLine {
    SheetPart part;
    Settled settled;
    const char *name;
    std::int64_t amount;
};

/* The most lines: every part with all that it can have. */
inline constexpr std::size_t kMaxSheetLines = 64;

struct Sheet {
    std::size_t count;
    SheetLine lines[kMaxSheetLines];
    std::int64_t prepaid; // the part of the finance charge that stands before the first payment

    std::span<const SheetLine> all() const noexcept { return {lines, count}; }
};

/* The name of a part, which is that of its sum, and the word for how a line is settled. */
const char *name_of(SheetPart part) noexcept;
const char *word_of(Settled settled, Frequency payments) noexcept;

/*
 * The sheet of a deal at a price. Every line but those called `rounding` is an amount of the terms, rounded
 * as they say, and lines of 0 are left out. The lines of a part add up to its last, the sum: the amount
 * financed, the amount due at signing and the payment are those of amount_at and due_at_signing_at, and where
 * the rounded lines come to another figure a line `rounding` is the difference; total of payments and finance
 * charge are sums of a schedule's rows, of which nothing is rounded again. The finance charge is what the
 * credit itself costs: interest with its tax, service, opening and acquisition fee and the fee at the end; a
 * lease has none. The part of what is due at the end is there when something is.
 * Errors: those of begin_schedule and amount_at.
 */
Result<Sheet> sheet_at(const Deal &deal, std::int64_t price_minor) noexcept;

/* The money factor of a lease, half the taxed rate of a month, rounded half up to so many decimals (at most
 * 12) and counted in the last of them. Errors: out_of_memory. */
Result<std::int64_t> lease_money_factor(const Terms &terms, int digits) noexcept;

} // namespace tradeup
