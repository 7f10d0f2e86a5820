/*
 * exactness [deals] [seed]: random deals and prices, every amount compared with 80-digit arithmetic. It shows
 * beside it how many amounts the same formulas get wrong in plain doubles, and how often doubles could not
 * decide. A hundredth of the deals have every price near the ends of their windows compared too, and of a
 * fiftieth the worksheet is made: its parts must add up, and their sums be those of the same arithmetic.
 * Exits 1 when one is wrong.
 */
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/deal/deal.hpp"
#include "core/deal/eligibility.hpp"
#include "core/deal/sheet.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"

namespace {

using namespace tradeup;
using oracle::Real;

constexpr int kFigures = kAmounts + 2;
constexpr int kNpv = kAmounts; // the index of the interest's net present value
constexpr int kSigning = kAmounts + 1;
constexpr const char *kNames[kFigures] = {"payment",      "payment_change", "loan_amount", "effective_equity",
                                          "service_fee",  "opening_fee",    "margin",      "monthly_payment",
                                          "interest_npv", "due_at_signing"};
constexpr std::int64_t kBlock = 500;   // deals that share one generator
constexpr std::int64_t kNpvEvery = 50; // the sum over up to 480 months is slow in 80 digits
constexpr std::int64_t kWindowsEvery = 100;
constexpr std::int64_t kFewestWindows = 2000;
constexpr std::int64_t kSheetsEvery = 50; // a schedule of up to 2080 rows

/* What is counted of one figure, apart for random places and for those made to lie at a rounding boundary. */
struct Tally {
    std::int64_t compared[2] = {};
    std::int64_t exact_path[2] = {};
    std::int64_t plain_wrong[2] = {};
    std::int64_t wrong = 0;
};

struct Report {
    Tally figures[kFigures];
    std::int64_t window_deals = 0;
    std::int64_t windows = 0;
    std::int64_t window_prices = 0;
    std::int64_t window_wrong = 0;
    std::int64_t sheets = 0;
    std::int64_t sheets_wrong = 0;

