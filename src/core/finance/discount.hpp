/*
 * Powers of e for discounting, in long doubles: a fifth of the time of the library's, which serves every
 * exponent.
 */
#pragma once

#include <bit>
#include <cstdint>

#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* 2^(i / 32), each the nearest of 64 bits. */
inline constexpr int kRootsOfTwo = 32;
inline constexpr Wide kRootOfTwo[kRootsOfTwo] = {
    0x8.000000000000000p-3L, 0x8.2CD8698AC2BA1D7p-3L, 0x8.5AAC367CC487B15p-3L, 0x8.8980E8092DA8527p-3L,
    0x8.B95C1E3EA8BD6E7p-3L, 0x8.EA4398B45CD53C0p-3L, 0x9.1C3D373AB11C336p-3L, 0x9.4F4EFA8FEF70961p-3L,
    0x9.837F0518DB8A96Fp-3L, 0x9.B8D39B9D54E5539p-3L, 0x9.EF5326091A111AEp-3L, 0xA.27043030C496819p-3L,
    0xA.5FED6A9B15138EAp-3L, 0xA.9A15AB4EA7C0EF8p-3L, 0xA.D583EEA42A14AC6p-3L, 0xB.123F581D2AC2590p-3L,
    0xB.504F333F9DE6484p-3L, 0xB.8FBAF4762FB9EE9p-3L, 0xB.D08A39F580C36BFp-3L, 0xC.12C4CCA66709456p-3L,
    0xC.5672A115506DADDp-3L, 0xC.9B9BD866E2F27A3p-3L, 0xC.E248C151F8480E4p-3L, 0xD.2A81D91F12AE45Ap-3L,
    0xD.744FCCAD69D6AF4p-3L, 0xD.BFBB797DAF23755p-3L, 0xE.0CCDEEC2A94E111p-3L, 0xE.5B906E77C8348A8p-3L,
    0xE.AC0C6E7DD24392Fp-3L, 0xE.FE4B99BDCDAF5CBp-3L, 0xF.5257D152486CC2Cp-3L, 0xF.A83B2DB722A033Ap-3L};

/* Below this, e^x is no longer a normal double. */
inline constexpr double kLeastExponent = -700;

/*
 * e^x for kLeastExponent <= x <= 0, wrong by at most two units of 2^-64 of it. After P. T. P. Tang,
 * Table-driven implementation of the exponential function, ACM Transactions on Mathematical Software 15,
 * 1989: x = k ln(2) / 32 + r, |r| <= ln(2) / 64; 2^(k / 32) is a power of two times one of the table, and the
 * series of e^r is short. Its terms from the third are so small that doubles hold them well enough.
 */
inline Wide discount(Wide x) noexcept {
    constexpr double kPerStep = 46.166241308446829;     // 32 / ln(2)
    constexpr double kToWhole = 0x1.8p52;               // adding it leaves no digits behind the point
    constexpr Wide kHigh = 0xB1.7217F7D1p-13L;          // ln(2) / 32, so short that k times it is exact
    constexpr Wide kLow = 2.303438301614937156823e-14L; // and the rest
    const double steps = (static_cast<double>(x) * kPerStep + kToWhole) - kToWhole;
    const auto k = static_cast<std::int32_t>(steps);
    const Wide r = (x - steps * kHigh) - steps * kLow;
    const auto d = static_cast<double>(r);
    const double square = d * d;
    const double late = 1.0 / 120 + d * (1.0 / 720) + square * (1.0 / 5040);
    const double tail = square * d * (1.0 / 6 + d * (1.0 / 24) + square * late);
    const Wide power = 1 + (r + (r * r / 2 + tail));
    constexpr std::int64_t kBias = 1023;
    constexpr int kMantissa = 52;
    const auto scale = std::bit_cast<double>((kBias + (k >> 5)) << kMantissa);
    return power * kRootOfTwo[k & (kRootsOfTwo - 1)] * scale;
}

} // namespace tradeup
