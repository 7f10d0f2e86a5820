/*
 * What every file of the glue includes: PostgreSQL's headers, their differences between majors, and the ways
 * in and out of Datums.
 *
 * The rule of this floor: no object with a destructor is alive when a PostgreSQL function is called, because
 * ereport jumps over destructors; and no exception gets here, because every core function is noexcept. So the
 * glue holds plain structs only, and throws nothing itself.
 */
#pragma once

#include <cstring>

/* The core comes first, so that its proof of purity sees no PostgreSQL header. */
#include "core/deal/deal.hpp"

extern "C" {
#include "postgres.h"

#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

namespace tradeup {

/* Raises what the core could not do as an SQL error; does not return. */
[[noreturn]] void report(const Error &error);

/* The value of a result, or its error raised. */
template <typename T>
const T &value_of(const Result<T> &result) {
    static_assert(std::is_trivially_destructible_v<Result<T>>,
                  "a result must not own anything when ereport jumps");
    if (!result) [[unlikely]] {
        report(result.error());
    }
    return *result;
}

/* Whether the query is to be cancelled; asked by the core in its loops, which then returns. */
inline bool stop_asked() noexcept {
    return InterruptPending && (QueryCancelPending || ProcDiePending);
}

/* The value of a result of work that asks stop_asked; the query is cancelled here, outside of the core. */
template <typename T>
const T &uncancelled(const Result<T> &result) {
    if (!result && result.error().kind == ErrorKind::cancelled) {
        CHECK_FOR_INTERRUPTS();
    }
    return value_of(result);
}

/*
 * A text that a user sent, as messages repeat it: 200 characters, then ... for what is missing.
 * Whoever sends 50 MB does not get them into the server's log.
 */
char *shown_text(const char *text, std::size_t length);
char *shown_text(const char *text);
char *shown_text(text *value);

/* The same of a JSON value as a user wrote it. */
char *shown_json(Jsonb *json);
char *shown_json(JsonbValue *value);

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

/* The numeric units * 10^-scale, shown with scale decimals (0 to 8). */
Datum to_numeric(std::int64_t units, int scale);

/* The same, faster, for the two scales that offers use: 2 and kChangeScale. */
template <int Scale>
Datum to_numeric_of(std::int64_t units);

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
    const auto digit = [data](int i) {
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

/* Raises the error that a stored deal has a format of another version. */
[[noreturn, gnu::cold]] void refuse_format(const struct varlena *stored);

/* A deal from its datum. Errors: 22023 for a deal in a format that this version does not know. */
inline const Deal &to_deal(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_EXTENDED(stored)) [[unlikely]] {
        stored = pg_detoast_datum(stored);
    }
    const auto &deal = *reinterpret_cast<const Deal *>(stored);
    if (VARSIZE(stored) != sizeof(Deal) || deal.format != kDealFormat) [[unlikely]] {
        refuse_format(stored);
    }
    return deal;
}

/* Whether the current user may run a function. */
inline bool may_execute(Oid function) {
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK;
#else
    return pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

/* A materialized set-returning function's sink of rows. */
struct RowSink {
    Tuplestorestate *store;
    TupleDesc description;

    void put(Datum *values, bool *nulls) const { tuplestore_putvalues(store, description, values, nulls); }
};

/* Prepares the sink of the set-returning function that is called. */
RowSink begin_rows(FunctionCallInfo fcinfo);

} // namespace tradeup
