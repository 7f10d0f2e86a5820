/*
 * Writes the lines of a deal's worksheet: each amount of the formula rounded by itself, each part closed by
 * its sum.
 */
#include "core/deal/sheet.hpp"

#include "core/deal/formula.hpp"
#include "core/deal/schedule.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* An amount of money of the terms as an amount of the formula. */
auto constant(Decimal amount) noexcept {
    return [amount](const auto &formula) { return formula.constant(amount); };
}

/* Writes lines as long as nothing fails; the first error is kept. */
class Writer {
public:
    Writer(const Terms &terms, std::int64_t price_minor, Sheet &sheet)
        : terms_(terms), formula_(terms), price_(price_minor), sheet_(sheet) {}

    void begin(SheetPart part) noexcept {
        part_ = part;
        added_ = 0;
    }

    /* An amount of the formula, rounded, or what it takes away. */
    template <typename Of>
    std::int64_t rounded(Of of) noexcept {
        return kept(round_at(compiled(of(formula_)), price_, terms_.rounding,
                             [&] { return of(Formula<Ratio>(terms_)); }));
    }

    template <typename Of>
    void add(const char *name, Settled settled, Of of) noexcept {
        put(name, settled, rounded(of));
    }

    template <typename Of>
    void take(const char *name, Settled settled, Of of) noexcept {
        put(name, settled, -rounded(of));
    }

    /* An amount of money of the terms. */
    void add(const char *name, Settled settled, Decimal amount) noexcept {
        add(name, settled, constant(amount));
    }

    void take(const char *name, Settled settled, Decimal amount) noexcept {
        take(name, settled, constant(amount));
    }

    void put(const char *name, Settled settled, Int128 amount) noexcept {
        const std::int64_t minor = narrow(amount);
        added_ += minor;
        if (minor != 0) {
            write(name, settled, minor);
        }
    }

    /* Ends a part whose sum is known, after the line by which the rounded lines differ from it. */
    void close_with(Settled rounding, const Result<std::int64_t> &sum) noexcept {
        const std::int64_t known = kept(sum);
        put("rounding", rounding, Int128{known} - added_);
        write(name_of(part_), Settled::sum, known);
    }

    /* Ends a part whose lines are exact. */
    void close() noexcept { write(name_of(part_), Settled::sum, narrow(added_)); }

    Int128 added() const noexcept { return added_; }
    const Result<bool> &state() const noexcept { return state_; }

private:
    std::int64_t kept(const Result<std::int64_t> &amount) noexcept {
        if (!amount && state_) {
            state_ = tl::unexpected(amount.error());
        }
        return amount ? *amount : 0;
    }

    std::int64_t narrow(Int128 amount) noexcept {
        if (amount > kMaxCoefficient || amount < -kMaxCoefficient) {
            return kept(tl::unexpected(make_error(ErrorKind::out_of_range, "amount is out of range")));
        }
        return static_cast<std::int64_t>(amount);
    }

    void write(const char *name, Settled settled, std::int64_t amount) noexcept {
        sheet_.lines[sheet_.count++] = {part_, settled, name, amount};
    }

    const Terms &terms_;
    const Formula<Bounded> formula_;
    const std::int64_t price_;
    Sheet &sheet_;
    SheetPart part_ = SheetPart::amount_financed;
    Int128 added_ = 0;
    Result<bool> state_ = true;
};

constexpr auto kPrice = [](const auto &formula) { return formula.price(); };
constexpr auto kServiceFee = [](const auto &formula) { return formula.service_fee(); };
constexpr auto kOpeningFee = [](const auto &formula) { return formula.opening_fee(); };
constexpr auto kSalesTax = [](const auto &formula) { return formula.sales_tax(); };
constexpr auto kInstallation = [](const auto &formula) { return formula.installation(); };
constexpr auto kResidual = [](const auto &formula) { return formula.residual(); };

/* What the customer's vehicle brings and what is owed on it. An equity above its value is money that she
 * brings. */
void write_trade_in(Writer &sheet, const Terms &terms) noexcept {
    if (!terms.trade_value.present) {
        sheet.take("equity", Settled::financed, terms.equity);
        return;
    }
    const Decimal value = terms.trade_value.value;
    sheet.take("trade value", Settled::financed, value);
    const auto owed = [&terms, value](const auto &formula) {
        return formula.constant(value) - formula.constant(terms.equity);
    };
    if (compare(value, terms.equity) >= 0) {
        sheet.add("payoff", Settled::financed, owed);
    } else {
        sheet.add("down payment", Settled::financed, owed);
    }
}

