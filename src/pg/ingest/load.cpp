/*
 * Steps of a load.
 */
#include "core/ingest/header.hpp"

#include "pg/ingest/load.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/memutils.h"
}

namespace tradeup {

namespace {

/* Bytes of a rejected row's text and of its cell that are kept. */
constexpr std::size_t kMostRaw = 8192;

/* A text of a rejected row: cut, and with U+2400 for NUL. */
Datum kept_raw(std::string_view raw, bool &cut) {
    constexpr std::string_view kNul = "\xE2\x90\x80";
    cut = raw.size() > kMostRaw;
    raw = raw.substr(0, kMostRaw);
    raw = raw.substr(0, cut ? without_cut_character(raw) : raw.size());
    if (raw.find('\0') == std::string_view::npos) {
        return text_of_file(raw);
    }
    StringInfoData shown;
    initStringInfo(&shown);
    for (const char c : raw) {
        if (c == '\0') {
            appendBinaryStringInfo(&shown, kNul.data(), static_cast<int>(kNul.size()));
        } else {
            appendStringInfoChar(&shown, c);
        }
    }
    return text_of_file({shown.data, static_cast<std::size_t>(shown.len)});
}

/* How many rows were rejected for each reason, as JSON. */
Datum reasons_of(const Load &load) {
    StringInfoData json;
    initStringInfo(&json);
    appendStringInfoChar(&json, '{');
    for (const Word<Reason> &reason : kReasons) {
        const std::int64_t count = load.rejected_for[static_cast<std::size_t>(reason.value)];
        if (count > 0) {
            appendStringInfo(&json, "%s\"%s\": %lld", json.len > 1 ? ", " : "", reason.word,
                             static_cast<long long>(count));
        }
    }
    appendStringInfoChar(&json, '}');
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

/* What to do when every row has the same fault; nullptr: nothing. */
const char *advice_for(const Load &load) {
    if (load.loaded > 0 || load.rejected == 0 || load.faults_differ) {
        return nullptr;
    }
    bool is_null = false;
    const Datum column = column_of_fault(load, load.first_fault, is_null);
    const char *candidates = listed_candidates(load.file, load.rules);
    return psprintf("Every row was rejected for the same reason: %s%s%s.%s%s%s",
                    word_for(kReasons, load.first_fault.reason), is_null ? "" : ", column ",
                    is_null ? "" : TextDatumGetCString(column),
                    *candidates != '\0' ? " Headers that could serve: " : "", candidates,
                    *candidates != '\0' ? ". Name them in the option columns." : "");
}

Datum seconds_of(const Load &load) {
    const double compare = load.written.compare_seconds + load.orders_written.compare_seconds;
    const double write = load.written.write_seconds + load.orders_written.write_seconds;
    return DirectFunctionCall1(
        jsonb_in, CStringGetDatum(psprintf("{\"read\": %.3f, \"compare\": %.3f, \"write\": %.3f}",
                                           load.read_seconds, compare, write)));
}

} // namespace

Datum value_at(int column, bool &is_null) {
    return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
}

void run_statement(const char *query, int count, Oid *types, Datum *values, const char *nulls) {
    const int result = SPI_execute_with_args(query, count, types, values, nulls, false, 0);
    if (result < 0) {
        elog(ERROR, "a load failed: %s", SPI_result_code_string(result));
    }
}

void settle_shop(Upload &upload, std::string_view shop) {
    constexpr std::size_t kLongestShop = 255;
    if (shop.size() > kLongestShop) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the name of the shop is too long"),
                        errdetail("It has %zu bytes; at most %zu are allowed.", shop.size(), kLongestShop)));
    }
    upload.shop = text_of_file(shop);
    upload.shop_name = shop;
    /* Other uploads of the shop wait here until this one's transaction ends. */
    constexpr std::string_view kLock = "tradeup_bundles.shop";
    const auto hashed = [](std::string_view text) {
        return UInt32GetDatum(
            hash_bytes(reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size())));
    };
    DirectFunctionCall2(pg_advisory_xact_lock_int4, hashed(kLock), hashed(shop));
    Oid types[] = {TEXTOID, JSONBOID};
    Datum values[] = {upload.shop, JsonbPGetDatum(upload.options)};
    run_statement(
        "INSERT INTO tradeup_bundles.shop (shop) SELECT $1 "
        "WHERE NOT EXISTS (SELECT FROM tradeup_bundles.shop s WHERE s.shop OPERATOR(pg_catalog.=) $1)",
        1, types, values);
    run_statement("SELECT s.options OPERATOR(pg_catalog.||) $2, s.time_zone FROM tradeup_bundles.shop s "
                  "WHERE s.shop OPERATOR(pg_catalog.=) $1",
                  2, types, values);
    if (SPI_processed == 0) {
        return; // a policy hides it: the upload's own options hold
    }
    bool is_null = false;
    upload.read = read_options(DatumGetJsonbPCopy(value_at(1, is_null)));
    const Datum zone = value_at(2, is_null);
    if (value_of_key(upload.options, "time_zone") == nullptr && upload.read.time_zone == nullptr) {
        upload.read.time_zone = time_zone_named(TextDatumGetCString(zone));
    }
}

