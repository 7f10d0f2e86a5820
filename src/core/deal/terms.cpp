/*
 * The table of a deal's terms, and how their values are checked against it.
 */
#include "core/deal/terms.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr Decimal kZero{};
constexpr Decimal kOne = decimal(1);

constexpr Field money(const char *name, std::size_t offset) {
    return {name, FieldKind::decimal, offset, false, kZero, kZero, kMaxMoney};
}

constexpr Field fraction(const char *name, std::size_t offset) {
    return {name, FieldKind::decimal, offset, false, kZero, kZero, kOne};
}

constexpr Field flag(const char *name, std::size_t offset, bool standing = false) {
    return {name, FieldKind::boolean, offset, false, decimal(standing ? 1 : 0), kZero, kOne};
}

template <typename Value, std::size_t Size>
constexpr Field word(const char *name, std::size_t offset, const Words<Value, Size> &words) {
    const auto written = std::count_if(words.begin(), words.end(),
                                       [&](const Word<Value> &one) { return is_written(words, one); });
    return {name, FieldKind::word, offset, false, kZero, kZero, decimal(written - 1)};
}

constexpr Field limit(const char *name, std::size_t offset, Decimal highest = kMaxMoney) {
    return {name, FieldKind::optional_decimal, offset, false, kZero, kZero, highest};
}

constexpr Words<DealKind, 3> kKinds{
    {{"loan", DealKind::loan}, {"balloon", DealKind::balloon}, {"lease", DealKind::lease}}};
constexpr Words<SalesTaxBase, 2> kBases{
    {{"price", SalesTaxBase::price}, {"difference", SalesTaxBase::difference}}};
constexpr Words<LeaseTax, 2> kLeaseTaxes{{{"payment", LeaseTax::payment}, {"upfront", LeaseTax::upfront}}};
constexpr Field kFields[] = {
    {"annual_rate", FieldKind::decimal, offsetof(Terms, annual_rate), true, kZero, kZero, kMaxAnnualRate},
    {"term", FieldKind::integer, offsetof(Terms, term), true, kZero, kOne, decimal(kLongestTerm)},
    {"equity", FieldKind::decimal, offsetof(Terms, equity), false, kZero, kMinEquity, kMaxMoney},
    {"current_payment", FieldKind::optional_decimal, offsetof(Terms, current_payment), false, kZero,
     decimal(1, kMaxScale), kMaxMoney},
    {"current_price", FieldKind::optional_decimal, offsetof(Terms, current_price), false, kZero, kZero,
     kMaxMoney},
    limit("trade_value", offsetof(Terms, trade_value)),
    limit("income", offsetof(Terms, income)),
    money("customer_bonus", offsetof(Terms, customer_bonus)),
    fraction("down_payment_rate", offsetof(Terms, down_payment_rate)),
    fraction("interest_tax_rate", offsetof(Terms, interest_tax_rate)),
    fraction("service_fee_rate", offsetof(Terms, service_fee_rate)),
    fraction("sales_tax_rate", offsetof(Terms, sales_tax_rate)),
    word("sales_tax_base", offsetof(Terms, sales_tax_base), kBases),
    flag("sales_tax_financed", offsetof(Terms, sales_tax_financed), true),
    money("document_fee", offsetof(Terms, document_fee)),
    flag("fees_financed", offsetof(Terms, fees_financed), true),
    fraction("opening_fee_rate", offsetof(Terms, opening_fee_rate)),
    fraction("opening_fee_tax_rate", offsetof(Terms, opening_fee_tax_rate)),
    flag("opening_fee_less_equity", offsetof(Terms, opening_fee_less_equity)),
    money("bonus", offsetof(Terms, bonus)),
    money("protection", offsetof(Terms, protection)),
    money("insurance", offsetof(Terms, insurance)),
    {"insurance_months", FieldKind::integer, offsetof(Terms, insurance_months), false, decimal(12), kOne,
     decimal(kLongestTerm)},
    flag("insurance_renewed", offsetof(Terms, insurance_renewed)),
    money("gps_installation", offsetof(Terms, gps_installation)),
    money("gps_monthly", offsetof(Terms, gps_monthly)),
    fraction("gps_tax_rate", offsetof(Terms, gps_tax_rate)),
    flag("installation_from_equity", offsetof(Terms, installation_from_equity)),
    flag("installation_financed", offsetof(Terms, installation_financed)),
    flag("installation_in_first_payment", offsetof(Terms, installation_in_first_payment)),
    money("margin_cost", offsetof(Terms, margin_cost)),
    flag("margin_service_fee", offsetof(Terms, margin_service_fee), true),
    flag("margin_opening_fee", offsetof(Terms, margin_opening_fee), true),
    flag("margin_protection", offsetof(Terms, margin_protection)),
    word("kind", offsetof(Terms, kind), kKinds),
    fraction("residual_rate", offsetof(Terms, residual_rate)),
    money("acquisition_fee", offsetof(Terms, acquisition_fee)),
    money("end_fee", offsetof(Terms, end_fee)),
    word("lease_tax", offsetof(Terms, lease_tax), kLeaseTaxes),
    flag("payments_in_advance", offsetof(Terms, payments_in_advance)),
    word("payment_frequency", offsetof(Terms, payment_frequency), kFrequencies),
    {"first_payment_days", FieldKind::optional_integer, offsetof(Terms, first_payment_days), false, kZero,
     kOne, decimal(kMaxFirstPaymentDays)},
    {"max_change", FieldKind::optional_decimal, offsetof(Terms, max_change), false, kZero, kMinChange,
     kMaxChange},
    limit("max_component", offsetof(Terms, max_component)),
    limit("max_financed", offsetof(Terms, max_financed)),
    limit("min_payment", offsetof(Terms, min_payment)),
    limit("max_payment_to_income", offsetof(Terms, max_payment_to_income), kMaxPaymentToIncome),
    {"change_digits", FieldKind::optional_integer, offsetof(Terms, change_digits), false, kZero, kZero,
     decimal(kMaxChangeDigits)},
    {"minor_digits", FieldKind::integer, offsetof(Terms, minor_digits), false, decimal(2), kZero,
     decimal(kMaxMinorDigits)},
    word("rounding", offsetof(Terms, rounding), kRoundings),
    {"tiers", FieldKind::tiers, offsetof(Terms, tiers), false, kZero, kZero, kZero},
    limit("min_price", offsetof(Terms, min_price)),
    limit("max_price", offsetof(Terms, max_price)),
    limit("max_loan_to_value", offsetof(Terms, max_loan_to_value), kMaxLoanToValue),
};