/* The fees and the tax that are either financed or due at signing. */
void write_fees(Writer &sheet, const Terms &terms, Settled settled) noexcept {
    sheet.add("service fee", settled, kServiceFee);
    sheet.add("document fee", settled, terms.document_fee);
    sheet.add("acquisition fee", settled, terms.acquisition_fee);
}

void write_financed(Writer &sheet, const Deal &deal, std::int64_t price) noexcept {
    const Terms &terms = deal.terms;
    sheet.begin(SheetPart::amount_financed);
    sheet.add("price", Settled::financed, kPrice);
    write_trade_in(sheet, terms);
    sheet.take("bonus", Settled::financed, terms.bonus);
    sheet.take("customer bonus", Settled::financed, terms.customer_bonus);
    sheet.add("opening fee", Settled::financed, kOpeningFee);
    if (terms.installation_from_equity) {
        sheet.add("GPS installation, from the equity", Settled::financed, kInstallation);
    }
    if (terms.fees_financed) {
        write_fees(sheet, terms, Settled::financed);
    }
    if (terms.sales_tax_financed && terms.kind != DealKind::lease) {
        sheet.add("sales tax", Settled::financed, kSalesTax);
    }
    sheet.add("protection", Settled::financed, terms.protection);
    sheet.add("insurance", Settled::financed, terms.insurance);
    if (terms.installation_financed) {
        sheet.add("GPS installation", Settled::financed, kInstallation);
    }
    sheet.close_with(Settled::financed, amount_at(deal, Amount::loan_amount, price));
}

void write_signing(Writer &sheet, const Deal &deal, std::int64_t price) noexcept {
    const Terms &terms = deal.terms;
    sheet.begin(SheetPart::due_at_signing);
    if (!terms.fees_financed) {
        write_fees(sheet, terms, Settled::due_at_signing);
    }
    if (terms.kind == DealKind::lease) {
        if (terms.lease_tax == LeaseTax::upfront) {
            sheet.add("sales tax", Settled::due_at_signing,
                      [](const auto &formula) { return formula.upfront_tax(); });
        }
        if (terms.payments_in_advance) {
            sheet.add("first payment", Settled::due_at_signing,
                      [](const auto &formula) { return formula.payment(); });
        }
    } else if (!terms.sales_tax_financed) {
        sheet.add("sales tax", Settled::due_at_signing, kSalesTax);
    }
    sheet.close_with(Settled::due_at_signing, due_at_signing_at(deal, price));
}

void write_payment(Writer &sheet, const Deal &deal, std::int64_t price) noexcept {
    const Terms &terms = deal.terms;
    const Settled each = Settled::each_payment;
    sheet.begin(SheetPart::payment);
    if (terms.kind == DealKind::lease) {
        sheet.add("depreciation", each, [](const auto &formula) { return formula.depreciation(); });
        sheet.add("rent charge", each, [](const auto &formula) { return formula.rent(); });
        if (terms.lease_tax == LeaseTax::payment) {
            sheet.add("sales tax", each, [](const auto &formula) { return formula.rent_tax(); });
        }
    } else {
        sheet.add("principal and interest", each,
                  [](const auto &formula) { return formula.vehicle_payment(); });
    }
    sheet.add("insurance", each, [](const auto &formula) { return formula.insurance_payment(); });
    sheet.add("GPS", each, [](const auto &formula) { return formula.gps_charge(); });
    sheet.add("tax on GPS", each, [](const auto &formula) { return formula.gps_tax(); });
    if (terms.installation_in_first_payment) {
        sheet.add("GPS installation", Settled::first_payment, kInstallation);
    }
    sheet.close_with(each, amount_at(deal, Amount::payment, price));
}

/* What the rows of a schedule add up to. */
struct Totals {
    Int128 renewed; // insurance that is financed later
    Int128 interest;
    Int128 tax;        // but that on GPS
    std::int64_t left; // of the last balance: what a leased vehicle is worth
};

Totals totals_of(const Schedule &begun) noexcept {
    Schedule schedule = begun;
    Totals totals{};
    ScheduleRow row{};
    while (next_row(schedule, row)) {
        totals.renewed += row.number == 1 ? 0 : row.financed;
        totals.interest += row.interest;
        totals.tax += row.tax - gps_tax_in(schedule, row.number);
        totals.left = row.closing;
    }
    return totals;
}

