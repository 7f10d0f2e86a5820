/*
 * Evidence: put together, stored, read from its text and written as text.
 */
#include "core/leads/evidence.hpp"

#include <algorithm>
#include <array>

#include "core/base/words.hpp"
#include "core/leads/text_words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr double kUnknown = -1;

/* Adds `NAME=state` of a position that counts from 0. */
Result<bool> add_state(EvidenceParts &parts, int at, const NamedWord &word) noexcept {
    if (parts.knows(at)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_text, "evidence names a stressor twice"),
                                          "It is \"%.*s\".", shown_bytes(word.name, kShownOfText),
                                          word.name.data()));
    }
    const Result<double> probability = parse_state(word.value);
    if (!probability) {
        return tl::unexpected(probability.error());
    }
    if (*probability >= 0) {
        parts.set(at, *probability);
    }
    return true;
}

/* The error of a name that is not in the list, with those that are in the hint. */
Error unknown_stressor(std::string_view name, std::span<const std::string_view> names) noexcept {
    char list[sizeof Error::hint];
    WordWriter writer(list);
    std::size_t room = sizeof list - 1;
    for (const std::string_view known : names) {
        if (known.size() + 1 > room) {
            break;
        }
        room -= known.size() + 1;
        writer.space();
        writer.put(known);
    }
    writer.end();
    return with_hint(unknown_word("stressor", name), "Use one of these: %s.", list);
}

constexpr const char *kWrongWord = "evidence must be words such as 1=present, 2=absent or 3=0.7";
constexpr const char *kWrongNamedWord =
    "evidence must be words such as towing=present, heat=absent or towing=0.7";

} // namespace

void EvidenceParts::set(int at, double probability) noexcept {
    if (probability > 0) {
        present_ |= bit_of(at);
    }
    if (probability < 1) {
        absent_ |= bit_of(at);
    }
    probability_[at] = probability;
}

std::size_t EvidenceParts::store(char (&bytes)[kMostEvidenceSize]) const noexcept {
    char *at = bytes;
    const auto put = [&at](const auto &value) {
        std::memcpy(at, &value, sizeof value);
        at += sizeof value;
    };
    put(fingerprint_);
    put(present_);
    put(absent_);
    for_each_position(present_ & absent_, [&](int position) { put(probability_[position]); });
    return static_cast<std::size_t>(at - bytes);
}

Result<double> parse_state(std::string_view word) noexcept {
    if (word == "present") {
        return 1.0;
    }
    if (word == "absent") {
        return 0.0;
    }
    if (word == "unknown") {
        return kUnknown;
    }
    double probability = 0;
    if (!finite_number(word, probability) || !(probability >= 0 && probability <= 1)) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_text,
                                             "state of a stressor must be a word or a probability"),
                                  "It is \"%.*s\".", shown_bytes(word, kShownOfText), word.data()),
                      "Use present, absent, unknown or a number from 0 to 1."));
    }
    return probability;
}

const char *state_of(const Evidence &evidence, int at) noexcept {
    const bool present = (evidence.present & bit_of(at)) != 0;
    const bool absent = (evidence.absent & bit_of(at)) != 0;
    return present && absent ? nullptr : present ? "present" : absent ? "absent" : "unknown";
}

Result<EvidenceParts> parse_evidence(std::string_view text) noexcept {
    std::uint32_t fingerprint = kNoList;
    std::string_view rest = text;
    std::string_view word = next_word(rest);
    if (constexpr std::string_view list = "list="; word.substr(0, list.size()) == list) {
        if (!whole_number(word.substr(list.size()), 16, fingerprint)) {
            return tl::unexpected(wrong_word("list of evidence must be up to eight digits of base 16", word));
        }
        word = next_word(rest);
    }
    EvidenceParts parts(fingerprint);
    for (; !word.empty(); word = next_word(rest)) {
        const Result<NamedWord> named = named_word(word, kWrongWord);
        if (!named) {
            return tl::unexpected(named.error());
        }
        std::uint32_t position = 0;
        if (!whole_number(named->name, 10, position)) {
            return tl::unexpected(
                with_hint(wrong_word(kWrongWord, word),
                          "With names, use evidence(scorer, text), which knows their positions."));
        }
        if (position < 1 || position > kMostStressors) {
            return tl::unexpected(wrong_word("position of a stressor must be from 1 to 64", word));
        }
        if (const Result<bool> added = add_state(parts, static_cast<int>(position) - 1, *named); !added) {
            return tl::unexpected(added.error());
        }
    }
    return parts;
}

Result<EvidenceParts> parse_named_evidence(std::string_view text, std::span<const std::string_view> names,
                                           std::uint32_t fingerprint) noexcept {
    EvidenceParts parts(fingerprint);
    std::string_view rest = text;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
        const Result<NamedWord> named = named_word(word, kWrongNamedWord);
        if (!named) {
            return tl::unexpected(named.error());
        }
        const auto found = std::find(names.begin(), names.end(), named->name);
        if (found == names.end()) {
            return tl::unexpected(unknown_stressor(named->name, names));
        }
        if (const Result<bool> added = add_state(parts, static_cast<int>(found - names.begin()), *named);
            !added) {
            return tl::unexpected(added.error());
        }
    }
    return parts;
}

std::size_t write_evidence(const Evidence &evidence, char (&out)[kEvidenceTextSize]) noexcept {
    WordWriter writer(out);
    if (evidence.fingerprint != kNoList) {
        writer.put("list=");
        writer.put_whole(evidence.fingerprint, 16);
    }
    for_each_position(evidence.known(), [&](int at) {
        writer.space();
        writer.put_whole(static_cast<std::uint32_t>(at) + 1, 10);
        writer.put("=");
        if (const char *state = state_of(evidence, at)) {
            writer.put(state);
        } else {
            writer.put_number(evidence.probability(at));
        }
    });
    return writer.end();
}

bool is_evidence(const char *bytes, std::size_t size) noexcept {
    if (size < kPlainEvidenceSize) {
        return false;
    }
    const Evidence evidence = evidence_at(bytes);
    if (size != evidence_size(evidence.soft())) {
        return false;
    }
    bool right = true;
    for_each_position(evidence.soft(), [&](int at) {
        const double probability = evidence.probability(at);
        right = right && probability > 0 && probability < 1;
    });
    return right;
}

} // namespace tradeup
