/*
 * Tables of facets against the standard library's map.
 */
#include "core/search/facets.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "random_terms.hpp"

namespace tradeup {

namespace {

/* A table that grows as the glue's does, with memory of its own. */
struct Box {
    std::vector<FacetCount> slots{4};
    FacetTable table{slots, 0};
    std::vector<std::unique_ptr<std::string>> texts;

    void count(std::string_view value, std::int64_t offers) {
        FacetCount &slot = facet_slot(table, value);
        slot.offers += offers;
        if (slot.vehicles++ == 0) {
            texts.push_back(std::make_unique<std::string>(value));
            slot.value = texts.back()->data();
            ++table.used;
            if (!has_room(table)) {
                std::vector<FacetCount> more(2 * slots.size());
                move_facets(table, more);
                slots.swap(more);
            }
        }
    }
};

using Counted = std::map<std::string, std::pair<std::int64_t, std::int64_t>, std::less<>>;

Counted counted(const Box &box) {
    Counted found;
    for (const FacetCount &slot : box.table.slots) {
        if (slot.vehicles > 0) {
            const auto added = found.emplace(std::string(slot.value, slot.key.length),
                                             std::pair{slot.vehicles, slot.offers});
            EXPECT_TRUE(added.second);
        }
    }
    return found;
}

} // namespace

TEST(Facets, CountWhatAMapCounts) {
    RandomTerms random(21);
    for (int round = 0; round < 200; ++round) {
        Box box;
        Counted wanted;
        const std::int64_t longest = round % 4 == 0 ? 3 : 40;
        for (int i = 0; i < 400; ++i) {
            /* Few letters, zeros among them, so that values are alike at both ends and differ in between. */
            std::string value(static_cast<std::size_t>(random.between(0, longest)), 'a');
            for (std::int64_t n = random.between(0, 2); n > 0 && !value.empty(); --n) {
                value[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(value.size()) -
                                                                     1))] = random.one_in(2) ? '\0' : '\xff';
            }
            const std::int64_t offers = random.between(1, 6);
            box.count(value, offers);
            ++wanted[value].first;
            wanted[value].second += offers;
        }
        ASSERT_EQ(counted(box), wanted);
        ASSERT_EQ(box.table.used, wanted.size());
    }
}

TEST(Facets, SpreadValuesThatDifferLittle) {
    Box box;
    constexpr int values = 20000;
    for (int i = 0; i < values; ++i) {
        box.count("a value that is as long as that " + std::to_string(i) + " and ends alike", 1);
        box.count(std::to_string(i), 1);
    }
    EXPECT_EQ(box.table.used, 2U * values);
    /* Steps from where a value belongs to where it is: with hashes of no pattern half a step, as the table is
     * half full. */
    std::size_t steps = 0;
    const std::size_t mask = box.table.slots.size() - 1;
    for (std::size_t i = 0; i <= mask; ++i) {
        const FacetCount &slot = box.table.slots[i];
        steps += slot.vehicles > 0 ? (i - slot.hash) & mask : 0;
    }
    EXPECT_LT(static_cast<double>(steps) / (2 * values), 2);
}

} // namespace tradeup