    void add(const Report &other) {
        for (int i = 0; i < kFigures; ++i) {
            Tally &mine = figures[i];
            const Tally &theirs = other.figures[i];
            for (int at = 0; at < 2; ++at) {
                mine.compared[at] += theirs.compared[at];
                mine.exact_path[at] += theirs.exact_path[at];
                mine.plain_wrong[at] += theirs.plain_wrong[at];
            }
            mine.wrong += theirs.wrong;
        }
        window_deals += other.window_deals;
        windows += other.windows;
        window_prices += other.window_prices;
        window_wrong += other.window_wrong;
        sheets += other.sheets;
        sheets_wrong += other.sheets_wrong;
    }
};

double plain(Decimal number) {
    return static_cast<double>(number.coefficient) / std::pow(10.0, static_cast<double>(number.scale));
}

double plain_rounded(double value, Rounding rounding) {
    switch (rounding) {
    case Rounding::half_up:
        return std::round(value);
    case Rounding::half_even:
        return std::nearbyint(value);
    case Rounding::up:
        return value < 0 ? std::floor(value) : std::ceil(value);
    case Rounding::down:
        return std::trunc(value);
    }
    return value;
}

/* The formulas as one writes them in doubles. */
void plain_figures(const Terms &t, std::int64_t price_minor, double (&out)[kFigures]) {
    const double unit = std::pow(10.0, t.minor_digits);
    const double price = static_cast<double>(price_minor) / unit;
    const double equity = plain(t.equity);
    const double install = plain(t.gps_installation) * (1 + plain(t.gps_tax_rate));
    const double service = plain(t.service_fee_rate) * price;
    const double opening = (t.opening_fee_less_equity ? price - equity : price) * plain(t.opening_fee_rate) *
                           (1 + plain(t.opening_fee_tax_rate));
    const double effective = equity + plain(t.bonus) + plain(t.customer_bonus) - opening -
                             (t.installation_from_equity ? install : 0);
    const bool leased = t.kind == DealKind::lease;
    const bool on_difference = t.sales_tax_base == SalesTaxBase::difference;
    const double sales_tax =
        leased ? 0 : plain(t.sales_tax_rate) * (price - (on_difference ? plain(t.trade_value.value) : 0));
    const double fees = service + plain(t.document_fee) + plain(t.acquisition_fee);
    const double over_term = price - effective + (t.fees_financed ? fees : 0) +
                             (t.sales_tax_financed ? sales_tax : 0) + plain(t.protection) +
                             (t.installation_financed ? install : 0);
    const double loan_amount = over_term + plain(t.insurance);
    constexpr double kPerYear[] = {12, 24, 26, 52, 4, 2, 1};
    constexpr double kDays[] = {30, 15, 14, 7, 90, 180, 360};
    const auto frequency = static_cast<std::size_t>(t.payment_frequency);
    const double months = 12 / kPerYear[frequency];
    const double q = plain(t.annual_rate) * (1 + plain(t.interest_tax_rate)) / kPerYear[frequency];
    const double first = t.first_payment_days == kAbsent ? 1 : t.first_payment_days / kDays[frequency];
    const double grown = first < 1 ? (1 + q * first) / (1 + q) : 1 + q * (first - 1);
    const auto periods = [&](int count) { return std::max(1.0, std::floor(count / months + 0.5)); };
    const auto factor = [q](double n) { return q == 0 ? 1.0 / n : q / (1 - std::pow(1 + q, -n)); };
    const double n = periods(t.term);
    const double residual = plain(t.residual_rate) * price;
    const double balloon = t.kind == DealKind::balloon ? (factor(n) - q) * residual : 0;
    const double vehicle = leased ? (over_term - residual) / n + (over_term + residual) * q / 2
                                  : factor(n) * grown * over_term - balloon;
    const double lease_tax = leased ? vehicle * plain(t.sales_tax_rate) : 0;
    const bool upfront = t.lease_tax == LeaseTax::upfront;
    const double payment = vehicle + (upfront ? 0 : lease_tax) +
                           factor(periods(t.insurance_months)) * grown * plain(t.insurance) +
                           plain(t.gps_monthly) * (1 + plain(t.gps_tax_rate)) * months +
                           (t.installation_in_first_payment ? install : 0);
    const double margin = (t.margin_service_fee ? service : 0) + (t.margin_opening_fee ? opening : 0) +
                          (t.margin_protection ? plain(t.protection) : 0) - plain(t.margin_cost);
    const double money[] = {payment, 0, loan_amount, effective, service, opening, margin, payment / months};
    for (std::size_t i = 0; i < kAmounts; ++i) {
        out[i] = plain_rounded(money[i] * unit, t.rounding);
    }
    const double signing = (t.fees_financed ? 0 : fees) + (t.sales_tax_financed ? 0 : sales_tax) +
                           (upfront ? lease_tax * n : 0) + (t.payments_in_advance ? payment : 0);
    out[kSigning] = plain_rounded(signing * unit, t.rounding);
    const double change = payment / months / plain(t.current_payment.value) - 1;
    out[static_cast<int>(Amount::change)] = std::round(change * 1e6);
    const double i = plain(t.annual_rate) / 12;
    double npv = 0;
    for (int k = 1; i != 0 && k <= t.term; ++k) {
        const double all = std::pow(1 + i, t.term);
        npv += (1 + plain(t.interest_tax_rate)) * i * loan_amount * (all - std::pow(1 + i, k - 1)) /
               (all - 1) / std::pow(1 + q, k - 1);
    }
    out[kNpv] = plain_rounded(npv * unit, t.rounding);
}

/* Shows the first few that are wrong. */
void show(const char *what, const Case &made, const Deal &deal, std::int64_t price,
          const std::string &expected, const std::string &got) {
    static std::mutex mutex;
    static int shown = 0;
    const std::lock_guard lock(mutex);
    if (++shown <= 20) {
        char text[kDealTextSize];
        write_deal(deal, text, sizeof text);
        std::fprintf(stderr, "wrong %s (place %d) at %lld: expected %s, got %s\n  %s\n", what,
                     static_cast<int>(made.place), static_cast<long long>(price), expected.c_str(),
                     got.c_str(), text);
    }
}

std::string digits(const Real &value) {
    return value.str(0, std::ios_base::fixed);
}

/* Whether the line of an amount decides its rounding at a price without fractions. */
bool fast_enough(const Line &line, std::int64_t price, Rounding rounding) {
    std::int64_t rounded = 0;
    return round_without_doubt(value_at(line, price), rounding, rounded);
}

void compare_amounts(const Case &made, bool with_npv, Report &report) {
    Deal deal;
    const Terms &t = made.terms;
    if (!build_deal(t, deal)) {
        std::fprintf(stderr, "a deal cannot be built\n");
        std::exit(1);
    }
    const oracle::Deal truth(t);
    const oracle::Offer o = truth.offer(made.price);
    const Real money[kFigures] = {
        o.payment, 0, o.loan_amount,   o.effective_equity, o.service_fee, o.opening_fee, o.margin,
        o.monthly, 0, o.due_at_signing};
    with_npv = with_npv && require_plain_loan(t, kNames[kNpv]).has_value();
    double plain_ones[kFigures];
    plain_figures(t, made.price, plain_ones);
    const int place = made.place == Place::anywhere ? 0 : 1;
    for (int i = 0; i < kFigures; ++i) {
        const bool change = i == static_cast<int>(Amount::change);
        if (i == kNpv && !with_npv) {
            continue;
        }
        Real expected;
        Result<std::int64_t> got = 0;
        bool fast = true;
        if (i == kNpv) {
            expected = truth.minor(oracle::interest_npv(o.loan_amount, oracle::real(t.annual_rate),
                                                        oracle::real(t.interest_tax_rate), t.term));
            fast = fast_enough(compiled(Formula<Bounded>(t).interest_npv()), made.price, t.rounding);
            got = interest_npv_at(deal, made.price);
        } else if (i == kSigning) {
            const Line line = compiled(Formula<Bounded>(t).due_at_signing());
            expected = truth.minor(money[i]);
            fast = fast_enough(line, made.price, t.rounding);
            got = round_at(line, made.price, t.rounding, [&] { return Formula<Ratio>(t).due_at_signing(); });
        } else {
            expected =
                change ? oracle::rounded(o.change * 1'000'000, Rounding::half_up) : truth.minor(money[i]);
            fast = fast_enough(deal.lines[i], made.price, change ? Rounding::half_up : t.rounding);
            got = amount_at(deal, static_cast<Amount>(i), made.price);
        }
        Tally &tally = report.figures[i];
        tally.compared[place] += 1;
        tally.exact_path[place] += fast ? 0 : 1;
        tally.plain_wrong[place] += Real(plain_ones[i]) != expected ? 1 : 0;
        const bool too_large = abs(expected) > Real(kMaxCoefficient);
        const bool right =
            too_large ? !got && got.error().kind == ErrorKind::out_of_range : got && Real(*got) == expected;
        if (!right) {
            tally.wrong += 1;
            show(kNames[i], made, deal, made.price, digits(expected),
                 got ? std::to_string(*got) : got.error().message);
        }
    }
}

/* A worksheet, where something is financed: what its parts add up to, and what they must. */
void compare_sheet(const Case &made, Report &report) {
    Deal deal;
    if (!build_deal(made.terms, deal)) {
        std::fprintf(stderr, "a deal cannot be built\n");
        std::exit(1);
    }
    const Result<Sheet> sheet = sheet_at(deal, made.price);
    if (!sheet) {
        return;
    }
    report.sheets += 1;
    const oracle::Deal truth(made.terms);
    const oracle::Offer o = truth.offer(made.price);
    Real lines = 0;
    for (const SheetLine &line : sheet->all()) {
        if (line.settled != Settled::sum) {
            lines += line.amount;
            continue;
        }
        const Real expected = line.part == SheetPart::amount_financed  ? truth.minor(o.loan_amount)
                              : line.part == SheetPart::due_at_signing ? truth.minor(o.due_at_signing)
                              : line.part == SheetPart::payment        ? truth.minor(o.payment)
                                                                       : lines;
        if (lines != expected || lines != Real(line.amount)) {
            report.sheets_wrong += 1;
            show(name_of(line.part), made, deal, made.price, digits(expected), std::to_string(line.amount));
        }
        lines = 0;
    }
}

/* Every price within 3 of a window's ends, and windows that follow each other from the lowest price to the
 * highest. */
void compare_windows(const Case &made, Report &report) {
    Deal deal;
    if (!build_deal(made.terms, deal)) {
        std::fprintf(stderr, "a deal cannot be built\n");
        std::exit(1);
    }
    const oracle::Deal truth(made.terms);
    report.window_deals += 1;
    report.windows += deal.window_count;
    std::vector<std::int64_t> near = {deal.lowest, deal.highest, made.price, 1};
    std::int64_t next = deal.lowest;
    bool in_order = true;
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        in_order = in_order && window.lowest == next && window.highest >= window.lowest;
        next = window.highest + 1;
        near.push_back(window.lowest);
        near.push_back(window.highest);
    }
    in_order = in_order && (deal.lowest > deal.highest ? deal.window_count == 0 : next == deal.highest + 1);
    if (!in_order) {
        report.window_wrong += 1;
        show("order of windows", made, deal, deal.lowest, "", "");
    }
    for (const std::int64_t end : near) {
        for (std::int64_t price = std::max<std::int64_t>(1, end - 3);
             price <= std::min(end + 3, kMaxPriceMinor); ++price) {
            const oracle::Offer offer = truth.offer(price);
            const bool eligible = truth.eligible(offer);
            const Window *window = window_at(deal, price);
            const Result<Refusal> refusal = refusal_at(deal.terms, price);
            report.window_prices += 1;
            const int tier = eligible ? truth.tier(offer) : -2;
            const int found = window == nullptr ? -2 : static_cast<int>(window->tier);
            if (tier != found || !refusal || (refusal->failed == 0) != eligible) {
                report.window_wrong += 1;
                show("window", made, deal, price, std::to_string(tier), std::to_string(found));
            }
        }
    }
}

