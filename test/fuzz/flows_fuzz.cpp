/*
 * libFuzzer: bytes as cash flows. Every rate found is above -1, the one that is nearest zero is among all of
 * them, there are no more than changes of sign, and with one change there is one unless it is beyond what a
 * double holds.
 */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/finance/flows.hpp"

namespace {

using namespace tradeup;

bool never() noexcept {
    return false;
}

void require(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    constexpr std::size_t kMostFlows = 40;
    std::vector<double> amounts;
    for (; size >= 3 && amounts.size() < kMostFlows; data += 3, size -= 3) {
        std::int16_t digits = 0;
        std::memcpy(&digits, data, sizeof digits);
        amounts.push_back(std::ldexp(digits, static_cast<std::int8_t>(data[2]) * 4));
    }
    int changes = 0;
    double last = 0;
    for (const double amount : amounts) {
        changes += amount != 0 && last != 0 && (amount > 0) != (last > 0) ? 1 : 0;
        last = amount != 0 ? amount : last;
    }
    const Result<Answer> one = rate_of_return(amounts, never);
    const Result<Rates> all = rates_of_return(amounts, never);
    require(one && all, "flows that are finite fail");
    require(all->count <= changes, "more rates than changes of sign");
    bool among = !*one;
    for (int i = 0; i < all->count; ++i) {
        require(all->at[i] > -1 && std::isfinite(all->at[i]), "a rate out of its domain");
        require(i == 0 || all->at[i - 1] < all->at[i], "rates are not in order");
        among = among || std::fabs(all->at[i] - **one) <= 1e-9 * (1 + std::fabs(**one));
    }
    require(changes > kMostSignChanges || among, "the rate nearest zero is not among all");
    require(changes > kMostSignChanges || (all->count > 0) == one->has_value(),
            "one search finds, one does not");
    return 0;
}
