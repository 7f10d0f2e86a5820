/*
 * Rows that were rejected, loaded again from the text that was kept of them.
 */
#include "pg/glue/context.hpp"
#include "pg/ingest/load.hpp"

#include <cstring>

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
}

using namespace tradeup;

namespace {

constexpr long kRowsAtOnce = 1000;

/* The upload whose rows are tried again. */
struct Retried {
    std::int64_t upload_id;
    char *header; // in UTF-8
};

char *in_utf8(Datum value) {
    const std::string_view words = view_of(value);
    char *utf8 = pg_server_to_any(const_cast<char *>(words.data()), static_cast<int>(words.size()), PG_UTF8);
    return utf8 == words.data() ? pnstrdup(words.data(), words.size()) : utf8;
}

/* Adds an upload for the rows of another. Errors: 55000 where that was not loaded from a file of its own. */
std::int64_t begin_retry(Retried &retried, Datum options) {
    Oid types[] = {INT8OID, JSONBOID};
    Datum values[] = {Int64GetDatum(retried.upload_id), options};
    bool is_open = false;
    (void)read_upload(retried.upload_id, is_open);
    run_statement("SELECT u.header FROM tradeup_bundles.upload u WHERE u.upload_id OPERATOR(pg_catalog.=) $1 "
                  "AND u.state OPERATOR(pg_catalog.=) 'loaded'::pg_catalog.text AND u.retries IS NULL",
                  1, types, values);
    if (SPI_processed == 0) {
        ereport(
            ERROR,
            (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
             errmsg("upload %lld has no rejected rows of its own", static_cast<long long>(retried.upload_id)),
             errdetail("It is not loaded yet, it repeats another upload, or it is a retry itself."),
             errhint("Pass the upload that rejected_row names.")));
    }
    bool is_null = false;
    retried.header = in_utf8(value_at(1, is_null));
    run_statement(
        "INSERT INTO tradeup_bundles.upload (shop, kind, run, file_name, options, retries) "
        "SELECT u.shop, u.kind, u.run, u.file_name, u.options OPERATOR(pg_catalog.||) $2, u.upload_id "
        "FROM tradeup_bundles.upload u WHERE u.upload_id OPERATOR(pg_catalog.=) $1 RETURNING upload_id",
        2, types, values);
    return DatumGetInt64(value_at(1, is_null));
}

/* How many lines of an order are stored whose keys begin with the prefix and end with a number. */
std::uint32_t stored_lines(void *context, std::string_view order, std::string_view prefix) {
    const auto *load = static_cast<const Load *>(context);
    Oid types[] = {TEXTOID, TEXTOID, TEXTOID};
    Datum values[] = {load->upload->shop, text_of_file(order), text_of_file(prefix)};
    const int path = begin_safe_path();
    run_statement("SELECT coalesce(max(CASE WHEN substr(l.line_key, char_length($3) + 1) ~ '^[0-9]{1,9}$' "
                  "THEN substr(l.line_key, char_length($3) + 1)::integer END), 0) "
                  "FROM tradeup_bundles.order_line l "
                  "WHERE l.shop = $1 AND l.order_id = $2 AND starts_with(l.line_key, $3)",
                  3, types, values);
    end_safe_path(path);
    bool is_null = false;
    const Datum count = value_at(1, is_null);
    SPI_freetuptable(SPI_tuptable);
    return static_cast<std::uint32_t>(DatumGetInt32(count));
}

/* Whether the text is one row, which is then at hand. */
bool is_one_row(Load &load, std::string_view raw) {
    const CsvReader &used = load.file.reader;
    load.file.reader = {used.cells, used.room, used.longest_cell, used.delimiter};
    need_scratch(load.file, raw.size() + 1);
    return next_row(load.file.reader, raw, true, load.file.row) == CsvStep::row &&
           load.file.row.taken == raw.size() && !load.file.row.unterminated;
}

/* Tries a row; one that can be loaded goes into `taken`, another with its fault into the load's rejects. */
void retry_row(Load &load, RowStore &taken, std::int64_t row, std::string_view raw) {
    RowFault fault{};
    if (!is_one_row(load, raw)) {
        return;
    }
    load.file.taken += static_cast<std::int64_t>(raw.size());
    if (!take_row(load, raw.data(), fault)) {
        reject_row(load, row, 0, fault, raw);
        return;
    }
    Datum values[2] = {0, Int64GetDatum(row)};
    bool nulls[2] = {};
    put_row(taken, values, nulls);
}

void retry_rows(Load &load, RowStore &taken, std::int64_t upload_id) {
    Oid type = INT8OID;
    Datum value = Int64GetDatum(upload_id);
    const int path = begin_safe_path();
    const Portal cursor = SPI_cursor_open_with_args(
        nullptr,
        "SELECT x.row, x.raw FROM tradeup_bundles.rejected_row x WHERE x.upload_id = $1 AND NOT x.cut "
        "AND x.reason <> ALL ('{unterminated_quote,nul_byte}') ORDER BY x.row",
        1, &type, &value, nullptr, false, CURSOR_OPT_NO_SCROLL);
    end_safe_path(path);
    while (true) {
        SPI_cursor_fetch(cursor, true, kRowsAtOnce);
        SPITupleTable *rows = SPI_tuptable;
        if (SPI_processed == 0) {
            break;
        }
        for (std::uint64_t i = 0, count = SPI_processed; i < count; ++i) {
            CHECK_FOR_INTERRUPTS();
            bool is_null = false;
            const std::int64_t row = DatumGetInt64(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &is_null));
            const char *raw = in_utf8(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &is_null));
            retry_row(load, taken, row, raw);
            pfree(const_cast<char *>(raw));
        }
        SPI_freetuptable(rows);
    }
    SPI_cursor_close(cursor);
}