/* Three fifths of the deals lie anywhere, the others at rounding boundaries. */
Place place_of(std::int64_t number) {
    return number % 5 < 3 ? Place::anywhere : number % 5 == 3 ? Place::on_boundary : Place::near_boundary;
}

void run_block(std::uint64_t seed, std::int64_t first, std::int64_t last, std::int64_t windows_every,
               Report &report) {
    RandomTerms random(seed + static_cast<std::uint64_t>(first) * 0x9e3779b97f4a7c15U);
    for (std::int64_t number = first; number < last; ++number) {
        Case made = random.draw(place_of(number));
        compare_amounts(made, number % kNpvEvery == 0 || number % kNpvEvery == 8, report);
        if (number % kSheetsEvery == (number / kSheetsEvery) % kSheetsEvery) {
            compare_sheet(made, report);
        }
        if (number % windows_every == (number / windows_every) % windows_every) {
            random.add_windows(made);
            compare_windows(made, report);
        }
    }
}

void print(const Report &report) {
    std::printf("%-17s %10s %6s | %-27s | %-27s\n", "", "", "", "  anywhere", "  at a rounding boundary");
    std::printf("%-17s %10s %6s | %13s %13s | %13s %13s\n", "amount", "compared", "wrong", "doubles wrong",
                "exact path", "doubles wrong", "exact path");
    for (int i = 0; i < kFigures; ++i) {
        const Tally &t = report.figures[i];
        std::printf("%-17s %10lld %6lld |", kNames[i], static_cast<long long>(t.compared[0] + t.compared[1]),
                    static_cast<long long>(t.wrong));
        for (int at = 0; at < 2; ++at) {
            const double all = static_cast<double>(t.compared[at]) / 100;
            std::printf(" %12.4f%% %12.4f%% %s", static_cast<double>(t.plain_wrong[at]) / all,
                        static_cast<double>(t.exact_path[at]) / all, at == 0 ? "|" : "\n");
        }
    }
    std::printf("windows: %lld deals, %lld windows, %lld prices at their ends, %lld wrong\n",
                static_cast<long long>(report.window_deals), static_cast<long long>(report.windows),
                static_cast<long long>(report.window_prices), static_cast<long long>(report.window_wrong));
    std::printf("sheets: %lld, %lld wrong\n", static_cast<long long>(report.sheets),
                static_cast<long long>(report.sheets_wrong));
}

} // namespace

