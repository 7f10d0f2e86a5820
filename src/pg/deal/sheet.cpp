/*
 * The worksheet of a deal as rows.
 */
#include "core/deal/sheet.hpp"

#include <cmath>

#include "core/loans/deal_apr.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "utils/builtins.h"
}

using namespace tradeup;

namespace {

/* Decimals of the rates of a sheet. */
constexpr int kRateDigits = 8;

/* Writes lines with their places. */
struct LineSink {
    RowSink rows;
    std::int32_t place;

    void put(const char *part, const char *name, const Datum *amount, const char *settled) {
        Datum values[] = {Int32GetDatum(++place), CStringGetTextDatum(part), CStringGetTextDatum(name),
                          amount == nullptr ? Datum{} : *amount, CStringGetTextDatum(settled)};
        bool nulls[] = {false, false, false, amount == nullptr, false};
        rows.put(values, nulls);
    }
};

/* The rate of a deal: of a lease its money factor, else what its flows say, if they say something. */
void put_rate(LineSink &lines, const Deal &deal, std::int64_t price, std::int64_t prepaid) {
    if (deal.terms.kind == DealKind::lease) {
        const Datum factor = to_numeric(value_of(lease_money_factor(deal.terms, kRateDigits)), kRateDigits);
        lines.put("rate", "money factor", &factor, "rate");
        return;
    }
    const OptionalApr apr = uncancelled(deal_apr(deal, price, prepaid, stop_asked));
    constexpr double kUnits = 1e8; // 10^kRateDigits
    const bool shown = apr.exists && std::fabs(apr.rate) < 1e9;
    const Datum rate = shown ? to_numeric(std::llround(apr.rate * kUnits), kRateDigits) : Datum{};
    lines.put("rate", "annual percentage rate", shown ? &rate : nullptr, "rate");
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(deal_sheet);

Datum deal_sheet(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int64_t price = to_minor(PG_GETARG_DATUM(1), deal.terms.minor_digits, "price");
    const Sheet sheet = value_of(sheet_at(deal, price));
    LineSink lines{begin_rows(fcinfo), 0};
    for (const SheetLine &line : sheet.all()) {
        const Datum amount = money(deal, line.amount);
        lines.put(name_of(line.part), line.name, &amount,
                  word_of(line.settled, deal.terms.payment_frequency));
    }
    put_rate(lines, deal, price, sheet.prepaid);
    return static_cast<Datum>(0);
}

} // extern "C"