Datum retry(std::int64_t upload_id, Datum options) {
    Retried retried{upload_id, nullptr};
    bool is_open = false;
    Upload upload = read_upload(begin_retry(retried, options), is_open);
    settle_shop(upload, upload.shop_name);
    upload.read.encoding = FileEncoding::utf8; // as which the rows are kept
    FileSource source = memory_source(retried.header);
    auto *load = static_cast<Load *>(palloc0(sizeof(Load)));
    load->file = open_file(source, upload.read, false);
    load->file.taken = 0;
    load->rules = map_columns(load->file, upload.kind);
    begin_load(*load, upload);
    load->gathered.stored_lines = stored_lines;
    load->gathered.stored_context = load;
    /* Other lines of an order have said already what it is. */
    load->gathered.orders.keeps_stored = true;
    RowStore taken{};
    add_column(taken, "row", INT8OID);
    begin_store(taken);
    retry_rows(*load, taken, upload_id);
    write_load(*load);
    run_with_rows(taken,
                  "DELETE FROM tradeup_bundles.rejected_row x USING file_rows r "
                  "WHERE x.upload_id OPERATOR(pg_catalog.=) $1 AND x.row OPERATOR(pg_catalog.=) r.row",
                  upload_id);
    run_with_rows(
        load->rejects,
        "UPDATE tradeup_bundles.rejected_row x SET column_name = r.column_name, reason = r.reason, value = "
        "r.value "
        "FROM file_rows r WHERE x.upload_id OPERATOR(pg_catalog.=) $1 AND x.row OPERATOR(pg_catalog.=) r.row",
        upload_id);
    record_load(*load, 0);
    end_store(taken);
    end_load(*load);
    return result_of(upload.upload_id, false);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(retry_rejected);

/* retry_rejected(upload_id, options): loads the rows again that an upload rejected. */
Datum retry_rejected(PG_FUNCTION_ARGS) {
    Datum result = 0;
    without_context([&] {
        SPI_connect();
        result = retry(PG_GETARG_INT64(0), PG_GETARG_DATUM(1));
        SPI_finish();
    });
    return result;
}

} // extern "C"