void begin_load(Load &load, Upload &upload) {
    load.upload = &upload;
    load.rules.shop = upload.shop_name;
    load.gathered = begin_gathering(load.rules, upload.read.time_zone);
    load.rejects.table = "rejected_row";
    add_column(load.rejects, "row", INT8OID);
    add_column(load.rejects, "line", INT8OID);
    add_column(load.rejects, "column_name", TEXTOID);
    add_column(load.rejects, "reason", TEXTOID);
    add_column(load.rejects, "value", TEXTOID);
    add_column(load.rejects, "raw", TEXTOID);
    add_column(load.rejects, "cut", BOOLOID);
    begin_store(load.rejects);
}

bool take_row(Load &load, const char *bytes, RowFault &fault) {
    ++load.rows;
    fault = read_row(load.rules, load.file.reader, load.file.row, bytes, load.file.scratch, load.values);
    if (fault.reason == Reason::none) {
        gather(load.gathered, load.values);
        ++load.loaded;
        return true;
    }
    load.faults_differ =
        load.faults_differ || (load.rejected > 0 && (fault.reason != load.first_fault.reason ||
                                                     fault.column != load.first_fault.column));
    if (load.rejected++ == 0) {
        load.first_fault = {fault.reason, fault.column, {}};
    }
    ++load.rejected_for[static_cast<std::size_t>(fault.reason)];
    return false;
}

void reject_row(Load &load, std::int64_t row, std::uint64_t line, const RowFault &fault,
                std::string_view raw) {
    if (load.rejected > load.upload->read.most_rejected) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many rows are rejected"),
                        errdetail("More than %d; the last one is at line %llu.",
                                  load.upload->read.most_rejected, static_cast<unsigned long long>(line)),
                        errhint("Use the option max_rejected.")));
    }
    const MemoryContext caller = MemoryContextSwitchTo(load.gathered.of_row);
    Datum values[8] = {};
    bool nulls[8] = {};
    bool cut = false;
    values[1] = Int64GetDatum(row);
    values[2] = Int64GetDatum(static_cast<std::int64_t>(line));
    values[3] = column_of_fault(load, fault, nulls[3]);
    values[4] = CStringGetTextDatum(word_for(kReasons, fault.reason));
    values[5] = kept_raw(fault.value, cut);
    values[6] = kept_raw(raw, cut);
    values[7] = BoolGetDatum(cut);
    put_row(load.rejects, values, nulls);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(load.gathered.of_row);
}

void write_load(Load &load) {
    const Upload &upload = *load.upload;
    end_gathering(load.gathered);
    /* Orders come first: a user may have put a foreign key on lines. */
    if (load.rules.kind == FileKind::orders) {
        load.orders_written = write_rows(load.gathered.orders, upload.shop, upload.upload_id);
    }
    load.written = write_rows(load.gathered.rows, upload.shop, upload.upload_id);
}

void run_with_rows(const RowStore &store, const char *query, std::int64_t upload_id) {
    if (store.size == 0) {
        return;
    }
    show_rows(store, "file_rows");
    Oid type = INT8OID;
    Datum value = Int64GetDatum(upload_id);
    run_statement(query, 1, &type, &value);
    hide_rows("file_rows");
}

void end_load(Load &load) {
    end_store(load.rejects);
    end_store(load.gathered.rows);
    end_store(load.gathered.orders);
}

