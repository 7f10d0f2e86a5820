/*
 * Whether a price is affordable: payments rise with the price, so "the payment is at most this" is "the price
 * is at most that", and what is left to compute for a row is one comparison.
 *
 * Prices need not be whole minor units, nor even be amounts: affordable(price, ...) is true exactly when
 * price <= price_for_payment(...), as numerics compare, and false when there is no such price.
 */
#include "pg/deal/deal.hpp"

#include <cstddef>
#include <cstring>

using namespace tradeup;

namespace {

/* The arguments of a plain loan after the largest payment, in order, by where they lie in the terms. */
constexpr std::size_t kPlainTerms[] = {
    offsetof(Terms, annual_rate),      offsetof(Terms, term),
    offsetof(Terms, equity),           offsetof(Terms, interest_tax_rate),
    offsetof(Terms, service_fee_rate), offsetof(Terms, sales_tax_rate),
    offsetof(Terms, document_fee),     offsetof(Terms, minor_digits),
    offsetof(Terms, rounding),
};

/* The dearest price that a payment allows, in minor units; -1 when even a free vehicle costs more. */
struct Bound {
    std::int64_t price_minor;
    std::int32_t minor_digits;
};

/* The bound that the arguments of a plain loan give; the first of them is the largest payment. */
Bound plain_bound(FunctionCallInfo fcinfo, int first) {
    Terms terms = default_terms();
    int argument = first;
    for (const std::size_t offset : kPlainTerms) {
        const Field &field = field_at(offset);
        const Datum value = PG_GETARG_DATUM(++argument);
        if (field.offset == offsetof(Terms, annual_rate)) {
            (void)value_of(set_number(terms, field, to_rate(value)));
        } else if (field.kind == FieldKind::decimal) {
            (void)value_of(set_number(terms, field, to_decimal(value, field.name)));
        } else if (field.kind == FieldKind::integer) {
            (void)value_of(set_number(terms, field, decimal(DatumGetInt32(value))));
        } else {
            (void)value_of(set_word(terms, field_of(&Terms::rounding), view_of(value)));
        }
    }
    const std::int64_t payment = to_minor(PG_GETARG_DATUM(first), terms.minor_digits, "max_payment", true);
    return {value_of(price_for_payment(terms, payment)), terms.minor_digits};
}

/* A bound as price_for_payment gives it: null where there is none. */
Datum bound_or_null(FunctionCallInfo fcinfo, Bound bound) {
    if (bound.price_minor < 0) {
        PG_RETURN_NULL();
    }
    return to_numeric(bound.price_minor, bound.minor_digits);
}

/*
 * Whether a price is within a bound. Prices are whole minor units as a rule; all else, from fractions of one
 * to NaN, is compared as numerics are, so that an index finds the same.
 */
bool is_within(Datum price, Bound bound, Datum bound_numeric) {
    if (bound.price_minor < 0) {
        return false;
    }
    const std::int64_t price_minor = common_price(price, bound.minor_digits);
    if (price_minor >= 0) [[likely]] {
        return price_minor <= bound.price_minor;
    }
    return !is_above(price, bound_numeric);
}

/* The bound of the last call at this place of a query, and the bytes of the arguments that gave it. */
struct BoundCache {
    std::size_t length;
    char key[256];
    Bound bound;
    Datum bound_numeric; // in the cache's memory context
};

/* The bytes of an argument after the price; none when it is stored elsewhere or compressed. */
struct Bytes {
    const char *data;
    std::size_t size;
};

Bytes bytes_of(FunctionCallInfo fcinfo, int argument, std::int32_t &number) {
    const std::size_t term = 3;
    const std::size_t minor_digits = 9;
    const auto at = static_cast<std::size_t>(argument);
    if (at == term || at == minor_digits) {
        number = PG_GETARG_INT32(argument);
        return {reinterpret_cast<const char *>(&number), sizeof number};
    }
    const auto *stored = reinterpret_cast<const struct varlena *>(PG_GETARG_POINTER(argument));
    if (VARATT_IS_EXTERNAL(stored) || VARATT_IS_COMPRESSED(stored)) {
        return {nullptr, 0};
    }
    return {reinterpret_cast<const char *>(stored), VARSIZE_ANY(stored)};
}

bool is_cached(FunctionCallInfo fcinfo, const BoundCache &cache) {
    std::size_t length = 0;
    for (int argument = 1; argument < PG_NARGS(); ++argument) {
        std::int32_t number = 0;
        const Bytes bytes = bytes_of(fcinfo, argument, number);
        if (bytes.size == 0 || length + bytes.size > cache.length ||
            std::memcmp(cache.key + length, bytes.data, bytes.size) != 0) {
            return false;
        }
        length += bytes.size;
    }
    return length == cache.length;
}

void remember(FunctionCallInfo fcinfo, BoundCache &cache) {
    cache.length = 0;
    for (int argument = 1; argument < PG_NARGS(); ++argument) {
        std::int32_t number = 0;
        const Bytes bytes = bytes_of(fcinfo, argument, number);
        if (bytes.size == 0 || cache.length + bytes.size > sizeof cache.key) {
            cache.length = 0; // not to be found again
            return;
        }
        std::memcpy(cache.key + cache.length, bytes.data, bytes.size);
        cache.length += bytes.size;
    }
}

const BoundCache &cached_bound(FunctionCallInfo fcinfo) {
    FmgrInfo *info = fcinfo->flinfo;
    auto *cache = static_cast<BoundCache *>(info->fn_extra);
    if (cache != nullptr && is_cached(fcinfo, *cache)) [[likely]] {
        return *cache;
    }
    const Bound bound = plain_bound(fcinfo, 1);
    if (cache == nullptr) {
        cache = static_cast<BoundCache *>(MemoryContextAllocZero(info->fn_mcxt, sizeof(BoundCache)));
        info->fn_extra = cache;
    }
    cache->length = 0;
    if (cache->bound_numeric != 0) {
        pfree(DatumGetPointer(cache->bound_numeric));
        cache->bound_numeric = 0;
    }
    const MemoryContext caller = MemoryContextSwitchTo(info->fn_mcxt);
    cache->bound_numeric = to_numeric(bound.price_minor, bound.minor_digits);
    MemoryContextSwitchTo(caller);
    cache->bound = bound;
    remember(fcinfo, *cache);
    return *cache;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(affordable_plain);
PG_FUNCTION_INFO_V1(affordable_deal);
PG_FUNCTION_INFO_V1(price_for_payment_plain);

/* price_for_payment(max_payment, annual_rate, term, ...): the dearest price, or NULL. */
Datum price_for_payment_plain(PG_FUNCTION_ARGS) {
    return bound_or_null(fcinfo, plain_bound(fcinfo, 0));
}

/* affordable(price, max_payment, annual_rate, term, ...) */
Datum affordable_plain(PG_FUNCTION_ARGS) {
    const BoundCache &cache = cached_bound(fcinfo);
    PG_RETURN_BOOL(is_within(PG_GETARG_DATUM(0), cache.bound, cache.bound_numeric));
}

/* affordable(price, max_payment, deal): a deal is compiled, so where a payment is asked at a common price, no
 * bound is needed. */
Datum affordable_deal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(2));
    const std::int64_t most = to_minor(PG_GETARG_DATUM(1), deal.minor_digits, "max_payment", true);
    const std::int64_t price_minor = common_price(PG_GETARG_DATUM(0), deal.minor_digits);
    std::int64_t payment = 0;
    if (price_minor >= 0 && amount_without_doubt(deal, Amount::payment, price_minor, payment)) [[likely]] {
        PG_RETURN_BOOL(payment <= most);
    }
    const Bound bound{value_of(price_for_payment(deal, most)), deal.minor_digits};
    PG_RETURN_BOOL(is_within(PG_GETARG_DATUM(0), bound, to_numeric(bound.price_minor, bound.minor_digits)));
}

} // extern "C"
