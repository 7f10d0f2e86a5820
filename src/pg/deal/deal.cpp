/*
 * The SQL type deal, its maker and the amounts it gives at a price.
 */
#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/deal/eligibility.hpp"
#include "pg/glue/glue.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

namespace {

/* A deal compiled from terms, as a datum. */
Datum deal_datum(const Terms &terms) {
    auto *deal = static_cast<Deal *>(palloc(sizeof(Deal)));
    (void)value_of(build_deal(terms, *deal));
    SET_VARSIZE(deal, sizeof(Deal));
    for (std::int32_t i = 0; i < deal->terms.tier_count; ++i) {
        Tier &tier = deal->terms.tiers[i];
        if (tier.length_word == 0) {
            SET_VARSIZE(&tier.length_word, VARHDRSZ + std::strlen(tier.name));
        }
    }
    return PointerGetDatum(deal);
}

/* The tiers that the last call of deal(...) at this place of a query parsed: most queries have one list of
 * tiers. */
struct TierCache {
    std::size_t length;
    char list[kTierListSize];
    std::int32_t tier_count;
    Tier tiers[kMaxTiers];
};

void set_tiers_cached(FmgrInfo *info, Terms &terms, std::string_view list) {
    auto *cache = static_cast<TierCache *>(info->fn_extra);
    if (cache == nullptr || cache->length != list.size() ||
        std::memcmp(cache->list, list.data(), list.size()) != 0) {
        (void)value_of(set_tiers(terms, list));
        if (list.size() > sizeof cache->list) {
            return;
        }
        if (cache == nullptr) {
            cache = static_cast<TierCache *>(MemoryContextAlloc(info->fn_mcxt, sizeof(TierCache)));
            info->fn_extra = cache;
        }
        cache->length = list.size();
        std::memcpy(cache->list, list.data(), list.size());
        cache->tier_count = terms.tier_count;
        std::copy(std::begin(terms.tiers), std::end(terms.tiers), std::begin(cache->tiers));
        return;
    }
    terms.tier_count = cache->tier_count;
    std::copy(std::begin(cache->tiers), std::end(cache->tiers), std::begin(terms.tiers));
}

/* Sets a field of the terms from an argument of deal(...) that is not null. */
void set_from_argument(FmgrInfo *info, Terms &terms, const Field &field, Datum argument) {
    switch (field.kind) {
    case FieldKind::decimal:
    case FieldKind::optional_decimal:
        (void)value_of(set_number(terms, field, to_decimal(argument, field.name)));
        return;
    case FieldKind::integer:
    case FieldKind::optional_digits:
        (void)value_of(set_number(terms, field, decimal(DatumGetInt32(argument))));
        return;
    case FieldKind::boolean:
        set_boolean(terms, field, DatumGetBool(argument));
        return;
    case FieldKind::rounding:
    case FieldKind::tiers: {
        const text *words = DatumGetTextPP(argument);
        const std::string_view view(VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words));
        if (field.kind == FieldKind::tiers) {
            set_tiers_cached(info, terms, view);
        } else {
            (void)value_of(set_rounding(terms, view));
        }
        return;
    }
    }
}

/* The deal and the price that every amount is asked with. */
struct Question {
    const Deal &deal;
    std::int64_t price_minor;
};

/*
 * The ways in and out are inlined into every amount, and what is rare is kept out of them: a call from SQL
 * costs little more than the executor's share.
 */
[[gnu::always_inline]] inline Question question(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    std::int64_t price_minor = common_price(PG_GETARG_DATUM(1), deal.minor_digits);
    if (price_minor < 0) [[unlikely]] {
        price_minor = to_minor(PG_GETARG_DATUM(1), deal.minor_digits, "price");
    }
    return {deal, price_minor};
}

[[gnu::noinline, gnu::cold]] std::int64_t answer_in_doubt(const Deal &deal, Amount amount,
                                                          std::int64_t price_minor) {
    return value_of(amount_at(deal, amount, price_minor));
}

/* An amount at the price, from the fast path where it can. */
[[gnu::always_inline]] inline std::int64_t answer(Question asked, Amount amount) {
    std::int64_t rounded = 0;
    if (amount_without_doubt(asked.deal, amount, asked.price_minor, rounded)) [[likely]] {
        return rounded;
    }
    return answer_in_doubt(asked.deal, amount, asked.price_minor);
}

Datum money(const Deal &deal, std::int64_t minor) {
    return deal.minor_digits == 2 ? to_numeric_of<2>(minor) : to_numeric(minor, deal.minor_digits);
}

[[gnu::always_inline]] inline Datum amount(FunctionCallInfo fcinfo, Amount which) {
    const Question asked = question(fcinfo);
    return money(asked.deal, answer(asked, which));
}

