/*
 * The text of a scorer, which says the same as its bytes: `v1 a=9.5 b=190.5 | towing present=0.69 absent=-0.1
 * group=load | heat ...`.
 */
#include "core/leads/scorer.hpp"

#include "core/leads/text_words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::string_view kVersion = "v1";
constexpr std::string_view kNext = "|";
constexpr const char *kWrongText =
    "scorer must be written as v1 a=... b=... | stressor present=... absent=...";

/* A number of the text and its name; what is not written is `usual`. */
struct NumberField {
    std::string_view name;
    double usual;
    double value;
};

/* The numbers of a scorer and of a stressor, in the order in which they are written. */
enum ScorerNumber { kA, kB, kAlpha, kGamma, kKnown, kScorerNumbers };
enum StressorNumber {
    kPresent,
    kAbsent,
    kPresentVariance,
    kAbsentVariance,
    kEnabled,
    kAssumed,
    kStressorNumbers
};
constexpr double kMustBeWritten = -1;
constexpr NumberField kScorerFields[kScorerNumbers] = {
    {"a", kMustBeWritten, 0}, {"b", kMustBeWritten, 0}, {"alpha", 0, 0}, {"gamma", 1, 1}, {"known", 1, 1}};
constexpr NumberField kStressorFields[kStressorNumbers] = {
    {"present", 0, 0},         {"absent", 0, 0},  {"present_variance", 0, 0},
    {"absent_variance", 0, 0}, {"enabled", 1, 1}, {"assumed", 0, 0}};

/* Writes those that are not as usual. */
void put_numbers(WordWriter &writer, std::span<const NumberField> fields, const double *values) noexcept {
    for (const NumberField &field : fields) {
        const double value = *values++;
        if (value != field.usual) {
            writer.space();
            writer.put(field.name);
            writer.put("=");
            writer.put_number(value);
        }
    }
}

/* Reads one; false where no field has this name. Errors: bad_text for what is no number. */
Result<bool> read_number(std::span<NumberField> fields, const NamedWord &word) noexcept {
    for (NumberField &field : fields) {
        if (field.name != word.name) {
            continue;
        }
        if (!finite_number(word.value, field.value)) {
            return tl::unexpected(wrong_word("numbers of a scorer must be finite", word.value));
        }
        return true;
    }
    return false;
}

/* Words up to the next | or the end. `group` is null where there is none to read. */
Result<bool> read_words(std::string_view &rest, std::span<NumberField> fields,
                        std::string_view *group) noexcept {
    for (std::string_view word = next_word(rest); !word.empty() && word != kNext; word = next_word(rest)) {
        const Result<NamedWord> named = named_word(word, kWrongText);
        if (!named) {
            return tl::unexpected(named.error());
        }
        if (group != nullptr && named->name == "group") {
            *group = named->value;
            continue;
        }
        const Result<bool> read = read_number(fields, *named);
        if (!read) {
            return read;
        }
        if (!*read) {
            return tl::unexpected(wrong_word(kWrongText, word));
        }
    }
    return true;
}

} // namespace

std::size_t scorer_text_size(const RiskScorer &scorer) noexcept {
    constexpr std::size_t kScorerText = 256;
    constexpr std::size_t kStressorText = 256;
    return kScorerText + scorer.count * kStressorText + scorer.names_size;
}

std::size_t write_scorer(const RiskScorer &scorer, char *out) noexcept {
    WordWriter writer(out);
    writer.put(kVersion);
    const double numbers[kScorerNumbers] = {scorer.rate.a, scorer.rate.b, scorer.alpha, scorer.gamma,
                                            static_cast<double>(scorer.known)};
    put_numbers(writer, kScorerFields, numbers);
    for (int at = 0; at < static_cast<int>(scorer.count); ++at) {
        const ScorerStressor &stressor = scorer.stressors()[at];
        writer.space();
        writer.put(kNext);
        writer.space();
        writer.put(scorer.name(at));
        const double figures[kStressorNumbers] = {stressor.weight[0],
                                                  stressor.weight[1],
                                                  stressor.variance[0],
                                                  stressor.variance[1],
                                                  (scorer.enabled & bit_of(at)) != 0 ? 1.0 : 0.0,
                                                  static_cast<double>(stressor.assumed)};
        put_numbers(writer, kStressorFields, figures);
        if (stressor.group_size > 0) {
            writer.put(" group=");
            writer.put(scorer.group(at));
        }
    }
    return writer.end();
}

Result<bool> parse_scorer(std::string_view text, ParsedScorer &parsed) noexcept {
    std::string_view rest = text;
    if (const std::string_view version = next_word(rest); version != kVersion) {
        return tl::unexpected(wrong_word(kWrongText, version));
    }
    NumberField numbers[kScorerNumbers];
    std::copy(std::begin(kScorerFields), std::end(kScorerFields), numbers);
    if (const Result<bool> read = read_words(rest, numbers, nullptr); !read) {
        return read;
    }
    parsed.count = 0;
    for (std::string_view name = next_word(rest); !name.empty(); name = next_word(rest)) {
        if (parsed.count == kMostStressors) {
            return tl::unexpected(wrong_word("a model has at most 64 stressors", name));
        }
        NumberField figures[kStressorNumbers];
        std::copy(std::begin(kStressorFields), std::end(kStressorFields), figures);
        std::string_view group;
        if (const Result<bool> read = read_words(rest, figures, &group); !read) {
            return read;
        }
        parsed.stressors[parsed.count++] = {name,
                                            group,
                                            {{figures[kPresent].value, figures[kPresentVariance].value},
                                             {figures[kAbsent].value, figures[kAbsentVariance].value}},
                                            figures[kEnabled].value != 0,
                                            figures[kAssumed].value != 0};
    }
    parsed.parts = {{numbers[kA].value, numbers[kB].value},
                    numbers[kAlpha].value,
                    numbers[kGamma].value,
                    numbers[kKnown].value != 0,
                    {parsed.stressors, parsed.count}};
    return true;
}

} // namespace tradeup
