/*
 * The rules of a subsidy: their grids and defaults.
 */
#include <algorithm>
#include <limits>

#include "core/solve/subsidy.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* A decimal in units of 10^-scale; false when it does not fit in 18 digits. */
bool scaled(Decimal value, std::int64_t scale, std::int64_t &out) noexcept {
    return !__builtin_mul_overflow(value.coefficient,
                                   kPowersOfTen[static_cast<std::size_t>(scale - value.scale)], &out) &&
           out <= kMaxCoefficient && out >= -kMaxCoefficient;
}

Error bad_grid(Concession concession, const char *must, Decimal from, Decimal to, Decimal step) noexcept {
    return with_detail(
        make_error(ErrorKind::bad_value, "%s of the rules %s", concession_name(concession), must),
        "It goes from %s to %s by %s.", to_text(from).text, to_text(to).text, to_text(step).text);
}

} // namespace

Result<Concession> parse_concession(std::string_view name) noexcept {
    return value_named(kConcessionNames, name, "concession");
}

const char *verdict_name(Verdict verdict) noexcept {
    static constexpr Words<Verdict, 5> kNames{{{"passes", Verdict::passes},
                                               {"change", Verdict::change},
                                               {"margin", Verdict::margin},
                                               {"financed", Verdict::financed},
                                               {"no_offer", Verdict::no_offer}}};
    return word_for(kNames, verdict);
}

Result<Grid> make_grid(Concession concession, Decimal from, Decimal to, Decimal step) noexcept {
    const auto wrong = [&](const char *must) {
        return tl::unexpected(bad_grid(concession, must, from, to, step));
    };
    /* Whatever a deal refuses in this field, the grid does not contain. */
    const Field &field = field_of(conceded(concession));
    for (const Decimal end : {from, to}) {
        Terms checked{};
        const Result<bool> set = set_number(checked, field, end);
        if (!set) {
            return tl::unexpected(set.error());
        }
    }
    if (step.coefficient <= 0) {
        return wrong("must have a step above 0");
    }
    Grid grid{};
    grid.scale = std::max({normalized(from).scale, normalized(to).scale, normalized(step).scale});
    std::int64_t end = 0;
    if (!scaled(normalized(from), grid.scale, grid.first) || !scaled(normalized(to), grid.scale, end) ||
        !scaled(normalized(step), grid.scale, grid.step)) {
        return wrong("has too many digits");
    }
    const std::int64_t way = end - grid.first;
    grid.last = (way < 0 ? -way : way) / grid.step;
    grid.step = way < 0 ? -grid.step : grid.step;
    if (grid.last > kMostGridSteps) {
        return wrong("must have at most 10000 steps");
    }
    return grid;
}

Result<Grid> limited(Concession concession, Grid grid, Decimal highest) noexcept {
    const auto within = [&](std::int64_t index) { return compare(grid.value(index), highest) <= 0; };
    std::int64_t first = 0;
    std::int64_t last = grid.last;
    while (first <= last && !within(first)) {
        ++first;
    }
    while (last >= first && !within(last)) {
        --last;
    }
    if (first > last) {
        return tl::unexpected(
            with_hint(bad_grid(concession, "has no value within the limit of the program", grid.value(0),
                               grid.value(grid.last), {grid.step < 0 ? -grid.step : grid.step, grid.scale}),
                      "The limit is %s.", to_text(highest).text));
    }
    grid.first += first * grid.step;
    grid.last = last - first;
    return grid;
}

SubsidyRules standing_rules(std::span<const Deal *const> deals) noexcept {
    SubsidyRules rules{};
    std::transform(kConcessionNames.begin(), kConcessionNames.end(), rules.order,
                   [](const Word<Concession> &name) { return name.value; });
    for (const Deal *deal : deals) {
        std::int32_t *const end = rules.terms + rules.term_count;
        if (rules.term_count < kMostSubsidyTerms && std::find(rules.terms, end, deal->terms.term) == end) {
            rules.terms[rules.term_count++] = deal->terms.term;
        }
    }
    const auto only = [](Decimal value) { return Grid{value.coefficient, 0, 0, value.scale}; };
    if (!deals.empty()) {
        const Terms &terms = deals[0]->terms;
        for (int i = 0; i < kGrids; ++i) {
            rules.grids[i] = only(terms.*conceded(grid_concession(i)));
        }
    }
    rules.max_change = {decimal(1), 1};
    rules.max_financed_to_price = {decimal(9, 1), 1};
    return rules;
}

} // namespace tradeup