/* A float8 argument as a numeric, to 15 digits. */
Datum as_numeric(double value) {
    return DirectFunctionCall1(float8_numeric, Float8GetDatum(value));
}

/* The prices of an SQL function's range: of every offer, or only of those with a tier. */
PriceRange price_range(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    return PG_GETARG_BOOL(1) ? tiered_range(deal) : PriceRange{deal.lowest, deal.highest};
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(deal_in);
PG_FUNCTION_INFO_V1(deal_out);
PG_FUNCTION_INFO_V1(deal_recv);
PG_FUNCTION_INFO_V1(deal_send);
PG_FUNCTION_INFO_V1(deal);
PG_FUNCTION_INFO_V1(deal_for);
PG_FUNCTION_INFO_V1(restricted);
PG_FUNCTION_INFO_V1(payment);
PG_FUNCTION_INFO_V1(payment_unrounded);
PG_FUNCTION_INFO_V1(payment_change);
PG_FUNCTION_INFO_V1(tier);
PG_FUNCTION_INFO_V1(tier_rank);
PG_FUNCTION_INFO_V1(loan_amount);
PG_FUNCTION_INFO_V1(effective_equity);
PG_FUNCTION_INFO_V1(service_fee);
PG_FUNCTION_INFO_V1(opening_fee);
PG_FUNCTION_INFO_V1(margin);
PG_FUNCTION_INFO_V1(interest_npv_deal);
PG_FUNCTION_INFO_V1(interest_npv_loan);
PG_FUNCTION_INFO_V1(eligible);
PG_FUNCTION_INFO_V1(lowest_price);
PG_FUNCTION_INFO_V1(highest_price);
PG_FUNCTION_INFO_V1(price_for_payment_deal);
PG_FUNCTION_INFO_V1(price_for_amount_deal);
PG_FUNCTION_INFO_V1(windows);

Datum deal_in(PG_FUNCTION_ARGS) {
    const char *words = PG_GETARG_CSTRING(0);
    PG_RETURN_DATUM(deal_datum(value_of(parse_deal(words))));
}

Datum deal_out(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    auto *out = static_cast<char *>(palloc(kDealTextSize));
    (void)write_deal(deal, out, kDealTextSize);
    PG_RETURN_CSTRING(out);
}

/* The binary form is the text: coefficients compiled by another machine's math library have no business here.
 */
Datum deal_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    const char *words = pq_getmsgtext(message, message->len - message->cursor, &length);
    PG_RETURN_DATUM(deal_datum(value_of(parse_deal({words, static_cast<std::size_t>(length)}))));
}

Datum deal_send(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    char out[kDealTextSize];
    const std::size_t length = write_deal(deal, out, sizeof out);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, out, static_cast<int>(length));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum deal(PG_FUNCTION_ARGS) {
    Terms terms{};
    int argument = 0;
    const int percent = PG_NARGS() - 1; // in the place of the first field that only restricted(...) sets
    for (const Field &field : fields()) {
        const int at = argument++;
        if (at == percent) {
            break;
        }
        if (at == 0) {
            if (PG_ARGISNULL(0) && PG_ARGISNULL(percent)) {
                PG_RETURN_NULL();
            }
            (void)value_of(set_number(terms, field, to_rate(fcinfo->args[0], fcinfo->args[percent])));
        } else if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        } else if (field.kind == FieldKind::optional_decimal || field.kind == FieldKind::optional_digits ||
                   field.kind == FieldKind::tiers) {
            set_absent(terms, field);
        } else {
            PG_RETURN_NULL();
        }
    }
    PG_RETURN_DATUM(deal_datum(terms));
}

/*
 * deal_for(deal, annual_rate, term, equity, current_payment, current_price): the terms of a deal with what
 * differs between customers, the first of fields(). So a program's figures are read once and not for each
 * customer.
 */
Datum deal_for(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    Terms terms = to_deal(PG_GETARG_DATUM(0)).terms;
    for (int at = 1; at < PG_NARGS(); ++at) {
        const Field &field = fields()[static_cast<std::size_t>(at - 1)];
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        } else if (field.kind == FieldKind::optional_decimal) {
            set_absent(terms, field);
        } else {
            PG_RETURN_NULL();
        }
    }
    PG_RETURN_DATUM(deal_datum(terms));
}

/*
 * restricted(deal, min_price, max_price, max_loan_to_value): the deal with limits of the program that are
 * given; the last of fields().
 */
Datum restricted(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    if (PG_ARGISNULL(1) && PG_ARGISNULL(2) && PG_ARGISNULL(3)) {
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    Terms terms = to_deal(PG_GETARG_DATUM(0)).terms;
    for (int at = 1; at < PG_NARGS(); ++at) {
        const Field &field = fields()[fields().size() - static_cast<std::size_t>(PG_NARGS() - at)];
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        }
    }
    PG_RETURN_DATUM(deal_datum(terms));
}

