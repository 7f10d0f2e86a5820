/*
 * Likelihood ratios of counts, of a relative risk, and of uncertain evidence.
 */
#include "core/leads/ratios.hpp"

#include <cmath>

#include "core/leads/special.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr double kMostCount = 1e9;
constexpr double kLeastRatio = 1e-300;
constexpr double kMostRatio = 1e300;

/* log of (failed / all_failed) / (sound / all_sound), and 1/failed - 1/all_failed + 1/sound - 1/all_sound. */
LogRatio plain_ratio(Wide failed, Wide others_failed, Wide sound, Wide others_sound) noexcept {
    const Wide all_failed = failed + others_failed;
    const Wide all_sound = sound + others_sound;
    return {static_cast<double>(std::log(failed * all_sound / (all_failed * sound))),
            static_cast<double>(others_failed / (failed * all_failed) + others_sound / (sound * all_sound))};
}

/* Mean and variance of the same logarithm when both shares have the posterior of Jeffreys' prior. */
LogRatio jeffreys_ratio(Wide failed, Wide others_failed, Wide sound, Wide others_sound) noexcept {
    const Wide all_failed = failed + others_failed + 1;
    const Wide all_sound = sound + others_sound + 1;
    const auto digamma = [](Wide x) { return boost::math::digamma(x, kQuiet); };
    const auto trigamma = [](Wide x) { return boost::math::trigamma(x, kQuiet); };
    return {static_cast<double>((digamma(failed + 0.5L) - digamma(sound + 0.5L)) -
                                (digamma(all_failed) - digamma(all_sound))),
            static_cast<double>((trigamma(failed + 0.5L) - trigamma(all_failed)) +
                                (trigamma(sound + 0.5L) - trigamma(all_sound)))};
}

Error not_between_0_and_1(const char *what, double value) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s must be between 0 and 1", what), "It is %.15g.",
                       value);
}

Result<bool> check_ratio(double ratio) noexcept {
    if (!(ratio >= kLeastRatio && ratio <= kMostRatio)) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "likelihood ratio must be above 0 and finite"),
                        "It is %.15g.", ratio));
    }
    return true;
}

} // namespace

Result<LogRatios> ratios_of_counts(const StressorCounts &counts, CountsForm form) noexcept {
    for (const double count :
         {counts.present_failed, counts.absent_failed, counts.present_sound, counts.absent_sound}) {
        if (!(count >= 0 && count <= kMostCount)) {
            return tl::unexpected(with_detail(
                make_error(ErrorKind::bad_value, "counts must be from 0 to 1e9"), "One is %.15g.", count));
        }
        if (count == 0 && form == CountsForm::plain) {
            return tl::unexpected(with_hint(
                with_detail(make_error(ErrorKind::bad_value, "counts must be above 0 in the form plain"),
                            "Of a count of 0 a ratio is 0 or infinite, or its error is."),
                "Use the form jeffreys."));
        }
    }
    const auto ratio = form == CountsForm::plain ? plain_ratio : jeffreys_ratio;
    return LogRatios{
        ratio(counts.present_failed, counts.absent_failed, counts.present_sound, counts.absent_sound),
        ratio(counts.absent_failed, counts.present_failed, counts.absent_sound, counts.present_sound)};
}

Result<double> variance_within(double factor) noexcept {
    if (!(factor >= 1 && factor <= kMostRatio)) {
        return tl::unexpected(with_hint(
            with_detail(make_error(ErrorKind::bad_value, "uncertainty must be a factor of 1 or more"),
                        "It is %.15g.", factor),
            "2 says that a ratio is right within a factor of 2, in 95 of 100 cases."));
    }
    const double deviation = std::log(factor) / 1.96;
    return deviation * deviation;
}

Result<LogRatios> ratios_within(double present, double absent, double factor) noexcept {
    for (const double ratio : {present, absent}) {
        if (const Result<bool> right = check_ratio(ratio); !right) {
            return tl::unexpected(right.error());
        }
    }
    return variance_within(factor).map([&](double variance) {
        return LogRatios{{std::log(present), variance}, {std::log(absent), variance}};
    });
}

Result<LogRatios> ratios_of_relative_risk(double relative_risk, double rate, double prevalence) noexcept {
    if (!(relative_risk >= kLeastRatio && relative_risk <= kMostRatio)) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "relative risk must be above 0 and finite"),
                        "It is %.15g.", relative_risk));
    }
    if (!(rate > 0 && rate < 1)) {
        return tl::unexpected(not_between_0_and_1("rate", rate));
    }
    if (!(prevalence > 0 && prevalence < 1)) {
        return tl::unexpected(not_between_0_and_1("prevalence", prevalence));
    }
    const Wide without = rate / (1 + prevalence * (static_cast<Wide>(relative_risk) - 1));
    const Wide with = relative_risk * without;
    if (with >= 1 || without >= 1) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "relative risk is too large for this rate and prevalence"),
            "Relative risk %.15g at a rate of %.15g and a prevalence of %.15g: vehicles %s the stressor "
            "would fail at a rate "
            "of %.6Lg.",
            relative_risk, rate, prevalence, with >= 1 ? "with" : "without", with >= 1 ? with : without));
    }
    const auto log_odds = [](Wide p) { return std::log(p) - std::log1p(-p); };
    const Wide all = log_odds(rate);
    return LogRatios{{static_cast<double>(log_odds(with) - all), 0},
                     {static_cast<double>(log_odds(without) - all), 0}};
}

LogRatio soft_ratio(const LogRatios &ratios, double probability) noexcept {
    const double larger = std::fmax(ratios.present.log, ratios.absent.log);
    const double present = probability * std::exp(ratios.present.log - larger);
    const double absent = (1 - probability) * std::exp(ratios.absent.log - larger);
    const double share = present / (present + absent);
    return {larger + std::log(present + absent),
            share * share * ratios.present.variance + (1 - share) * (1 - share) * ratios.absent.variance};
}

Result<double> soft_ratio(double present, double absent, double probability) noexcept {
    for (const double ratio : {present, absent}) {
        if (const Result<bool> right = check_ratio(ratio); !right) {
            return tl::unexpected(right.error());
        }
    }
    if (!(probability >= 0 && probability <= 1)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "probability must be from 0 to 1"),
                                          "It is %.15g.", probability));
    }
    return static_cast<double>(static_cast<Wide>(probability) * present +
                               (1 - static_cast<Wide>(probability)) * absent);
}

} // namespace tradeup
