/*
 * The table of ISO 4217.
 */
#include "core/number/currency.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Codes by their decimals, each followed by a blank. */
struct Codes {
    std::int32_t digits;
    std::string_view codes;
};

constexpr Codes kCodes[] = {
    {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
        "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
        "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
        "TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "},
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
};

constexpr std::size_t kCodeLength = 3;

} // namespace

std::int32_t currency_digits(std::string_view code) noexcept {
    if (code.size() != kCodeLength) {
        return kUnknownCurrency;
    }
    for (const Codes &group : kCodes) {
        for (std::size_t at = 0; at < group.codes.size(); at += kCodeLength + 1) {
            if (group.codes.substr(at, kCodeLength) == code) {
                return group.digits;
            }
        }
    }
    return kUnknownCurrency;
}

} // namespace tradeup
