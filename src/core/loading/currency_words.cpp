/*
 * Signs and words of currencies, with the codes that each can stand for.
 */
#include "core/loading/currency_words.hpp"

#include <array>

#include "core/base/words.hpp"
#include "core/number/currency.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::array<Word<std::string_view>, 58> kSigns{{
    {"$", "USD CAD AUD NZD MXN ARS CLP COP UYU SGD HKD TWD BBD BSD BZD DOP FJD JMD LRD NAD TTD XCD"},
    {"US$", "USD"},
    {"C$", "CAD"},
    {"CA$", "CAD"},
    {"A$", "AUD"},
    {"AU$", "AUD"},
    {"NZ$", "NZD"},
    {"MX$", "MXN"},
    {"HK$", "HKD"},
    {"NT$", "TWD"},
    {"S$", "SGD"},
    {"R$", "BRL"},
    {"\u20AC", "EUR"},
    {"EURO", "EUR"},
    {"EUROS", "EUR"},
    {"\u00A3", "GBP EGP LBP SYP"},
    {"\u00A5", "JPY CNY"},
    {"\uFFE5", "JPY CNY"},
    {"\u5186", "JPY"},
    {"\u5143", "CNY"},
    {"RMB", "CNY"},
    {"\u20B9", "INR"},
    {"RS", "INR PKR LKR NPR MUR"},
    {"RS.", "INR PKR LKR NPR MUR"},
    {"\u20A8", "INR PKR LKR NPR MUR"},
    {"\u20A9", "KRW"},
    {"\u20BD", "RUB"},
    {"\u20BA", "TRY"},
    {"TL", "TRY"},
    {"z\u0142", "PLN"},
    {"K\u010D", "CZK"},
    {"KR", "SEK NOK DKK ISK"},
    {"KR.", "SEK NOK DKK ISK"},
    {"FT", "HUF"},
    {"LEI", "RON MDL"},
    {"\u20AA", "ILS"},
    {"R", "ZAR"},
    {"\u20B1", "PHP"},
    {"\u20AB", "VND"},
    {"\u0E3F", "THB"},
    {"FR.", "CHF"},
    {"SFR.", "CHF"},
    {"S/", "PEN"},
    {"S/.", "PEN"},
    {"\u20A6", "NGN"},
    {"\u20B4", "UAH"},
    {"RM", "MYR"},
    {"RP", "IDR"},
    {"RP.", "IDR"},
    {"DH", "AED MAD"},
    {"DHS", "AED MAD"},
    {"KD", "KWD"},
    {"BD", "BHD"},
    {"Q", "GTQ"},
    {"DOLLARS", "USD CAD AUD NZD SGD HKD"},
    {"PESOS", "MXN ARS CLP COP UYU DOP PHP"},
    {"RUPEES", "INR PKR LKR NPR MUR"},
    {"POUNDS", "GBP EGP"},
}};

} // namespace

CurrencyWord currency_word(std::string_view word, std::string_view currency) noexcept {
    const auto fits = [currency](bool named) {
        return named || currency.empty() ? CurrencyWord::fits : CurrencyWord::other;
    };
    for (const Word<std::string_view> &sign : kSigns) {
        if (same_to_people(word, sign.word)) {
            return fits(sign.value.find(currency) != std::string_view::npos);
        }
    }
    char code[] = "   ";
    if (word.size() != sizeof code - 1) {
        return CurrencyWord::unknown;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        code[i] = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 'a' + 'A') : word[i];
    }
    const std::string_view upper(code, word.size());
    return currency_digits(upper) == kUnknownCurrency ? CurrencyWord::unknown : fits(upper == currency);
}

} // namespace tradeup
