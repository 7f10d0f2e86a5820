/*
 * The terms of a deal: every figure of a finance program, of a customer and of a term that an offer depends
 * on, as exact decimals, with their names, defaults and domains in one table.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/base/frequency.hpp"
#include "core/base/words.hpp"
#include "core/deal/limits.hpp"
#include "core/number/decimal.hpp"
#include "core/number/rounding.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kMaxTiers = 8;
inline constexpr int kTierNameSize = 44;

/* What a deal is. A balloon loan leaves a share of the price to its last payment; a lease is paid for what
 * the vehicle loses and for the money that stands in it meanwhile. */
enum class DealKind : std::int32_t { loan, balloon, lease };

/* What sales tax is taken of: the price, or the price less what is allowed for the trade-in. */
enum class SalesTaxBase : std::int32_t { price, difference };

/* When a lease is taxed: with each payment, or at signing on all of them. */
enum class LeaseTax : std::int32_t { payment, upfront };

/* A decimal that may be absent. */
struct OptionalDecimal {
    Decimal value;
    std::int64_t present = 0;
};

/* One end of a tier: a payment change as a fraction, and whether that very change belongs to the tier. */
struct TierBound {
    Decimal change;
    std::int32_t present = 0; // 0: the tier has no end on this side
    std::int32_t inclusive = 0;
};

/*
 * A named interval of payment changes. The length word before the name belongs to the database, which can
 * then hand out the name of a stored tier as a text without copying it; the core does not touch it.
 */
struct Tier {
    std::int32_t length_word;
    char name[kTierNameSize];
    TierBound lower;
    TierBound upper;
};

/*
 * Amounts are in major units of money (pesos, dollars), rates are fractions of one, terms are months. The
 * record holds nothing but fixed-size numbers and text, with no padding, so that equal terms are equal bytes.
 */
struct Terms {
    Decimal annual_rate;
    Decimal equity;
    OptionalDecimal current_payment;
    OptionalDecimal current_price;
    OptionalDecimal trade_value; // what the dealer allows for the customer's vehicle
    OptionalDecimal income;      // per month
    Decimal customer_bonus;
    Decimal down_payment_rate;
    Decimal interest_tax_rate;
    Decimal service_fee_rate;
    Decimal sales_tax_rate;
    Decimal document_fee;
    Decimal opening_fee_rate;
    Decimal opening_fee_tax_rate;
    Decimal bonus;
    Decimal protection;
    Decimal insurance;
    Decimal gps_installation;
    Decimal gps_monthly;
    Decimal gps_tax_rate;
    Decimal margin_cost;
    OptionalDecimal max_change;
    OptionalDecimal max_component;
    OptionalDecimal max_financed;
    OptionalDecimal min_payment;
    OptionalDecimal max_payment_to_income; // per month
    Decimal residual_rate; // share of the price: a balloon, or what a leased vehicle is worth at the end
    Decimal acquisition_fee;
    Decimal end_fee; // due with the last payment
    DealKind kind;
    SalesTaxBase sales_tax_base;
    LeaseTax lease_tax;
    Frequency payment_frequency;
    std::int32_t sales_tax_financed;
    std::int32_t fees_financed; // service, document and acquisition fee; otherwise due at signing
    std::int32_t payments_in_advance;
    std::int32_t first_payment_days; // kAbsent: a whole period
    std::int32_t term;
    std::int32_t insurance_months;
    std::int32_t minor_digits;
    std::int32_t change_digits; // kAbsent: tiers are decided on the unrounded change
    Rounding rounding;
    std::int32_t opening_fee_less_equity;
    std::int32_t insurance_renewed;
    std::int32_t installation_from_equity;
    std::int32_t installation_financed;
    std::int32_t installation_in_first_payment;
    std::int32_t margin_service_fee;
    std::int32_t margin_opening_fee;
    std::int32_t margin_protection;
    std::int32_t tier_count;
    Tier tiers[kMaxTiers];
    OptionalDecimal min_price;
    OptionalDecimal max_price;
    OptionalDecimal max_loan_to_value; // largest amount financed as a multiple of the price
};

static_assert(std::is_trivially_copyable_v<Terms> && std::has_unique_object_representations_v<Terms>);

/* A whole number that may be absent, and is. */
inline constexpr std::int32_t kAbsent = -1;

/* How a field of Terms is written. */
enum class FieldKind { decimal, optional_decimal, integer, optional_integer, boolean, word, tiers };

/*
 * A field of Terms: the name that SQL, text and error messages use for it, where it lies, and its domain. The
 * order of the fields is the order of the arguments of the SQL function `compiled_deal`.
 */