void write_totals(Writer &sheet, const Deal &deal, std::int64_t financed, const Schedule &schedule,
                  const Totals &totals) noexcept {
    const bool leased = deal.terms.kind == DealKind::lease;
    const Settled over = Settled::over_the_term;
    sheet.begin(SheetPart::total_of_payments);
    sheet.put("amount financed", over, financed);
    sheet.put("residual", Settled::at_the_end, -Int128{totals.left});
    sheet.put("insurance renewed", over, totals.renewed);
    sheet.put(leased ? "rent charge" : "interest", over, totals.interest);
    sheet.put(leased ? "tax" : "tax on interest", over, totals.tax);
    sheet.put("GPS", over, Int128{schedule.charges} * schedule.term);
    sheet.put("tax on GPS", over, Int128{schedule.charges_tax} * schedule.term);
    sheet.put("GPS installation", Settled::first_payment,
              Int128{schedule.installation} + schedule.installation_tax);
    sheet.put("end fee", Settled::at_the_end, schedule.end_fee);
    sheet.close();
}

void write_end(Writer &sheet, const Deal &deal) noexcept {
    sheet.begin(SheetPart::at_the_end);
    if (deal.terms.kind == DealKind::balloon) {
        sheet.add("balloon", Settled::at_the_end, kResidual);
    }
    sheet.add("end fee", Settled::at_the_end, deal.terms.end_fee);
    if (sheet.added() != 0) {
        sheet.close();
    }
}

std::int64_t write_charge(Writer &sheet, const Deal &deal, const Totals &totals) noexcept {
    const Terms &terms = deal.terms;
    const Settled fees = terms.fees_financed ? Settled::financed : Settled::due_at_signing;
    sheet.begin(SheetPart::finance_charge);
    sheet.add("service fee", fees, kServiceFee);
    sheet.add("opening fee", Settled::financed, kOpeningFee);
    sheet.add("acquisition fee", fees, terms.acquisition_fee);
    const Int128 prepaid = sheet.added();
    sheet.put("interest", Settled::over_the_term, totals.interest);
    sheet.put("tax on interest", Settled::over_the_term, totals.tax);
    sheet.add("end fee", Settled::at_the_end, terms.end_fee);
    sheet.close();
    return static_cast<std::int64_t>(prepaid);
}

} // namespace

const char *name_of(SheetPart part) noexcept {
    switch (part) {
    case SheetPart::amount_financed:
        return "amount financed";
    case SheetPart::due_at_signing:
        return "due at signing";
    case SheetPart::payment:
        return "payment";
    case SheetPart::total_of_payments:
        return "total of payments";
    case SheetPart::at_the_end:
        return "at the end";
    case SheetPart::finance_charge:
        break;
    }
    return "finance charge";
}

const char *word_of(Settled settled, Frequency payments) noexcept {
    switch (settled) {
    case Settled::financed:
        return "financed";
    case Settled::due_at_signing:
        return "due at signing";
    case Settled::each_payment:
        return word_for(kFrequencies, payments);
    case Settled::first_payment:
        return "first payment";
    case Settled::over_the_term:
        return "over the term";
    case Settled::at_the_end:
        return "at the end";
    case Settled::sum:
        break;
    }
    return "sum";
}

Result<Sheet> sheet_at(const Deal &deal, std::int64_t price_minor) noexcept {
    const Result<Schedule> schedule = begin_schedule(deal, price_minor);
    if (!schedule) {
        return tl::unexpected(schedule.error());
    }
    Sheet made{};
    Writer sheet(deal.terms, price_minor, made);
    write_financed(sheet, deal, price_minor);
    const std::int64_t financed = made.lines[made.count - 1].amount;
    write_signing(sheet, deal, price_minor);
    write_payment(sheet, deal, price_minor);
    const Totals totals = totals_of(*schedule);
    write_totals(sheet, deal, financed, *schedule, totals);
    write_end(sheet, deal);
    if (deal.terms.kind != DealKind::lease) {
        made.prepaid = write_charge(sheet, deal, totals);
    }
    return sheet.state().map([&](bool) { return made; });
}

Result<std::int64_t> lease_money_factor(const Terms &terms, int digits) noexcept {
    return guarded([&]() -> Result<std::int64_t> {
        const Ratio factor =
            period_rate<Ratio>(terms) * Ratio{kPowersOfTen[static_cast<std::size_t>(digits)], 2};
        return narrowed(round_ratio(factor.numerator, factor.denominator, Rounding::half_up));
    });
}

} // namespace tradeup
