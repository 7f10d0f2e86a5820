/*
 * How SQL makes deals: of all their terms, of another deal's with a customer's own, with limits added.
 */
#include "pg/deal/deal.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "pg/deal/terms.hpp"

namespace tradeup {

void refuse_format(const struct varlena *stored) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("deal is in a format that this version does not read"),
                    errdetail("The deal has %zu bytes.", static_cast<Size>(VARSIZE(stored))),
                    errhint("Make the deal again with deal(...).")));
    pg_unreachable();
}

const Deal &compiled(const Terms &terms) {
    auto *deal = static_cast<Deal *>(palloc(sizeof(Deal)));
    (void)value_of(build_deal(terms, *deal));
    SET_VARSIZE(deal, sizeof(Deal));
    for (std::int32_t i = 0; i < deal->terms.tier_count; ++i) {
        Tier &tier = deal->terms.tiers[i];
        if (tier.length_word == 0) {
            SET_VARSIZE(&tier.length_word, VARHDRSZ + std::strlen(tier.name));
        }
    }
    return *deal;
}

} // namespace tradeup

using namespace tradeup;

namespace {

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

/* The terms that the last call of deal(...) at this place of a query read from JSON: most queries have one
 * object. */
struct JsonCache {
    std::size_t length;
    char json[1024];
    Terms terms;
};

Terms terms_cached(FmgrInfo *info, Datum argument) {
    const struct varlena *json = PG_DETOAST_DATUM_PACKED(argument);
    const std::size_t length = VARSIZE_ANY_EXHDR(json);
    auto *cache = static_cast<JsonCache *>(info->fn_extra);
    if (cache != nullptr && cache->length == length &&
        std::memcmp(cache->json, VARDATA_ANY(json), length) == 0) {
        return cache->terms;
    }
    const Terms terms = terms_of(DatumGetJsonbP(argument));
    if (length <= sizeof cache->json) {
        if (cache == nullptr) {
            cache = static_cast<JsonCache *>(MemoryContextAlloc(info->fn_mcxt, sizeof(JsonCache)));
            info->fn_extra = cache;
        }
        cache->length = length;
        std::memcpy(cache->json, VARDATA_ANY(json), length);
        cache->terms = terms;
    }
    return terms;
}

/* Sets a field of the terms from an argument of deal(...) that is not null. */
void set_from_argument(FmgrInfo *info, Terms &terms, const Field &field, Datum argument) {
    switch (field.kind) {
    case FieldKind::decimal:
    case FieldKind::optional_decimal:
        (void)value_of(set_number(terms, field, to_decimal(argument, field.name)));
        return;
    case FieldKind::integer:
    case FieldKind::optional_integer:
        (void)value_of(set_number(terms, field, decimal(DatumGetInt32(argument))));
        return;
    case FieldKind::boolean:
        set_boolean(terms, field, DatumGetBool(argument));
        return;
    case FieldKind::word:
        (void)value_of(set_word(terms, field, view_of(argument)));
        return;
    case FieldKind::tiers:
        set_tiers_cached(info, terms, view_of(argument));
        return;
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(deal);
PG_FUNCTION_INFO_V1(compiled_deal);
PG_FUNCTION_INFO_V1(deal_for);
PG_FUNCTION_INFO_V1(restricted);

/* deal(annual_rate, term, ..., terms, annual_percent): the terms that most deals have, and the others as
 * JSON. */
Datum deal(PG_FUNCTION_ARGS) {
    constexpr int kArguments = std::size(kDealArguments);
    constexpr int kTerms = kArguments;
    constexpr int kPercent = kArguments + 1;
    static const std::array<const Field *, kArguments> kNamed = [] {
        std::array<const Field *, kArguments> named{};
        std::transform(std::begin(kDealArguments), std::end(kDealArguments), named.begin(), find_field);
        return named;
    }();
    if (PG_ARGISNULL(0) && PG_ARGISNULL(kPercent)) {
        PG_RETURN_NULL();
    }
    Terms terms =
        PG_ARGISNULL(kTerms) ? default_terms() : terms_cached(fcinfo->flinfo, PG_GETARG_DATUM(kTerms));
    (void)value_of(set_number(terms, *kNamed[0], to_rate(fcinfo->args[0], fcinfo->args[kPercent])));
    for (int at = 1; at < kArguments; ++at) {
        const Field &field = *kNamed[static_cast<std::size_t>(at)];
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        } else if (!may_be_absent(field)) {
            PG_RETURN_NULL();
        }
    }
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
}

/* compiled_deal(...): a deal from all its terms, in the order of fields(), for the functions of programs. */
Datum compiled_deal(PG_FUNCTION_ARGS) {
    Terms terms{};
    for (int at = 0; at < PG_NARGS(); ++at) {
        const Field &field = fields()[static_cast<std::size_t>(at)];
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        } else if (may_be_absent(field)) {
            set_absent(terms, field);
        } else {
            PG_RETURN_NULL();
        }
    }
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
}

/*
 * deal_for(deal, annual_rate, term, equity, current_payment, current_price, trade_value, bonus, income,
 * residual_rate): the terms of a deal with what differs between terms and customers. So a program's figures
 * are read once and not for each customer.
 */
Datum deal_for(PG_FUNCTION_ARGS) {
    static const Field *const kCustomer[] = {
        &field_of(&Terms::annual_rate),    &field_of(&Terms::term),
        &field_of(&Terms::equity),         &field_of(&Terms::current_payment),
        &field_of(&Terms::current_price),  &field_of(&Terms::trade_value),
        &field_of(&Terms::customer_bonus), &field_of(&Terms::income),
        &field_of(&Terms::residual_rate)};
    constexpr int kResidual = 8; // which stays as it is where none is given
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    Terms terms = to_deal(PG_GETARG_DATUM(0)).terms;
    for (int at = 1; at < PG_NARGS(); ++at) {
        const Field &field = *kCustomer[at - 1];
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, field, PG_GETARG_DATUM(at));
        } else if (field.kind == FieldKind::optional_decimal) {
            set_absent(terms, field);
        } else if (&field != kCustomer[kResidual]) {
            PG_RETURN_NULL();
        }
    }
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
}

/*
 * restricted(deal, min_price, max_price, max_loan_to_value): the deal with limits of the program that are
 * given.
 */
Datum restricted(PG_FUNCTION_ARGS) {
    static const Field *const kLimits[] = {&field_of(&Terms::min_price), &field_of(&Terms::max_price),
                                           &field_of(&Terms::max_loan_to_value)};
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    if (PG_ARGISNULL(1) && PG_ARGISNULL(2) && PG_ARGISNULL(3)) {
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    Terms terms = to_deal(PG_GETARG_DATUM(0)).terms;
    for (int at = 1; at < PG_NARGS(); ++at) {
        if (!PG_ARGISNULL(at)) {
            set_from_argument(fcinfo->flinfo, terms, *kLimits[at - 1], PG_GETARG_DATUM(at));
        }
    }
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
}

} // extern "C"
