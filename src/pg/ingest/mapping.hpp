/*
 * Which column of a file fills which of ours: by the table of aliases and the option `columns`.
 */
#pragma once

#include "core/ingest/aliases.hpp"
#include "core/ingest/rows.hpp"

#include "pg/ingest/file.hpp"

namespace tradeup {

/* The kind of a name. Errors: 22023. */
FileKind kind_named(std::string_view name);

/*
 * The kind that the header tells by the aliases that the extension brings; nothing where it is not certain.
 */
std::optional<FileKind> detected_kind(std::span<const std::string_view> names);

/* The error of a header that tells no kind. */
[[noreturn]] void refuse_unknown_kind();

/*
 * How the rows of the file are read, but for the shop. Within SPI only: reads tradeup_bundles.column_alias.
 * Errors: 22023 for headers of the option `columns` that the file lacks, and for columns that it must have.
 */
RowRules map_columns(const ReadFile &file, FileKind kind);

/* The columns of ours and the headers that fill them, as JSON. */
Datum columns_used(const ReadFile &file, const RowRules &rules);

/* The headers that fill nothing, as an array of texts. */
Datum columns_not_used(const ReadFile &file, const RowRules &rules);

/* The headers that could serve for a column that is missing, as a sentence lists them: those that fill no
 * column that a file must have. */
char *listed_candidates(const ReadFile &file, const RowRules &rules);

/* The query to be parsed with nothing but pg_catalog in the search path; gives what end_safe_path takes. */
int begin_safe_path();
void end_safe_path(int level);

} // namespace tradeup
