/*
 * Headers and columns.
 */
#include "core/ingest/header.hpp"

#include "pg/ingest/mapping.hpp"

#include <algorithm>

#include "pg/glue/array.hpp"

extern "C" {
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/guc.h"
#include "utils/json.h"
}

namespace tradeup {

namespace {

/* The aliases of a kind, and those of the shop, which stand for a column of their own. */
struct Aliases {
    ColumnAlias *of_kind;
    std::size_t count;
    std::string_view *of_shop;
    std::size_t shops;
};

[[noreturn]] void refuse_alias(const char *kind, std::string_view column) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown column \"%s\"", shown_text(column)),
             errdetail("The table tradeup_bundles.column_alias names it for the kind %s.", kind)));
    pg_unreachable();
}

std::string_view text_at(std::uint64_t row, int column) {
    bool is_null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
    return is_null ? std::string_view{} : view_of(value);
}

/* Reads the table of aliases; the texts live as long as the SPI call. */
Aliases read_aliases(FileKind kind) {
    const char *name = word_for(kFileKinds, kind);
    Oid type = TEXTOID;
    Datum value = CStringGetTextDatum(name);
    const int path = begin_safe_path();
    SPI_execute_with_args("SELECT a.kind, a.alias, a.column_name, a.unless, a.preference "
                          "FROM tradeup_bundles.column_alias a WHERE a.kind IN ($1, 'shop') "
                          "ORDER BY a.preference, a.alias COLLATE \"C\"",
                          1, &type, &value, nullptr, false, 0);
    end_safe_path(path);
    const std::size_t room = SPI_processed + 1;
    Aliases aliases{static_cast<ColumnAlias *>(palloc(sizeof(ColumnAlias) * room)), 0,
                    static_cast<std::string_view *>(palloc(sizeof(std::string_view) * room)), 0};
    for (std::uint64_t i = 0; i < SPI_processed; ++i) {
        if (text_at(i, 1) == "shop") {
            aliases.of_shop[aliases.shops++] = text_at(i, 2);
            continue;
        }
        const std::optional<std::size_t> column = column_named(kind, text_at(i, 3));
        const std::string_view unless = text_at(i, 4);
        const std::optional<std::size_t> other = column_named(kind, unless);
        if (!column || (!unless.empty() && !other)) {
            refuse_alias(name, column ? unless : text_at(i, 3));
        }
        bool is_null = false;
        aliases.of_kind[aliases.count++] = {
            text_at(i, 2), *column,
            DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 5, &is_null)),
            unless.empty() ? -1 : static_cast<std::int32_t>(*other)};
    }
    return aliases;
}

/* `a, b, c` of headers, of which `shown` are taken. */
template <typename Shown>
char *listed_headers(const ReadFile &file, Shown shown) {
    StringInfoData list;
    initStringInfo(&list);
    for (std::int32_t i = 0; i < file.header_cells; ++i) {
        if (!shown(i)) {
            continue;
        }
        if (list.len > 1000) {
            appendStringInfoString(&list, ", ...");
            break;
        }
        appendStringInfo(&list, "%s\"%s\"", list.len > 0 ? ", " : "", shown_text(to_server(file.headers[i])));
    }
    return list.data;
}

/* The place of a header: as the file has it, or in another spelling. */
std::int32_t place_of_header(const ReadFile &file, std::string_view header) {
    for (std::int32_t i = 0; i < file.header_cells; ++i) {
        if (to_server(file.headers[i]) == header) {
            return i;
        }
    }
    char *name = static_cast<char *>(palloc(2 * header.size() + 1));
    const std::string_view canonical = canonical_column(header, name);
    for (std::int32_t i = 0; i < file.header_cells; ++i) {
        if (file.names[i] == canonical) {
            return i;
        }
    }
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("the file has no column \"%s\"", shown_text(header)),
                    errdetail("The option columns names it."),
                    errhint("Its columns are %s.", listed_headers(file, [](std::int32_t) { return true; }))));
    return kNowhere;
}

/* What the option `columns` says. */
void take_columns_option(const ReadFile &file, FileKind kind, RowRules &rules) {
    if (file.options->columns == nullptr) {
        return;
    }
    for_each_entry(&file.options->columns->root, [&](std::string_view name, const JsonbValue *header) {
        const std::optional<std::size_t> column = column_named(kind, name);
        if (!column && name != "shop") {
            StringInfoData known;
            initStringInfo(&known);
            for (const FileColumn &each : columns_of(kind)) {
                appendStringInfo(&known, "%s, ", each.name);
            }
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                     errmsg("unknown column \"%s\"", shown_text(name)),
                     errdetail("The option columns names it for a file of %s.", word_for(kFileKinds, kind)),
                     errhint("Use %sor shop.", known.data)));
        }
        (column ? rules.cell_of[*column] : rules.shop_cell) = place_of_header(file, text_of(header));
    });
}

