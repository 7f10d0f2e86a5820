/*
 * The text form of a deal, one writer and one reader over the table of fields.
 */
#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::string_view kVersionWord = "v1";
constexpr std::size_t kMostFields = 80;

/* A text under construction. What comes after the end of its buffer is counted and not written. */
struct Writer {
    char *out;
    std::size_t size;
    std::size_t length;

    void put(std::string_view text) noexcept {
        if (length + 1 < size) {
            const std::size_t room = size - 1 - length;
            std::memcpy(out + length, text.data(), std::min(text.size(), room));
        }
        length += text.size();
        out[std::min(length, size - 1)] = '\0';
    }

    void put(const char *name, std::string_view value) noexcept {
        put(" ");
        put(name);
        put("=");
        put(value);
    }
};

Error malformed(std::string_view text, const char *why) noexcept {
    return with_hint(with_detail(make_error(ErrorKind::bad_text, "malformed deal: %s", why),
                                 "The text is \"%.*s\".", shown_bytes(text, 180), text.data()),
                     "A deal is written as v1 name=value ..., for example v1 annual_rate=0.0599 term=60.");
}

bool is_default(const Terms &terms, const Terms &defaults, const Field &field) noexcept {
    switch (field.kind) {
    case FieldKind::decimal:
    case FieldKind::optional_decimal: {
        const OptionalDecimal value = number_at(terms, field);
        const OptionalDecimal standing = number_at(defaults, field);
        return value.present == standing.present && compare(value.value, standing.value) == 0;
    }
    case FieldKind::tiers:
        return same_tiers(terms, defaults);
    default:
        return integer_at(terms, field) == integer_at(defaults, field);
    }
}

Result<bool> set_from_text(Terms &terms, const Field &field, std::string_view value) noexcept {
    if (field.kind == FieldKind::tiers) {
        return set_tiers(terms, value);
    }
    if (field.kind == FieldKind::word) {
        return set_word(terms, field, value);
    }
    if (field.kind == FieldKind::boolean) {
        if (value != "true" && value != "false") {
            return tl::unexpected(malformed(value, "a flag is neither true nor false"));
        }
        set_boolean(terms, field, value == "true");
        return true;
    }
    const Result<Decimal> number = parse_decimal(value);
    if (!number) {
        return tl::unexpected(number.error());
    }
    return set_number(terms, field, *number);
}

/* Takes the value at the front of the rest: up to a space, or between quotes. False when a quote is not
 * closed. */
bool take_value(std::string_view &rest, std::string_view &value) noexcept {
    const bool quoted = !rest.empty() && rest.front() == '"';
    if (quoted) {
        rest.remove_prefix(1);
    }
    const std::size_t end = rest.find(quoted ? '"' : ' ');
    if (quoted && end == std::string_view::npos) {
        return false;
    }
    value = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + (quoted ? 1 : 0));
    return !quoted || rest.empty() || rest.front() == ' ';
}

} // namespace

std::size_t write_deal(const Deal &deal, char *out, std::size_t size) noexcept {
    Writer writer{out, size, 0};
    writer.put(kVersionWord);
    const Terms &defaults = default_terms();
    for (const Field &field : fields()) {
        if (!field.required && is_default(deal.terms, defaults, field)) {
            continue;
        }
        switch (field.kind) {
        case FieldKind::decimal:
        case FieldKind::optional_decimal:
            writer.put(field.name, to_text(number_at(deal.terms, field).value).text);
            break;
        case FieldKind::integer:
        case FieldKind::optional_integer:
            writer.put(field.name, to_text(decimal(integer_at(deal.terms, field))).text);
            break;
        case FieldKind::boolean:
            writer.put(field.name, integer_at(deal.terms, field) ? "true" : "false");
            break;
        case FieldKind::word:
            writer.put(field.name, word_at(deal.terms, field));
            break;
        case FieldKind::tiers: {
            char list[kTierListSize + 2] = "\"";
            const std::size_t length = write_tiers(deal.terms, list + 1, kTierListSize);
            std::memcpy(list + 1 + length, "\"", 2);
            writer.put(field.name, list);
            break;
        }
        }
    }
    return writer.length;
}

Result<Terms> parse_deal(std::string_view text) noexcept {
    Terms terms = default_terms();
    bool seen[kMostFields] = {};
    std::string_view rest = text;
    if (rest.substr(0, kVersionWord.size()) != kVersionWord) {
        return tl::unexpected(malformed(text, "it does not begin with v1"));
    }
    rest.remove_prefix(kVersionWord.size());
    while (!rest.empty()) {
        if (rest.front() != ' ') {
            return tl::unexpected(malformed(text, "a value does not end where it should"));
        }
        rest.remove_prefix(1);
        const std::size_t equals = rest.find('=');
        const Field *field = equals == std::string_view::npos ? nullptr : find_field(rest.substr(0, equals));
        if (field == nullptr) {
            return tl::unexpected(malformed(text, "a name is unknown"));
        }
        bool &again = seen[field - fields().data()];
        if (again) {
            return tl::unexpected(malformed(text, "a name is there twice"));
        }
        again = true;
        rest.remove_prefix(equals + 1);
        std::string_view value;
        if (!take_value(rest, value)) {
            return tl::unexpected(malformed(text, "a quote is not closed"));
        }
        const Result<bool> set = set_from_text(terms, *field, value);
        if (!set) {
            return tl::unexpected(set.error());
        }
    }
    for (const Field &field : fields()) {
        if (field.required && !seen[&field - fields().data()]) {
            return tl::unexpected(malformed(text, "the annual rate or the term is missing"));
        }
    }
    return terms;
}

} // namespace tradeup
