/*
 * Templates taken apart, and those that cannot be.
 */
#include "core/leads/template.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tradeup {
namespace {

/* The pieces of a template, slots in brackets; or the message of its error. */
std::string pieces(std::string_view body) {
    std::string shown;
    for (std::size_t at = 0; at < body.size();) {
        const Result<TemplatePiece> piece = template_piece(body, at);
        if (!piece) {
            EXPECT_EQ(piece.error().kind, ErrorKind::bad_text);
            return piece.error().message;
        }
        EXPECT_GT(piece->end, at);
        shown.append(piece->is_slot ? "[" : "").append(piece->text).append(piece->is_slot ? "]" : "|");
        at = piece->end;
    }
    return shown;
}

} // namespace

TEST(Template, HasPieces) {
    EXPECT_EQ(pieces(""), "");
    EXPECT_EQ(pieces("Hello"), "Hello|");
    EXPECT_EQ(pieces("{greeting} this is {advisor}"), "[greeting] this is |[advisor]");
    EXPECT_EQ(pieces("{a}{b_2}"), "[a][b_2]");
    EXPECT_EQ(pieces("{{a}}"), "{|a|}|");
    EXPECT_EQ(pieces("{{{a}}}"), "{|[a]}|");
    EXPECT_EQ(pieces("{{}}{{"), "{|}|{|");
    EXPECT_EQ(pieces("Ünï {a} 漢字"), "Ünï |[a] 漢字|");
}

TEST(Template, IsRefused) {
    EXPECT_EQ(pieces("{"), "template has a { that is not closed");
    EXPECT_EQ(pieces("a {b"), "template has a { that is not closed");
    EXPECT_EQ(pieces("{a{b}"), "template has a { that is not closed");
    EXPECT_EQ(pieces("{{{a}}"), "template has a } without a {");
    EXPECT_EQ(pieces("a}"), "template has a } without a {");
    EXPECT_EQ(pieces("}"), "template has a } without a {");
    for (const char *const body : {"{}", "{A}", "{a b}", "{1}", "{ a}", "{ä}", "{a\n}"}) {
        EXPECT_EQ(pieces(body), "template has a slot with an invalid name") << body;
    }
    const std::string longest(kMostSlotName, 'a');
    EXPECT_EQ(pieces(std::string("{").append(longest).append("}")),
              std::string("[").append(longest).append("]"));
    EXPECT_EQ(pieces(std::string("{").append(longest).append("a}")),
              "template has a slot with an invalid name");
    EXPECT_STREQ(template_piece("a {b", 2).error().detail,
                 "It is byte 3 of the template, where it says \"{b\".");
}

} // namespace tradeup
