/*
 * The special functions of Boost.Math that this room needs, in long doubles and under a policy that throws
 * nothing.
 */
#pragma once

#include <cmath>

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace policies = boost::math::policies;

/* Errors are not-a-number or infinity, which callers check; arguments are in the domain anyway. */
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>, policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>, policies::promote_double<false>>;
inline constexpr Quiet kQuiet;

/* 1 / (1 + e^-x), which does not overflow. */
template <typename Number>
Number sigmoid(Number x) noexcept {
    const Number small = std::exp(-std::abs(x));
    return (x >= 0 ? Number{1} : small) / (1 + small);
}

/* log(p / (1 - p)). */
template <typename Number>
Number logit(Number p) noexcept {
    return std::log(p) - std::log1p(-p);
}

} // namespace tradeup
