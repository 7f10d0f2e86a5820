/*
 * Extra payments of loans: the list `extras` of the terms.
 */
#include <algorithm>

#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/loans/rare_terms.hpp"

namespace tradeup {

namespace {

constexpr JsonKey kNumber{"number", JsonKind::whole_number, "", decimal(1), decimal(INT32_MAX)};

/* What an extra is made of. */
struct Parts {
    JsonbValue number;
    JsonbValue date;
    JsonbValue amount;
    bool has_number;
    bool has_date;
    bool has_amount;
};

/* Raises 22023: what is wrong with an extra. */
[[noreturn]] void refuse_extra(const char *message, JsonbValue *extra) {
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message),
         errdetail("terms.extras has %s.", shown_json(extra)),
         errhint("Write {\"number\": 12, \"amount\": 500} or {\"date\": \"2027-12-24\", \"amount\": 500}.")));
    pg_unreachable();
}

Parts parts_of(JsonbValue *extra) {
    Parts parts{};
    for_each_entry(extra->val.binary.data, [&](std::string_view name, JsonbValue *value) {
        if (name == "number" && is_as_it_must(kNumber, value)) {
            parts.number = *value;
            parts.has_number = true;
        } else if (name == "date" && value->type == jbvString) {
            parts.date = *value;
            parts.has_date = true;
        } else if (name == "amount" && value->type == jbvNumeric) {
            parts.amount = *value;
            parts.has_amount = true;
        } else {
            refuse_extra(name == "number"   ? "number of an extra payment must be a whole number above 0"
                         : name == "date"   ? "date of an extra payment must be a text"
                         : name == "amount" ? "amount of an extra payment must be a number"
                                            : "an extra payment has an unknown key",
                         extra);
        }
    });
    if (!parts.has_amount || parts.has_number == parts.has_date) {
        refuse_extra("an extra payment needs an amount, and a number or a date", extra);
    }
    return parts;
}

/* Extras in order, those with the same payment or of the same day in one: the core's loops over those of a
 * period then follow its days, not how many somebody lists. */
template <typename Extra, typename Key>
std::span<const Extra> one_of_each(std::span<Extra> extras, Key Extra::*key) {
    std::sort(extras.begin(), extras.end(),
              [key](const Extra &a, const Extra &b) { return a.*key < b.*key; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < extras.size(); ++i) {
        end_if_asked(i);
        if (kept > 0 && extras[kept - 1].*key == extras[i].*key) {
            /* More than any balance is all of it. */
            extras[kept - 1].amount = std::min(extras[kept - 1].amount + extras[i].amount, kMaxCoefficient);
        } else {
            extras[kept++] = extras[i];
        }
    }
    return extras.first(kept);
}

} // namespace

void set_extras(RareTerms &terms, Decimal unit, Loan &loan) {
    if (!terms.given[kExtras]) {
        return;
    }
    const JsonbValue *list = &terms.values[kExtras];
    const std::uint32_t count = size_of(list);
    auto *numbered =
        static_cast<NumberedExtra *>(palloc_extended(count * sizeof(NumberedExtra), MCXT_ALLOC_HUGE));
    auto *dated = static_cast<DatedExtra *>(palloc_extended(count * sizeof(DatedExtra), MCXT_ALLOC_HUGE));
    std::size_t numbers = 0;
    std::size_t dates = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        end_if_asked(i);
        JsonbValue *extra = element_of(list, i);
        const Parts parts = parts_of(extra);
        const std::int64_t amount =
            value_of(to_units(to_decimal(numeric_of(&parts.amount), "extra payment"), unit, "extra payment"));
        if (parts.has_number) {
            numbered[numbers++] = {whole_of(&parts.number), amount};
            continue;
        }
        const std::optional<Date> date = parse_iso_date(text_of(&parts.date));
        if (!date) {
            refuse_extra("date of an extra payment must be written as YYYY-MM-DD", extra);
        }
        dated[dates++] = {*date, amount};
    }
    loan.numbered = one_of_each({numbered, numbers}, &NumberedExtra::number);
    loan.dated = one_of_each({dated, dates}, &DatedExtra::date);
}

} // namespace tradeup
