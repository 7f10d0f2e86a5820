/*
 * Steps round a circle against walking them one by one, and places in a strip against trying each.
 */
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "core/solve/elimination.hpp"

namespace tradeup {

TEST(Lattice, FirstStepInAnArcOfSmallCircles) {
    for (unsigned size = 1; size <= 24; ++size) {
        for (unsigned step = 0; step < size; ++step) {
            for (unsigned low = 0; low < size; ++low) {
                for (unsigned high = low; high < size; ++high) {
                    WideWhole wanted = kNoMultiple;
                    for (unsigned k = 0; k < size && wanted == kNoMultiple; ++k) {
                        const unsigned at = step * k % size;
                        wanted = low <= at && at <= high ? WideWhole{k} : wanted;
                    }
                    ASSERT_TRUE(first_in_arc(step, size, low, high) == wanted)
                        << step << " of " << size << " into " << low << " to " << high;
                }
            }
        }
    }
}

TEST(Lattice, FirstStepInAnArcOfTheLargestCircle) {
    constexpr WideWhole kSize = WideWhole{1} << 64;
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i) {
        const WideWhole step = i % 3 == 0 ? random() >> 50 : random();
        const WideWhole low = random();
        const WideWhole high = std::min(low + (random() >> (4 + i % 9)), kSize - 1);
        const WideWhole found = first_in_arc(step, kSize, low, high);
        WideWhole at = 0;
        for (unsigned k = 0; k < 20'000; ++k, at = (at + step) % kSize) {
            if (low <= at && at <= high) {
                ASSERT_TRUE(found == k) << i;
                break;
            }
            ASSERT_TRUE(found != k) << i;
        }
    }
}

/* Nothing is left out: where a strip holds a whole number, the search stops there. */
TEST(Lattice, NoPlaceOfAStripIsPassedBy) {
    std::mt19937_64 random(5);
    const auto uniform = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    int places = 0;
    for (int i = 0; i < 2000; ++i) {
        const double tilt = uniform(-1, 1) * std::pow(10, uniform(-6, 4));
        const double edge = uniform(-1e4, 1e4);
        const double width = std::pow(10, uniform(-6, -0.5));
        const double scale = std::pow(10, uniform(-3, 3));
        const double fixed = std::floor(uniform(0, 100));
        const double by_fixed = uniform(-1, 1);
        /* tilt y + edge - width <= z <= tilt y + edge, the edge moved by the first axis. */
        const Linear strip[] = {{-scale * edge, {-scale * by_fixed, -scale * tilt, scale}},
                                {scale * (edge - width), {scale * by_fixed, scale * tilt, -scale}}};
        double at = 0;
        for (double y = 0; y <= 1000; ++y) {
            const double upper = tilt * y + edge + by_fixed * fixed;
            const bool holds = upper - std::floor(upper) < width - 1e-7;
            if (holds) {
                at = next_in_strip(strip, 2, fixed, at, 1000);
                while (at < y) {
                    const double there = tilt * at + edge + by_fixed * fixed;
                    ASSERT_LT(there - std::floor(there + 1e-7), width + 1e-7) << i;
                    at = next_in_strip(strip, 2, fixed, at + 1, 1000);
                }
                ASSERT_EQ(at, y) << i;
                ++at;
                ++places;
            }
        }
    }
    EXPECT_GT(places, 1000);
}

} // namespace tradeup
