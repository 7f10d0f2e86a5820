/*
 * Edges of targets and of tiers, and on which side of them a payment lies.
 */
#include "core/solve/edge.hpp"

#include "core/number/sign.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Edge payments_up_to(std::int64_t payment_minor, Rounding rounding) noexcept {
    const RoundingEdge edge = rounds_to_at_most(payment_minor, rounding);
    return {false, static_cast<std::int64_t>(edge.doubled), {}, edge.inclusive};
}

Edge changes_up_to(const Terms &terms, Decimal change, bool inclusive) noexcept {
    const ChangeLimit limit = change_limit(terms, change, inclusive);
    return {true, 0, limit.edge, limit.inclusive};
}

} // namespace

Edge edge_of(const Target &target, const Terms &terms, bool up_to) noexcept {
    if (target.kind == TargetKind::payment) {
        return payments_up_to(target.payment_minor, terms.rounding);
    }
    if (target.kind == TargetKind::change) {
        return changes_up_to(terms, target.change, true);
    }
    const Tier &tier = terms.tiers[target.tier];
    return up_to ? changes_up_to(terms, tier.upper.change, tier.upper.inclusive != 0)
                 : changes_up_to(terms, tier.lower.change, tier.lower.inclusive == 0);
}

Result<bool> is_up_to(const Terms &terms, std::int64_t price_minor, const Edge &edge) noexcept {
    const auto beyond = [&]<typename Number>(const Formula<Number> &formula) {
        return at_price(formula.payment(), price_minor) - edge_amount<Number>(terms, edge);
    };
    const Result<int> sign =
        sign_of(beyond(Formula<Bounded>(terms)), [&] { return beyond(Formula<Ratio>(terms)); });
    if (!sign) {
        return tl::unexpected(sign.error());
    }
    return *sign < 0 || (*sign == 0 && edge.inclusive);
}

Result<int> against_tier(const Terms &terms, std::int64_t price_minor, const Tier &tier) noexcept {
    if (tier.upper.present) {
        const Result<bool> up_to =
            is_up_to(terms, price_minor, changes_up_to(terms, tier.upper.change, tier.upper.inclusive != 0));
        if (!up_to || !*up_to) {
            return up_to ? Result<int>(1) : tl::unexpected(up_to.error());
        }
    }
    if (tier.lower.present) {
        const Result<bool> up_to =
            is_up_to(terms, price_minor, changes_up_to(terms, tier.lower.change, tier.lower.inclusive == 0));
        if (!up_to || *up_to) {
            return up_to ? Result<int>(-1) : tl::unexpected(up_to.error());
        }
    }
    return 0;
}

} // namespace tradeup