int main(int count, char **arguments) {
    const std::int64_t deals = count > 1 ? std::atoll(arguments[1]) : 1'000'000;
    const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 20'240'229;
    if (deals < 1) {
        std::fprintf(stderr, "usage: exactness [deals] [seed]\n");
        return 2;
    }
    const std::int64_t windows_every =
        std::max<std::int64_t>(1, std::min(kWindowsEvery, deals / kFewestWindows));
    const auto start = std::chrono::steady_clock::now();
    std::atomic<std::int64_t> next = 0;
    constexpr int kThreads = 2;
    Report reports[kThreads];
    std::vector<std::thread> threads;
    for (Report &report : reports) {
        threads.emplace_back([&, windows_every] {
            for (std::int64_t first = next.fetch_add(kBlock); first < deals; first = next.fetch_add(kBlock)) {
                run_block(seed, first, std::min(first + kBlock, deals), windows_every, report);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    reports[0].add(reports[1]);
    const Report &report = reports[0];
    std::int64_t wrong = report.window_wrong + report.sheets_wrong;
    for (const Tally &tally : report.figures) {
        wrong += tally.wrong;
    }
    print(report);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("seed %llu, %.1f s\n", static_cast<unsigned long long>(seed), seconds);
    std::printf("exactness: %lld deals, %lld wrong\n", static_cast<long long>(deals),
                static_cast<long long>(wrong));
    return wrong == 0 ? 0 : 1;
}
