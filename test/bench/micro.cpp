/*
 * What one call of the core costs.
 */
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "core/deal/deal.hpp"
#include "core/deal/eligibility.hpp"
#include "core/deal/schedule.hpp"
#include "core/ingest/csv.hpp"

namespace {

using namespace tradeup;

constexpr char kText[] =
    "v1 annual_rate=0.1949 term=72 equity=241762.5 current_payment=6333.19 current_price=192999 "
    "down_payment_rate=0.3"
    " interest_tax_rate=0.16 service_fee_rate=0.04 opening_fee_rate=0.04 protection=25000 insurance=10999"
    " insurance_renewed=true gps_installation=750 gps_monthly=350 gps_tax_rate=0.16 "
    "installation_from_equity=true"
    " installation_in_first_payment=true margin_cost=2000";

Deal sample() {
    Deal deal;
    (void)build_deal(*parse_deal(kText), deal);
    return deal;
}

/* Prices of an inventory, 20 apart. */
std::int64_t next_price(std::int64_t price) {
    return price < 60'000'000 ? price + 1'999 : 20'000'000;
}

void BuildDeal(benchmark::State &state) {
    const Terms terms = *parse_deal(kText);
    Deal deal;
    for (auto _ : state) {
        benchmark::DoNotOptimize(build_deal(terms, deal));
    }
}
BENCHMARK(BuildDeal);

void AmountAt(benchmark::State &state) {
    const Deal deal = sample();
    std::int64_t price = 20'000'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(amount_at(deal, Amount::payment, price));
        price = next_price(price);
    }
}
BENCHMARK(AmountAt);

/* With the doubles' error made too large to decide anything. */
void AmountAtExact(benchmark::State &state) {
    Deal deal = sample();
    deal.terms.term = static_cast<std::int32_t>(state.range(0));
    deal.lines[0].intercept_error = 1;
    std::int64_t price = 20'000'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(amount_at(deal, Amount::payment, price));
        price = next_price(price);
    }
}
BENCHMARK(AmountAtExact)->Arg(12)->Arg(72)->Arg(480);

void WindowAt(benchmark::State &state) {
    const Deal deal = sample();
    std::int64_t price = 20'000'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(window_at(deal, price));
        price = next_price(price);
    }
}
BENCHMARK(WindowAt);

void RefusalAt(benchmark::State &state) {
    const Deal deal = sample();
    for (auto _ : state) {
        benchmark::DoNotOptimize(refusal_at(deal.terms, deal.highest + 1));
    }
}
BENCHMARK(RefusalAt);

void PriceForPayment(benchmark::State &state) {
    const Deal deal = sample();
    std::int64_t payment = 500'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(price_for_payment(deal, payment));
        payment = payment < 2'000'000 ? payment + 17 : 500'000;
    }
}
BENCHMARK(PriceForPayment);

void InterestNpvAt(benchmark::State &state) {
    const Deal deal = sample();
    for (auto _ : state) {
        benchmark::DoNotOptimize(interest_npv_at(deal, 30'000'000));
    }
}
BENCHMARK(InterestNpvAt);

void WholeSchedule(benchmark::State &state) {
    const Deal deal = sample();
    for (auto _ : state) {
        Result<Schedule> schedule = begin_schedule(deal, 30'000'000);
        ScheduleRow row{};
        while (next_row(*schedule, row)) {
            benchmark::DoNotOptimize(row);
        }
    }
}
BENCHMARK(WholeSchedule);

void WriteDeal(benchmark::State &state) {
    const Deal deal = sample();
    char text[kDealTextSize];
    for (auto _ : state) {
        benchmark::DoNotOptimize(write_deal(deal, text, sizeof text));
    }
}
BENCHMARK(WriteDeal);

void ParseDeal(benchmark::State &state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse_deal(kText));
    }
}
BENCHMARK(ParseDeal);

/* A file of 31 columns, by bytes: what finding the rows and cells of it costs. */
void CsvRows(benchmark::State &state) {
    constexpr std::string_view kRow = "1000000,#1001,2025-10-05T00:24:14Z,USD,PAID,UNFULFILLED,770.64,0.00,"
                                      "61.65,832.29,customer796@example.com,"
                                      "GB,,,10000001,\"Heritage \"\"Home\"\" "
                                      "073\",10,SKU-HOM-073-0220,O'Hara & Sons,Sand / XL,5000073,Heritage "
                                      "Home 073,Home,7000220,82.25,740.25,82.25,true,false,true,\n";
    std::string file;
    while (file.size() < std::size_t{1} << 22) {
        file += kRow;
    }
    CsvCell cells[64];
    for (auto _ : state) {
        CsvReader reader{cells, 64, 1 << 20, ','};
        std::string_view rest = file;
        CsvRow row{};
        while (next_row(reader, rest, true, row) == CsvStep::row) {
            rest.remove_prefix(row.taken);
        }
        benchmark::DoNotOptimize(row);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * file.size()));
}
BENCHMARK(CsvRows);

} // namespace

BENCHMARK_MAIN();
