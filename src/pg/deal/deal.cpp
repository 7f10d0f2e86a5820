/*
 * How SQL makes deals: of all their terms, of another deal's with a customer's own, with limits added.
 */
#include "pg/deal/deal.hpp"

#include <algorithm>
#include <iterator>

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
        (void)value_of(set_rounding(terms, view_of(argument)));
        return;
    case FieldKind::tiers:
        set_tiers_cached(info, terms, view_of(argument));
        return;
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(deal);
PG_FUNCTION_INFO_V1(deal_for);
PG_FUNCTION_INFO_V1(restricted);

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
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
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
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
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
    PG_RETURN_DATUM(deal_datum(compiled(terms)));
}

} // extern "C"