void record_load(Load &load, Datum sha256) {
    const ReadFile &file = load.file;
    const bool orders = load.rules.kind == FileKind::orders;
    const char *advice = advice_for(load);
    const char delimiter[] = {file.reader.delimiter, '\0'};
    Oid types[] = {INT8OID, TEXTOID, TEXTOID,  INT8OID,      BYTEAOID, TEXTOID, TEXTOID,  INT8OID,
                   INT8OID, INT8OID, INT8OID,  INT8OID,      INT8OID,  INT8OID, JSONBOID, INT8OID,
                   INT8OID, TEXTOID, JSONBOID, TEXTARRAYOID, TEXTOID,  JSONBOID};
    Datum values[] = {Int64GetDatum(load.upload->upload_id),
                      load.upload->shop,
                      CStringGetTextDatum(word_for(kFileKinds, load.rules.kind)),
                      Int64GetDatum(file.taken),
                      sha256,
                      CStringGetTextDatum(word_for(kFileEncodings, file.encoding)),
                      CStringGetTextDatum(delimiter),
                      Int64GetDatum(load.rows),
                      Int64GetDatum(load.loaded),
                      Int64GetDatum(load.written.inserted),
                      Int64GetDatum(load.written.updated),
                      Int64GetDatum(load.written.unchanged),
                      Int64GetDatum(load.gathered.duplicates),
                      Int64GetDatum(load.rejected),
                      reasons_of(load),
                      Int64GetDatum(load.gathered.orders.size),
                      Int64GetDatum(load.orders_written.inserted + load.orders_written.updated),
                      text_of_file(file.header),
                      columns_used(file, load.rules),
                      columns_not_used(file, load.rules),
                      advice == nullptr ? 0 : CStringGetTextDatum(advice),
                      seconds_of(load)};
    char nulls[] = "                      ";
    static_assert(lengthof(types) == lengthof(values) && lengthof(nulls) == lengthof(values) + 1);
    nulls[4] = sha256 == 0 ? 'n' : ' ';
    nulls[15] = nulls[16] = orders ? ' ' : 'n';
    nulls[20] = advice == nullptr ? 'n' : ' ';
    run_statement(
        "UPDATE tradeup_bundles.upload SET state = 'loaded', shop = $2, kind = $3, bytes = $4, sha256 = $5, "
        "encoding = $6, delimiter = $7, rows = $8, loaded = $9, inserted = $10, updated = $11, unchanged = "
        "$12, "
        "duplicates = $13, rejected = $14, reasons = $15, orders = $16, orders_changed = $17, header = $18, "
        "columns_used = $19, columns_not_used = $20, advice = $21, seconds = $22, "
        "loaded_at = pg_catalog.clock_timestamp() WHERE upload_id OPERATOR(pg_catalog.=) $1",
        lengthof(values), types, values, nulls);
}

Datum column_of_fault(const Load &load, const RowFault &fault, bool &is_null) {
    is_null = fault.column == kNowhere;
    if (is_null) {
        return 0;
    }
    return CStringGetTextDatum(
        fault.column == kShopColumn
            ? "shop"
            : columns_of(load.rules.kind)[static_cast<std::size_t>(fault.column)].name);
}

Upload read_upload(std::int64_t upload_id, bool &is_open) {
    Oid type = INT8OID;
    Datum value = Int64GetDatum(upload_id);
    run_statement("SELECT u.shop, u.kind, u.options, u.state FROM tradeup_bundles.upload u "
                  "WHERE u.upload_id OPERATOR(pg_catalog.=) $1 FOR UPDATE",
                  1, &type, &value);
    if (SPI_processed == 0) {
        ereport(ERROR,
                (errcode(ERRCODE_NO_DATA_FOUND),
                 errmsg("upload %lld does not exist", static_cast<long long>(upload_id)),
                 errhint("Look in the table tradeup_bundles.upload; row-level security may hide rows.")));
    }
    Upload upload{};
    upload.upload_id = upload_id;
    bool is_null = false;
    value = value_at(1, is_null);
    if (!is_null) {
        const std::string_view shop = view_of(value);
        upload.shop_name = {pnstrdup(shop.data(), shop.size()), shop.size()};
        upload.shop = text_of_file(upload.shop_name);
    }
    value = value_at(2, is_null);
    upload.kind_known = !is_null;
    if (!is_null) {
        upload.kind = kind_named(view_of(value));
    }
    upload.options = DatumGetJsonbPCopy(value_at(3, is_null));
    upload.read = read_options(upload.options);
    is_open = view_of(value_at(4, is_null)) == "open";
    return upload;
}

Datum result_of(std::int64_t upload_id, bool repeated) {
    Oid types[] = {INT8OID, BOOLOID};
    Datum values[] = {Int64GetDatum(upload_id), BoolGetDatum(repeated)};
    run_statement("SELECT tradeup_bundles_internal.result_of($1, $2)", 2, types, values);
    bool is_null = false;
    return SPI_datumTransfer(value_at(1, is_null), false, -1);
}

} // namespace tradeup