Datum payment(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::payment);
}

Datum payment_unrounded(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_FLOAT8(unrounded_payment(asked.deal, asked.price_minor));
}

Datum payment_change(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    if (!asked.deal.terms.current_payment.present) {
        PG_RETURN_NULL();
    }
    return to_numeric_of<kChangeScale>(answer(asked, Amount::change));
}

Datum tier(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    /* The name lies in the deal as a text, and the deal lives as long as this call's arguments: no copy is
     * needed. */
    PG_RETURN_DATUM(PointerGetDatum(&asked.deal.terms.tiers[window->tier].length_word));
}

Datum tier_rank(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(static_cast<std::int32_t>(window->tier) + 1);
}

Datum loan_amount(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::loan_amount);
}

Datum effective_equity(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::effective_equity);
}

Datum service_fee(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::service_fee);
}

Datum opening_fee(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::opening_fee);
}

Datum margin(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::margin);
}

Datum interest_npv_deal(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    return money(asked.deal, value_of(interest_npv_at(asked.deal, asked.price_minor)));
}

Datum interest_npv_loan(PG_FUNCTION_ARGS) {
    const double loan = PG_GETARG_FLOAT8(0);
    const Decimal annual_rate = to_rate(as_numeric(PG_GETARG_FLOAT8(1)));
    const std::int32_t term = PG_GETARG_INT32(2);
    const double tax = PG_GETARG_FLOAT8(3);
    if (!(tax >= 0 && tax <= 1)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("tax rate must be between 0 and 1"),
                        errdetail("It is %g.", tax)));
    }
    const Decimal tax_rate = to_decimal(as_numeric(tax), "tax_rate");
    if (!(loan >= 0 && loan <= 1e15)) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("loan amount must be between 0 and 1000000000000000"), errdetail("It is %g.", loan)));
    }
    Terms checked = default_terms();
    (void)value_of(set_number(checked, fields()[1], decimal(term)));
    PG_RETURN_FLOAT8(interest_npv(loan, annual_rate, tax_rate, term));
}

Datum eligible(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_BOOL(window_at(asked.deal, asked.price_minor) != nullptr);
}

Datum lowest_price(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    return money(to_deal(PG_GETARG_DATUM(0)), range.lowest);
}

Datum highest_price(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    return money(to_deal(PG_GETARG_DATUM(0)), range.highest);
}

Datum price_for_payment_deal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int64_t price =
        value_of(price_for_payment(deal, to_minor(PG_GETARG_DATUM(1), deal.minor_digits, "payment", true)));
    if (price < 0) {
        PG_RETURN_NULL();
    }
    return money(deal, price);
}

/* price_for_amount(deal, amount, most): the dearest price whose amount is at most this one, or NULL. */
Datum price_for_amount_deal(PG_FUNCTION_ARGS) {
    struct Named {
        const char *name;
        Amount amount;
    };
    static constexpr Named kNamed[] = {
        {"payment", Amount::payment},         {"payment_change", Amount::change},
        {"loan_amount", Amount::loan_amount}, {"service_fee", Amount::service_fee},
        {"opening_fee", Amount::opening_fee}, {"margin", Amount::margin},
    };
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    const auto *named = std::find_if(std::begin(kNamed), std::end(kNamed), [name](const Named &candidate) {
        return std::strcmp(candidate.name, name) == 0;
    });
    if (named == std::end(kNamed)) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown amount \"%s\"", shown_text(name)),
                 errhint("Use payment, payment_change, loan_amount, service_fee, opening_fee or margin.")));
    }
    if (named->amount == Amount::change && !deal.terms.current_payment.present) {
        PG_RETURN_NULL();
    }
    const int scale = named->amount == Amount::change ? kChangeScale : deal.minor_digits;
    const std::int64_t most = floor_units(to_decimal(PG_GETARG_DATUM(2), name), scale);
    const std::int64_t price = value_of(price_for_amount(deal, named->amount, most));
    if (price < 0) {
        PG_RETURN_NULL();
    }
    return money(deal, price);
}

Datum windows(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const RowSink rows = begin_rows(fcinfo);
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        const bool tiered = window.tier != kNoTier;
        Datum values[4] = {};
        bool nulls[4] = {!tiered, !tiered, false, false};
        if (tiered) {
            values[0] = CStringGetTextDatum(deal.terms.tiers[window.tier].name);
            values[1] = Int32GetDatum(static_cast<std::int32_t>(window.tier) + 1);
        }
        values[2] = money(deal, window.lowest);
        values[3] = money(deal, window.highest);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