/* Calls `use` with the table of words that may stand at a field. */
template <typename Use>
auto with_words(const Field &field, Use use) noexcept {
    switch (field.offset) {
    case offsetof(Terms, kind):
        return use(kKinds);
    case offsetof(Terms, sales_tax_base):
        return use(kBases);
    case offsetof(Terms, lease_tax):
        return use(kLeaseTaxes);
    case offsetof(Terms, payment_frequency):
        return use(kFrequencies);
    default:
        return use(kRoundings);
    }
}

template <typename T>
T &at(Terms &terms, const Field &field) noexcept {
    return *reinterpret_cast<T *>(reinterpret_cast<char *>(&terms) + field.offset);
}

template <typename T>
const T &at(const Terms &terms, const Field &field) noexcept {
    return *reinterpret_cast<const T *>(reinterpret_cast<const char *>(&terms) + field.offset);
}

/* What a parameter is called where people read it: `term`, `annual rate`. */
struct Label {
    char text[40];
};

Label label(const Field &field, bool sentence) noexcept {
    Label out{};
    std::strncpy(out.text, field.name, sizeof out.text - 1);
    for (char &c : out.text) {
        c = c == '_' ? ' ' : c;
    }
    if (sentence && out.text[0] >= 'a' && out.text[0] <= 'z') {
        out.text[0] = static_cast<char>(out.text[0] - 'a' + 'A');
    }
    return out;
}

Error outside(const Field &field, Decimal value) noexcept {
    const bool months =
        field.offset == offsetof(Terms, term) || field.offset == offsetof(Terms, insurance_months);
    const Error error =
        field.offset == offsetof(Terms, current_payment)
            ? make_error(ErrorKind::bad_value, "current payment must be greater than 0")
            : make_error(ErrorKind::bad_value, "%s must be between %s and %s%s", label(field, false).text,
                         to_text(field.lowest).text, to_text(field.highest).text, months ? " months" : "");
    return with_detail(error, "%s is %s.", label(field, true).text, to_text(value).text);
}