struct Field {
    const char *name;
    FieldKind kind;
    std::size_t offset;
    bool required;         // has no default
    Decimal default_value; // for every kind but tiers; a word by its number
    Decimal lowest;
    Decimal highest;
};

/* All fields, in order. */
std::span<const Field> fields() noexcept;

/* The field of a name, or nullptr. */
const Field *find_field(std::string_view name) noexcept;

/* The field that lies at an offset of Terms; there must be one. */
const Field &field_at(std::size_t offset) noexcept;

/* The field that a member of Terms is: field_of(&Terms::term). The number of tiers is none. */
template <typename Member>
const Field &field_of(Member Terms::*member) noexcept {
    static constexpr Terms kTerms{};
    return field_at(static_cast<std::size_t>(reinterpret_cast<const char *>(&(kTerms.*member)) -
                                             reinterpret_cast<const char *>(&kTerms)));
}

/* Whether a field may be absent, as a limit may. */
bool may_be_absent(const Field &field) noexcept;

/* The tiers of a deal that names none: Refresh, Upgrade, Max Upgrade (payment change up to 5, 25 and 100
 * percent). */
inline constexpr std::string_view kDefaultTiers =
    "Refresh [-0.05,0.05], Upgrade (0.05,0.25], Max Upgrade (0.25,1]";

/* Terms with every default in place; the required fields are zero. */
const Terms &default_terms() noexcept;

/* Sets one number of the terms. Errors: bad_value when it lies outside the field's domain or is no integer
 * where one is due. */
Result<bool> set_number(Terms &terms, const Field &field, Decimal value) noexcept;

/*
 * A yearly rate as somebody writes it: a fraction from 0 to 1, or a percentage from 0 to 1000. Never a guess
 * by magnitude: 4.9 as a fraction is an error, and a rate above 100 percent is written as a percentage. (A
 * rate inside terms is a fraction up to 10.) Errors: bad_value outside these bounds; its hint names
 * annual_percent where the caller takes it.
 */
Result<Decimal> rate_of_fraction(Decimal fraction, bool takes_percent) noexcept;
Result<Decimal> rate_of_percent(Decimal percent) noexcept;

/* Sets an optional field to absent. */
void set_absent(Terms &terms, const Field &field) noexcept;

void set_boolean(Terms &terms, const Field &field, bool value) noexcept;

/* Sets a field that is one of several words. Errors: bad_value for another word. */
Result<bool> set_word(Terms &terms, const Field &field, std::string_view word) noexcept;

/* The word at such a field, and all that may stand there. */
const char *word_at(const Terms &terms, const Field &field) noexcept;
WordList words_for(const Field &field) noexcept;

/*
 * Sets the tiers from a list such as `Refresh [-0.05,0.05], Upgrade (0.05,0.25]`: names with intervals of
 * payment changes in the notation of ranges, a bracket for an end that belongs to the tier, a parenthesis for
 * one that does not, and no number for an end that is open. Rank is the position in the list. Errors:
 * bad_text for a malformed list; bad_value for more than 8 tiers, names that are empty, too long or twice in
 * the list, empty intervals, and intervals that overlap or are not in ascending order.
 */
Result<bool> set_tiers(Terms &terms, std::string_view list) noexcept;

/* What is wrong with terms as a whole, after each field was set: a deal needs at least a rate and a term. */
Result<bool> check_terms(const Terms &terms) noexcept;

/* The index of a tier of the terms. Errors: bad_value, with the names of the tiers that there are. */
Result<std::int32_t> tier_named(const Terms &terms, std::string_view name) noexcept;

/* Whether two terms have the same tiers. */
bool same_tiers(const Terms &a, const Terms &b) noexcept;

/* Writes the list form of the tiers into a buffer; returns the length, which is less than the buffer's size.
 */
std::size_t write_tiers(const Terms &terms, char *out, std::size_t size) noexcept;

/* The longest list of tiers that write_tiers can produce, with its terminator. */
inline constexpr std::size_t kTierListSize = std::size_t{kMaxTiers} * (kTierNameSize + 64);

/* Room for the text of every deal, with its terminator. */
inline constexpr std::size_t kDealTextSize = 8192;

/* The number at a field of the terms, for fields whose value is a decimal, present or not. */
OptionalDecimal number_at(const Terms &terms, const Field &field) noexcept;

/* How many payments are due in a number of months: rounded half up, at least one. */
std::int32_t periods_in(Frequency frequency, std::int32_t months) noexcept;

/* The days of a period where a month has 30, and of weeks their own. */
std::int32_t days_of_period(Frequency frequency) noexcept;

/* The integer, flag or word at a field of the terms. */
std::int32_t integer_at(const Terms &terms, const Field &field) noexcept;

} // namespace tradeup
