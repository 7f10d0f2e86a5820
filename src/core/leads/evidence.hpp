/*
 * Evidence: what is known of each stressor of a vehicle, by position, in the 20 bytes that nearly every
 * vehicle takes. A stressor is present, absent, unknown (in neither set), or present with some probability
 * (in both sets).
 */
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kMostStressors = 64;

/* Positions as bits: the first stressor is bit 0. */
using Positions = std::uint64_t;

/* The bit of a position that counts from 0, and the positions below it. */
constexpr Positions bit_of(int at) noexcept {
    return Positions{1} << at;
}

/* Calls body(at) for each position of a set, in ascending order. */
template <typename Body>
[[gnu::always_inline]] inline void for_each_position(Positions set, Body body) noexcept {
    for (; set != 0; set &= set - 1) {
        body(std::countr_zero(set));
    }
}

/* Evidence that stands for itself, whatever the list of stressors. */
inline constexpr std::uint32_t kNoList = 0;

/* Evidence as it is stored: these three, then the probabilities of the positions that are in both sets, in
 * ascending order and not aligned. */
struct Evidence {
    std::uint32_t fingerprint; // of the list of stressors that the positions belong to
    Positions present;
    Positions absent;
    const char *probabilities;

    Positions soft() const noexcept { return present & absent; }
    Positions known() const noexcept { return present | absent; }

    /* Of a position that is in both sets. */
    double probability(int at) const noexcept {
        double value = 0;
        std::memcpy(&value,
                    probabilities +
                        sizeof value * static_cast<std::size_t>(std::popcount(soft() & (bit_of(at) - 1))),
                    sizeof value);
        return value;
    }
};

inline constexpr std::size_t kPlainEvidenceSize = sizeof(std::uint32_t) + 2 * sizeof(Positions);
inline constexpr std::size_t kMostEvidenceSize = kPlainEvidenceSize + kMostStressors * sizeof(double);

/* The size of evidence with these probabilities. */
inline std::size_t evidence_size(Positions soft) noexcept {
    return kPlainEvidenceSize + sizeof(double) * static_cast<std::size_t>(std::popcount(soft));
}

/* Evidence from the bytes of its stored form, of which there are at least kPlainEvidenceSize. */
inline Evidence evidence_at(const char *bytes) noexcept {
    Evidence evidence{0, 0, 0, bytes + kPlainEvidenceSize};
    std::memcpy(&evidence.fingerprint, bytes, sizeof evidence.fingerprint);
    std::memcpy(&evidence.present, bytes + sizeof evidence.fingerprint, sizeof evidence.present);
    std::memcpy(&evidence.absent, bytes + sizeof evidence.fingerprint + sizeof evidence.present,
                sizeof evidence.absent);
    return evidence;
}

/* Evidence that is being put together. */
class EvidenceParts {
public:
    explicit EvidenceParts(std::uint32_t fingerprint) noexcept : fingerprint_(fingerprint) {}

    bool knows(int at) const noexcept { return ((present_ | absent_) & bit_of(at)) != 0; }

    /* Whether it is present: 1, absent: 0, or so with a probability. Domain: from 0 to 1. */
    void set(int at, double probability) noexcept;

    /* Stores it, and returns its size. */
    std::size_t store(char (&bytes)[kMostEvidenceSize]) const noexcept;

private:
    std::uint32_t fingerprint_;
    Positions present_ = 0;
    Positions absent_ = 0;
    double probability_[kMostStressors] = {};
};

/* The probability of a state: `present`, `absent` or a number from 0 to 1; a negative number for `unknown`.
 * Errors: bad_text. */
Result<double> parse_state(std::string_view word) noexcept;

/* The words of a state, or nothing where it is a probability. */
const char *state_of(const Evidence &evidence, int at) noexcept;

/*
 * Evidence from its text: `list=1f2e3d4c 1=present 2=absent 5=0.7`, where the list is its fingerprint and
 * positions count from 1. Without a list it fits any. Errors: bad_text.
 */
Result<EvidenceParts> parse_evidence(std::string_view text) noexcept;

/* The same with names in the place of positions; `names` are those of the list. Errors: bad_text; bad_value
 * for a name that is not in the list. */
Result<EvidenceParts> parse_named_evidence(std::string_view text, std::span<const std::string_view> names,
                                           std::uint32_t fingerprint) noexcept;

/* The text of evidence, with a zero byte at its end; returned is its length. */
inline constexpr std::size_t kEvidenceTextSize = 64 + kMostStressors * 32;
std::size_t write_evidence(const Evidence &evidence, char (&out)[kEvidenceTextSize]) noexcept;

/* What is wrong with the stored form of evidence, if anything: sizes and probabilities that nobody writes. */
bool is_evidence(const char *bytes, std::size_t size) noexcept;

} // namespace tradeup