/* The longest value of a field as a text: a sign, a zero and a point beside the digits, or all tiers between
 * quotes. */
constexpr std::size_t longest_value(const Field &field) noexcept {
    return field.kind == FieldKind::tiers ? kTierListSize + 2 : kMaxDigits + 3;
}

/* Of a deal's text: `v1` and ` name=value` for each field, with its terminator. */
constexpr std::size_t longest_text() noexcept {
    std::size_t length = sizeof "v1";
    for (const Field &field : kFields) {
        length += std::string_view(field.name).size() + 2 + longest_value(field);
    }
    return length;
}
static_assert(longest_text() <= kDealTextSize);

} // namespace

std::span<const Field> fields() noexcept {
    return kFields;
}

const Field *find_field(std::string_view name) noexcept {
    const auto *const field = std::find_if(std::begin(kFields), std::end(kFields),
                                           [name](const Field &known) { return name == known.name; });
    return field == std::end(kFields) ? nullptr : field;
}

const Field &field_at(std::size_t offset) noexcept {
    const Field *field = kFields;
    while (field->offset != offset) {
        ++field;
    }
    return *field;
}

bool may_be_absent(const Field &field) noexcept {
    return field.kind == FieldKind::optional_decimal || field.kind == FieldKind::optional_integer ||
           field.kind == FieldKind::tiers;
}

namespace {

Terms made_default_terms() noexcept {
    Terms terms{};
    for (const Field &field : kFields) {
        switch (field.kind) {
        case FieldKind::decimal:
            at<Decimal>(terms, field) = field.default_value;
            break;
        case FieldKind::optional_decimal:
        case FieldKind::optional_integer:
            set_absent(terms, field);
            break;
        case FieldKind::integer:
        case FieldKind::boolean:
        case FieldKind::word:
            at<std::int32_t>(terms, field) = static_cast<std::int32_t>(field.default_value.coefficient);
            break;
        case FieldKind::tiers:
            (void)set_tiers(terms, kDefaultTiers);
            break;
        }
    }
    return terms;
}

} // namespace

const Terms &default_terms() noexcept {
    static const Terms kDefaults = made_default_terms();
    return kDefaults;
}

Result<bool> set_number(Terms &terms, const Field &field, Decimal value) noexcept {
    const Decimal number = normalized(value);
    if (compare(number, field.lowest) < 0 || compare(number, field.highest) > 0) {
        return tl::unexpected(outside(field, number));
    }
    switch (field.kind) {
    case FieldKind::decimal:
        at<Decimal>(terms, field) = number;
        break;
    case FieldKind::optional_decimal:
        at<OptionalDecimal>(terms, field) = {number, 1};
        break;
    default:
        if (number.scale != 0) {
            return tl::unexpected(with_detail(
                make_error(ErrorKind::bad_value, "%s must be a whole number", label(field, false).text),
                "%s is %s.", label(field, true).text, to_text(number).text));
        }
        at<std::int32_t>(terms, field) = static_cast<std::int32_t>(number.coefficient);
    }
    return true;
}

Result<Decimal> rate_of_fraction(Decimal fraction, bool takes_percent) noexcept {
    if (compare(fraction, kZero) < 0 || compare(fraction, kOne) > 0) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value, "annual rate must be between 0 and 1"),
                                  "Annual rate is %s.", to_text(fraction).text),
                      "A rate is a fraction: 4.9 percent is 0.049%s",
                      takes_percent ? ", or annual_percent => 4.9. Write a rate above 100 percent as "
                                      "annual_percent."
                                    : "."));
    }
    return fraction;
}

Result<Decimal> rate_of_percent(Decimal percent) noexcept {
    const Decimal number = normalized(percent);
    if (compare(number, kZero) < 0 || compare(number, kMaxAnnualPercent) > 0) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "annual percent must be between 0 and %s",
                                   to_text(kMaxAnnualPercent).text),
                        "Annual percent is %s.", to_text(number).text));
    }
    if (number.scale + 2 > kMaxScale) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "annual percent must have at most %d decimals", kMaxScale - 2),
            "Annual percent is %s.", to_text(number).text));
    }
    return normalized({number.coefficient, number.scale + 2});
}

