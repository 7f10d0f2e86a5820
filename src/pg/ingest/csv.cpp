/*
 * What everybody can use: rows of CSV, names of columns, the kind that a header tells.
 */
#include "core/ingest/header.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"
#include "pg/ingest/mapping.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/memutils.h"
}

using namespace tradeup;

namespace {

/* A row of csv_rows: its number and line, its cells as they stand, and what is wrong with it. */
void put_csv_row(const RowSink &sink, const ReadFile &file, const char *bytes, std::int64_t number) {
    const CsvRow &row = file.row;
    const bool readable = !row.nul;
    const std::uint32_t count = row.count;
    if (count > file.reader.room) {
        ereport(ERROR, (errcode(ERRCODE_TOO_MANY_COLUMNS), errmsg("a row has too many cells"),
                        errdetail("The row at line %llu has %u; at most %u are allowed.",
                                  static_cast<unsigned long long>(row.line), count, file.reader.room),
                        errhint("Use the option max_columns.")));
    }
    auto *cells = static_cast<Datum *>(palloc(sizeof(Datum) * (count + 1)));
    for (std::uint32_t i = 0; i < count && readable; ++i) {
        cells[i] = text_of_file(cell_text(file.reader.cells[i], bytes, file.scratch));
    }
    const char *fault = row.unterminated ? "unterminated_quote" : row.nul ? "nul_byte" : nullptr;
    Datum values[] = {Int64GetDatum(number), Int64GetDatum(static_cast<std::int64_t>(row.line)),
                      readable ? PointerGetDatum(construct_array(cells, static_cast<int>(count), TEXTOID, -1,
                                                                 false, TYPALIGN_INT))
                               : 0,
                      fault == nullptr ? 0 : CStringGetTextDatum(fault)};
    bool nulls[] = {false, false, !readable, fault == nullptr};
    sink.put(values, nulls);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(csv_rows);
PG_FUNCTION_INFO_V1(canonical_column_text);
PG_FUNCTION_INFO_V1(detect_kind);
PG_FUNCTION_INFO_V1(column_aliases);

/* csv_rows(bytes, options): the rows of a CSV file; row 0 is its header. */
Datum csv_rows(PG_FUNCTION_ARGS) {
    const RowSink sink = begin_rows(fcinfo);
    const UploadOptions options = read_csv_options(PG_GETARG_JSONB_P(1));
    FileSource source = memory_source(view_of(PG_GETARG_DATUM(0)));
    ReadFile file = open_file(source, options, false);
    const MemoryContext of_row =
        AllocSetContextCreate(CurrentMemoryContext, "row of a file", ALLOCSET_DEFAULT_SIZES);
    std::int64_t number = 0;
    const char *bytes = file.header.data();
    do {
        const MemoryContext caller = MemoryContextSwitchTo(of_row);
        put_csv_row(sink, file, bytes, number++);
        MemoryContextSwitchTo(caller);
        MemoryContextReset(of_row);
        CHECK_FOR_INTERRUPTS();
    } while ((bytes = next_file_row(file)) != nullptr);
    return static_cast<Datum>(0);
}

/* canonical_column(header): the name of a column as all its spellings have it. */
Datum canonical_column_text(PG_FUNCTION_ARGS) {
    const std::string_view header = view_of(PG_GETARG_DATUM(0));
    const std::string_view name = canonical_column(
        header, static_cast<char *>(MemoryContextAllocHuge(CurrentMemoryContext, 2 * header.size() + 1)));
    PG_RETURN_TEXT_P(cstring_to_text_with_len(name.data(), static_cast<int>(name.size())));
}

/* detect_kind(header): the kind of file that a header tells. */
Datum detect_kind(PG_FUNCTION_ARGS) {
    const UploadOptions options;
    FileSource source = memory_source(view_of(PG_GETARG_DATUM(0)));
    const ReadFile file = open_file(source, options, false);
    const std::optional<FileKind> kind =
        detected_kind({file.names, static_cast<std::size_t>(file.header_cells)});
    if (!kind) {
        refuse_unknown_kind();
    }
    PG_RETURN_TEXT_P(cstring_to_text(word_for(kFileKinds, *kind)));
}

/* column_aliases(): the aliases that the extension brings. */
Datum column_aliases(PG_FUNCTION_ARGS) {
    const RowSink sink = begin_rows(fcinfo);
    std::int32_t preference = 0;
    for (const BuiltInAlias &alias : built_in_aliases()) {
        Datum values[] = {CStringGetTextDatum(alias.kind), CStringGetTextDatum(alias.alias),
                          CStringGetTextDatum(alias.column), Int32GetDatum(++preference),
                          alias.unless == nullptr ? 0 : CStringGetTextDatum(alias.unless)};
        bool nulls[] = {false, false, false, false, alias.unless == nullptr};
        sink.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