/* Refuses a file that lacks columns that it must have. */
void require_columns(const ReadFile &file, const RowRules &rules) {
    StringInfoData missing;
    initStringInfo(&missing);
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool or_next = columns[i].needed == Needed::this_or_next;
        if (columns[i].needed == Needed::no || rules.cell_of[i] >= 0 ||
            (or_next && rules.cell_of[i + 1] >= 0)) {
            continue;
        }
        appendStringInfo(&missing, "%s%s", missing.len > 0 ? ", " : "", columns[i].name);
        if (or_next) {
            appendStringInfo(&missing, " or %s", columns[i + 1].name);
        }
    }
    if (missing.len > 0) {
        const char *candidates = listed_candidates(file, rules);
        ereport(
            ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             errmsg("the file lacks columns that a file of %s must have", word_for(kFileKinds, rules.kind)),
             errdetail("Missing: %s.", missing.data),
             *candidates != '\0'
                 ? errhint("Headers that could serve: %s. Name them in the option columns.", candidates)
                 : errhint("No header of the file is left that could serve.")));
    }
}

bool is_used(const RowRules &rules, std::int32_t header) {
    for (std::size_t i = 0; i < columns_of(rules.kind).size(); ++i) {
        if (rules.cell_of[i] == header) {
            return true;
        }
    }
    return rules.shop_cell == header;
}

/* Whether a header fills a column that a file must have, or the shop. */
bool is_needed(const RowRules &rules, std::int32_t header) {
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool second = i > 0 && columns[i - 1].needed == Needed::this_or_next;
        if (rules.cell_of[i] == header && (columns[i].needed != Needed::no || second)) {
            return true;
        }
    }
    return rules.shop_cell == header;
}

void append_json(StringInfo json, std::string_view key, std::string_view header) {
    appendStringInfoString(json, json->len > 1 ? ", " : "");
    escape_json(json, pnstrdup(key.data(), key.size()));
    appendStringInfoString(json, ": ");
    const std::string_view server = to_server(header);
    escape_json(json, pnstrdup(server.data(), server.size()));
}

} // namespace

FileKind kind_named(std::string_view name) {
    return value_of(value_named(kFileKinds, name, "kind of file"));
}

std::optional<FileKind> detected_kind(std::span<const std::string_view> names) {
    const std::span<const BuiltInAlias> built_in = built_in_aliases();
    auto *aliases = static_cast<ColumnAlias *>(palloc(sizeof(ColumnAlias) * built_in.size()));
    for (const FileKind kind : kKindsAsTried) {
        std::size_t count = 0;
        for (const BuiltInAlias &alias : built_in) {
            const std::optional<std::size_t> column = column_named(kind, alias.column);
            if (std::string_view(alias.kind) == word_for(kFileKinds, kind) && alias.unless == nullptr &&
                column) {
                aliases[count] = {alias.alias, *column, static_cast<std::int32_t>(count), -1};
                ++count;
            }
        }
        std::int32_t cell_of[kMostColumns];
        std::fill_n(cell_of, kMostColumns, kNowhere);
        fill_columns(kind, names, {aliases, count}, cell_of);
        if (is_certain(kind, cell_of)) {
            return kind;
        }
    }
    return std::nullopt;
}

void refuse_unknown_kind() {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("the header does not tell the kind of the file"),
                    errhint("Name the kind: %s.", listed(kFileKinds).text)));
    pg_unreachable();
}

RowRules map_columns(const ReadFile &file, FileKind kind) {
    RowRules rules{};
    rules.kind = kind;
    rules.decimal_mark = file.options->decimal_mark;
    rules.day_first = file.options->day_first;
    rules.header_cells = static_cast<std::uint32_t>(file.header_cells);
    rules.shop_cell = kNowhere;
    std::fill_n(rules.cell_of, kMostColumns, kNowhere);
    take_columns_option(file, kind, rules);
    const Aliases aliases = read_aliases(kind);
    const std::span<const std::string_view> names(file.names, static_cast<std::size_t>(file.header_cells));
    fill_columns(kind, names, {aliases.of_kind, aliases.count}, rules.cell_of);
    for (std::size_t i = 0; i < aliases.shops && rules.shop_cell < 0; ++i) {
        for (std::int32_t k = 0; k < file.header_cells && rules.shop_cell < 0; ++k) {
            rules.shop_cell = file.names[k] == aliases.of_shop[i] ? k : kNowhere;
        }
    }
    require_columns(file, rules);
    return rules;
}

Datum columns_used(const ReadFile &file, const RowRules &rules) {
    StringInfoData json;
    initStringInfo(&json);
    appendStringInfoChar(&json, '{');
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (rules.cell_of[i] >= 0) {
            append_json(&json, columns[i].name, file.headers[rules.cell_of[i]]);
        }
    }
    if (rules.shop_cell >= 0) {
        append_json(&json, "shop", file.headers[rules.shop_cell]);
    }
    appendStringInfoChar(&json, '}');
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

Datum columns_not_used(const ReadFile &file, const RowRules &rules) {
    auto *unused = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<std::size_t>(file.header_cells)));
    int count = 0;
    for (std::int32_t i = 0; i < file.header_cells; ++i) {
        if (!is_used(rules, i)) {
            unused[count++] = text_of_file(file.headers[i]);
        }
    }
    return PointerGetDatum(construct_array(unused, count, TEXTOID, -1, false, TYPALIGN_INT));
}

char *listed_candidates(const ReadFile &file, const RowRules &rules) {
    return listed_headers(file,
                          [&](std::int32_t i) { return !is_needed(rules, i) && !file.headers[i].empty(); });
}

int begin_safe_path() {
    const int level = NewGUCNestLevel();
    (void)set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                            true, 0, false);
    return level;
}

void end_safe_path(int level) {
    AtEOXact_GUC(true, level);
}

} // namespace tradeup