void set_absent(Terms &terms, const Field &field) noexcept {
    if (field.kind == FieldKind::optional_decimal) {
        at<OptionalDecimal>(terms, field) = {};
    } else if (field.kind == FieldKind::optional_integer) {
        at<std::int32_t>(terms, field) = kAbsent;
    } else if (field.kind == FieldKind::tiers) {
        terms.tier_count = 0;
        std::fill(std::begin(terms.tiers), std::end(terms.tiers), Tier{});
    }
}

void set_boolean(Terms &terms, const Field &field, bool value) noexcept {
    at<std::int32_t>(terms, field) = value ? 1 : 0;
}

Result<bool> set_word(Terms &terms, const Field &field, std::string_view word) noexcept {
    return with_words(field, [&](const auto &words) -> Result<bool> {
        const auto value = value_as_written(words, word, label(field, false).text);
        if (!value) {
            return tl::unexpected(value.error());
        }
        at<std::int32_t>(terms, field) = static_cast<std::int32_t>(*value);
        return true;
    });
}

const char *word_at(const Terms &terms, const Field &field) noexcept {
    return with_words(field, [&]<typename Value, std::size_t Size>(const Words<Value, Size> &words) {
        return word_for(words, static_cast<Value>(integer_at(terms, field)));
    });
}

WordList words_for(const Field &field) noexcept {
    return with_words(field, [](const auto &words) { return listed(words); });
}

std::int32_t periods_in(Frequency frequency, std::int32_t months) noexcept {
    constexpr std::int32_t kMonths = 12;
    return std::max(1, (2 * months * payments_a_year(frequency) + kMonths) / (2 * kMonths));
}

std::int32_t days_of_period(Frequency frequency) noexcept {
    constexpr std::int32_t kYear = 360;
    constexpr std::int32_t kWeek = 7;
    switch (frequency) {
    case Frequency::weekly:
        return kWeek;
    case Frequency::biweekly:
        return 2 * kWeek;
    default:
        return kYear / payments_a_year(frequency);
    }
}

OptionalDecimal number_at(const Terms &terms, const Field &field) noexcept {
    return field.kind == FieldKind::optional_decimal ? at<OptionalDecimal>(terms, field)
                                                     : OptionalDecimal{at<Decimal>(terms, field), 1};
}

std::int32_t integer_at(const Terms &terms, const Field &field) noexcept {
    return at<std::int32_t>(terms, field);
}

namespace {

/* What a kind of deal does not have must not be given with it. */
Error belongs_elsewhere(const Field &field, const Terms &terms) noexcept {
    const char *kind = word_at(terms, field_of(&Terms::kind));
    return with_hint(make_error(ErrorKind::bad_value, "a %s has no %s", kind, label(field, false).text),
                     "Leave it out, or take another kind of deal.");
}

} // namespace

Result<bool> check_terms(const Terms &terms) noexcept {
    if (terms.term == 0) {
        return tl::unexpected(
            with_hint(make_error(ErrorKind::bad_value, "deal needs an annual rate and a term"),
                      "Give both, for example deal(annual_rate => 0.0599, term => 60)."));
    }
    const bool leased = terms.kind == DealKind::lease;
    const bool monthly = terms.payment_frequency == Frequency::monthly;
    const struct {
        bool misplaced;
        const Field &field;
    } kMisplaced[] = {
        {terms.kind == DealKind::loan && terms.residual_rate.coefficient != 0,
         field_of(&Terms::residual_rate)},
        {terms.kind == DealKind::loan && terms.end_fee.coefficient != 0, field_of(&Terms::end_fee)},
        {!leased && terms.lease_tax != LeaseTax::payment, field_of(&Terms::lease_tax)},
        {!leased && terms.payments_in_advance != 0, field_of(&Terms::payments_in_advance)},
        {leased && !monthly, field_of(&Terms::payment_frequency)},
        {leased && terms.first_payment_days != kAbsent, field_of(&Terms::first_payment_days)},
        {leased && terms.sales_tax_base != SalesTaxBase::price, field_of(&Terms::sales_tax_base)}};
    for (const auto &one : kMisplaced) {
        if (one.misplaced) {
            return tl::unexpected(belongs_elsewhere(one.field, terms));
        }
    }
    return true;
}

} // namespace tradeup
