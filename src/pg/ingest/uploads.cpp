/*
 * Uploads as users call them: begin, add parts, load; or all of it in one call.
 */
#include "core/ingest/header.hpp"

#include "pg/glue/context.hpp"
#include "pg/ingest/load.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/progress.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "utils/acl.h"
#include "utils/backend_progress.h"
#include "utils/lsyscache.h"
}

using namespace tradeup;

namespace {

/* Rows between two reports of progress. */
constexpr std::int64_t kRowsPerReport = 1024;

double seconds_since(instr_time start) {
    instr_time now;
    INSTR_TIME_SET_CURRENT(now);
    INSTR_TIME_SUBTRACT(now, start);
    return INSTR_TIME_GET_DOUBLE(now);
}

/* The kind of an open file: as the upload says, or as its header tells. */
FileKind kind_of(const Upload &upload, const ReadFile &file) {
    if (upload.kind_known) {
        return upload.kind;
    }
    const std::optional<FileKind> kind =
        detected_kind({file.names, static_cast<std::size_t>(file.header_cells)});
    if (!kind) {
        refuse_unknown_kind();
    }
    return *kind;
}

/* The first shop that a row of the file names, canonical. Errors: 22023 where none does. */
std::string_view shop_of_file(FileSource &source, const Upload &upload) {
    ReadFile file = open_file(source, upload.read, false);
    const RowRules rules = map_columns(file, kind_of(upload, file));
    bool any = false;
    while (const char *bytes = next_file_row(file)) {
        any = true;
        if (rules.shop_cell < 0) {
            break;
        }
        const std::string_view shop = shop_of_row(rules, file.reader, file.row, bytes, file.scratch);
        if (!shop.empty()) {
            return canonical_shop(shop, static_cast<char *>(palloc(shop.size() + 1)));
        }
    }
    if (!any) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the file has no rows")));
    }
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("neither the upload nor the file names a shop"),
             errhint("Pass the shop, or name its column in the option columns.")));
    return {};
}

/* An upload that loaded the same file under the same options, or 0. */
std::int64_t loaded_before(const Upload &upload, Datum sha256) {
    Oid types[] = {TEXTOID, BYTEAOID, JSONBOID, TEXTOID};
    Datum values[] = {upload.shop, sha256, JsonbPGetDatum(upload.options), 0};
    char nulls[] = "    ";
    if (upload.kind_known) {
        values[3] = CStringGetTextDatum(word_for(kFileKinds, upload.kind));
    } else {
        nulls[3] = 'n';
    }
    const int path = begin_safe_path();
    run_statement("SELECT u.upload_id FROM tradeup_bundles.upload u WHERE u.shop = $1 AND u.sha256 = $2 "
                  "AND u.options - 'force'::text - 'lines'::text = $3 - 'force'::text - 'lines'::text "
                  "AND (u.kind = $4 OR $4 IS NULL) AND u.state = 'loaded' ORDER BY u.upload_id LIMIT 1",
                  4, types, values, nulls);
    end_safe_path(path);
    bool is_null = false;
    return SPI_processed == 0 ? 0 : DatumGetInt64(value_at(1, is_null));
}

/* Whether an upload of the shop had as many bytes: only then the file is read once more for its hash. */
bool had_as_many_bytes(const Upload &upload, std::int64_t bytes) {
    Oid types[] = {TEXTOID, INT8OID};
    Datum values[] = {upload.shop, Int64GetDatum(bytes)};
    run_statement("SELECT FROM tradeup_bundles.upload u WHERE u.shop OPERATOR(pg_catalog.=) $1 "
                  "AND u.bytes OPERATOR(pg_catalog.=) $2 AND u.state OPERATOR(pg_catalog.=) "
                  "'loaded'::pg_catalog.text LIMIT 1",
                  2, types, values);
    return SPI_processed > 0;
}

Datum digest_of(pg_cryptohash_ctx *hash) {
    auto *digest = static_cast<bytea *>(palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH));
    SET_VARSIZE(digest, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
    if (pg_cryptohash_final(hash, reinterpret_cast<uint8 *>(VARDATA(digest)), PG_SHA256_DIGEST_LENGTH) < 0) {
        elog(ERROR, "a hash failed");
    }
    pg_cryptohash_free(hash);
    return PointerGetDatum(digest);
}

Datum hash_of_source(FileSource &source) {
    pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
    if (hash == nullptr || pg_cryptohash_init(hash) < 0) {
        elog(ERROR, "a hash failed");
    }
    begin_source(source);
    std::string_view part;
    while (next_part(source, part)) {
        if (pg_cryptohash_update(hash, reinterpret_cast<const uint8 *>(part.data()), part.size()) < 0) {
            elog(ERROR, "a hash failed");
        }
    }
    return digest_of(hash);
}

/* Where pg_stat_progress_copy shows the load: as a COPY into the kind's table. */
void begin_progress(FileKind kind, const FileSource &source) {
    const char *table = kind == FileKind::orders             ? "order_line"
                        : kind == FileKind::variants         ? "variant"
                        : kind == FileKind::inventory_levels ? "inventory_level"
                                                             : "catalog_item";
    pgstat_progress_start_command(PROGRESS_COMMAND_COPY,
                                  get_relname_relid(table, get_namespace_oid("tradeup_bundles", false)));
    const int index[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL};
    const std::int64_t values[] = {PROGRESS_COPY_COMMAND_FROM, PROGRESS_COPY_TYPE_CALLBACK, source.bytes};
    pgstat_progress_update_multi_param(lengthof(index), index, values);
}

void report_progress(const Load &load) {
    const int index[] = {PROGRESS_COPY_BYTES_PROCESSED, PROGRESS_COPY_TUPLES_PROCESSED,
                         PROGRESS_COPY_TUPLES_EXCLUDED};
    const std::int64_t values[] = {load.file.taken, load.loaded, load.rejected};
    pgstat_progress_update_multi_param(lengthof(index), index, values);
}

/* The first shop that the file names must be the upload's; a later one rejects its row. */
void require_same_shop(const Load &load, std::string_view shop) {
    char *name = static_cast<char *>(palloc(shop.size() + 1));
    if (canonical_shop(shop, name) != load.rules.shop) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the file is of another shop"),
                        errdetail("The upload is for \"%s\", the file says \"%s\".",
                                  shown_text(to_server(load.rules.shop)), shown_text(to_server(shop)))));
    }
}

/* All rows of the file. */
void read_rows(Load &load) {
    bool shop_was_named = load.rules.shop_cell < 0;
    while (const char *bytes = next_file_row(load.file)) {
        if (!shop_was_named) {
            const std::string_view shop =
                shop_of_row(load.rules, load.file.reader, load.file.row, bytes, load.file.scratch);
            if (!shop.empty()) {
                require_same_shop(load, shop);
                shop_was_named = true;
            }
        }
        RowFault fault{};
        if (!take_row(load, bytes, fault)) {
            reject_row(load, load.rows, load.file.row.line, fault, {bytes, load.file.row.bytes});
        }
        if (load.rows % kRowsPerReport == 0) {
            report_progress(load);
            CHECK_FOR_INTERRUPTS();
        }
    }
    if (load.rows == 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the file has no rows")));
    }
    report_progress(load);
}

/* The bytes of an upload are needed no more. */
void drop_bytes(const Upload &upload, SourceKind kind) {
    Oid type = INT8OID;
    Datum value = Int64GetDatum(upload.upload_id);
    if (kind == SourceKind::parts) {
        run_statement("DELETE FROM tradeup_bundles.upload_part WHERE upload_id OPERATOR(pg_catalog.=) $1", 1,
                      &type, &value);
    } else if (kind == SourceKind::lines) {
        run_statement("DROP TABLE pg_temp.upload_line", 0, nullptr, nullptr);
    }
}

/* The result of an upload whose file was loaded before. */
Datum repeat(const Upload &upload, std::int64_t first, SourceKind kind) {
    Oid types[] = {INT8OID, INT8OID, TEXTOID};
    Datum values[] = {Int64GetDatum(upload.upload_id), Int64GetDatum(first), upload.shop};
    run_statement("UPDATE tradeup_bundles.upload SET state = 'repeated', repeats = $2, shop = $3, "
                  "loaded_at = pg_catalog.clock_timestamp() WHERE upload_id OPERATOR(pg_catalog.=) $1",
                  3, types, values);
    drop_bytes(upload, kind);
    return result_of(first, true);
}

/* Loads a file. Within SPI; the result is in the memory of its caller. */
Datum load_file(Upload &upload, FileSource &source) {
    if (upload.shop == 0) {
        settle_shop(upload, shop_of_file(source, upload));
    } else {
        settle_shop(upload, upload.shop_name);
    }
    if (!upload.read.force && (source.kind == SourceKind::lines || had_as_many_bytes(upload, source.bytes))) {
        const std::int64_t first = loaded_before(upload, hash_of_source(source));
        if (first != 0) {
            end_source(source);
            return repeat(upload, first, source.kind);
        }
    }
    auto *load = static_cast<Load *>(palloc0(sizeof(Load)));
    instr_time start;
    INSTR_TIME_SET_CURRENT(start);
    load->file = open_file(source, upload.read, true);
    load->rules = map_columns(load->file, kind_of(upload, load->file));
    begin_load(*load, upload);
    begin_progress(load->rules.kind, source);
    read_rows(*load);
    end_source(source);
    load->read_seconds = seconds_since(start);
    const Datum sha256 = digest_of(load->file.hash);
    write_load(*load);
    run_with_rows(load->rejects,
                  "INSERT INTO tradeup_bundles.rejected_row (upload_id, row, line, column_name, reason, "
                  "value, raw, cut) "
                  "SELECT $1, r.row, r.line, r.column_name, r.reason, r.value, r.raw, r.cut FROM file_rows r",
                  upload.upload_id);
    record_load(*load, sha256);
    end_load(*load);
    drop_bytes(upload, source.kind);
    pgstat_progress_end_command();
    return result_of(upload.upload_id, false);
}

/* What an upload that is begun needs. */
struct Beginning {
    NullableDatum shop;
    NullableDatum kind;
    NullableDatum run;
    NullableDatum options;
    NullableDatum file_name;
};

NullableDatum argument(FunctionCallInfo fcinfo, int number) {
    return {PG_ARGISNULL(number) ? 0 : PG_GETARG_DATUM(number), PG_ARGISNULL(number)};
}

/* How many lines came in since the session began: a temporary table has lines of one session only. */
std::int64_t lines_so_far = 0;

/*
 * The table pg_temp.upload_line, empty. COPY fills each page in turn, but puts a short line into an earlier
 * page where it finds room, so the order of ctid is not that of the file: a trigger writes a number in front
 * of each line. A column for it would be one that COPY without a list of columns asks the file for.
 */
void make_lines() {
    run_statement("SELECT pg_catalog.to_regclass('pg_temp.upload_line')", 0, nullptr, nullptr);
    bool is_null = false;
    (void)value_at(1, is_null);
    if (!is_null) {
        run_statement("DROP TABLE pg_temp.upload_line", 0, nullptr, nullptr);
    }
    run_statement("CREATE TEMPORARY TABLE upload_line (line pg_catalog.text)", 0, nullptr, nullptr);
    run_statement("CREATE TRIGGER number_line BEFORE INSERT ON pg_temp.upload_line FOR EACH ROW "
                  "EXECUTE FUNCTION tradeup_bundles_internal.number_line()",
                  0, nullptr, nullptr);
    run_statement("ALTER TABLE pg_temp.upload_line ENABLE ALWAYS TRIGGER number_line", 0, nullptr, nullptr);
}

/* Adds the row of an upload. Within SPI. */
std::int64_t begin(const Beginning &given) {
    Datum values[5] = {};
    char nulls[] = "nnnnn";
    if (!given.shop.isnull) {
        const std::string_view shop = view_of(given.shop.value);
        const std::string_view name = canonical_shop(shop, static_cast<char *>(palloc(shop.size() + 1)));
        values[0] = PointerGetDatum(cstring_to_text_with_len(name.data(), static_cast<int>(name.size())));
        nulls[0] = name.empty() ? 'n' : ' ';
    }
    if (!given.kind.isnull && view_of(given.kind.value) != "auto") {
        values[1] = CStringGetTextDatum(word_for(kFileKinds, kind_named(view_of(given.kind.value))));
        nulls[1] = ' ';
    }
    values[2] = given.run.value;
    nulls[2] = given.run.isnull ? 'n' : ' ';
    values[3] =
        given.options.isnull ? DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")) : given.options.value;
    nulls[3] = ' ';
    values[4] = given.file_name.value;
    nulls[4] = given.file_name.isnull ? 'n' : ' ';
    if (read_options(DatumGetJsonbP(values[3])).lines) {
        make_lines();
    }
    Oid types[] = {TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID};
    run_statement("INSERT INTO tradeup_bundles.upload (shop, kind, run, options, file_name) "
                  "VALUES ($1, $2, $3, $4, $5) RETURNING upload_id",
                  5, types, values, nulls);
    bool is_null = false;
    return DatumGetInt64(value_at(1, is_null));
}

[[noreturn]] void refuse_closed(std::int64_t upload_id) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("upload %lld is loaded already", static_cast<long long>(upload_id)),
                    errhint("Call begin_upload for another file.")));
    pg_unreachable();
}

/* Does the work within SPI and without our context in errors. */
template <typename Work>
Datum within_spi(const Work &work) {
    Datum result = 0;
    without_context([&] {
        SPI_connect();
        result = work();
        SPI_finish();
    });
    return result;
}

/* Loads an upload of a source that is made when its row is known. */
template <typename Source>
Datum load_upload_of(std::int64_t upload_id, const Source &source_of) {
    bool is_open = false;
    Upload upload = read_upload(upload_id, is_open);
    if (!is_open) {
        return result_of(upload_id, true);
    }
    FileSource source = source_of(upload);
    return load_file(upload, source);
}

Datum begin_and_load(FunctionCallInfo fcinfo, FileSource &source, const NullableDatum &file_name, int run) {
    const Beginning given{argument(fcinfo, 0), argument(fcinfo, 1), argument(fcinfo, run),
                          argument(fcinfo, 3), file_name};
    return load_upload_of(begin(given), [&](const Upload &) { return source; });
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(begin_upload);
PG_FUNCTION_INFO_V1(add_part);
PG_FUNCTION_INFO_V1(load_upload);
PG_FUNCTION_INFO_V1(ingest);
PG_FUNCTION_INFO_V1(ingest_file);
PG_FUNCTION_INFO_V1(number_line);

/* begin_upload(shop, kind, run, options, file_name): the number of a new upload. */
Datum begin_upload(PG_FUNCTION_ARGS) {
    return within_spi([&] {
        return Int64GetDatum(begin({argument(fcinfo, 0), argument(fcinfo, 1), argument(fcinfo, 2),
                                    argument(fcinfo, 3), argument(fcinfo, 4)}));
    });
}

/* add_part(upload_id, number, bytes): keeps a part of a file; one that was sent already is replaced. */
Datum add_part(PG_FUNCTION_ARGS) {
    const std::int64_t upload_id = PG_GETARG_INT64(0);
    if (PG_GETARG_INT32(1) < 1) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("number must be at least 1"),
                        errdetail("It is %d.", PG_GETARG_INT32(1))));
    }
    return within_spi([&] {
        bool is_open = false;
        (void)read_upload(upload_id, is_open);
        if (!is_open) {
            refuse_closed(upload_id);
        }
        Oid types[] = {INT8OID, INT4OID, BYTEAOID};
        Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
        run_statement(
            "INSERT INTO tradeup_bundles.upload_part (upload_id, number, bytes) VALUES ($1, $2, $3) "
            "ON CONFLICT (upload_id, number) DO UPDATE SET bytes = EXCLUDED.bytes",
            3, types, values);
        return static_cast<Datum>(0);
    });
}

/* load_upload(upload_id): loads the parts, or the lines of pg_temp.upload_line, of an upload. */
Datum load_upload(PG_FUNCTION_ARGS) {
    return within_spi([&] {
        return load_upload_of(PG_GETARG_INT64(0), [&](const Upload &upload) {
            return upload.read.lines ? lines_source() : parts_source(upload.upload_id);
        });
    });
}

/* number_line(): a trigger that writes a number in front of each line of pg_temp.upload_line. */
Datum number_line(PG_FUNCTION_ARGS) {
    const auto *trigger = reinterpret_cast<TriggerData *>(fcinfo->context);
    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
        !TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
        SPI_gettypeid(trigger->tg_relation->rd_att, 1) != TEXTOID) {
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("number_line is a trigger of pg_temp.upload_line only"),
                        errhint("Call begin_upload with the option lines, which makes that table.")));
    }
    const TupleDesc row = trigger->tg_relation->rd_att;
    bool is_null = false;
    const Datum line = heap_getattr(trigger->tg_trigtuple, 1, row, &is_null);
    const std::string_view words = is_null ? "" : view_of(line);
    text *numbered = static_cast<text *>(palloc(VARHDRSZ + kNumberOfLine + words.size()));
    char *to = VARDATA(numbered);
    SET_VARSIZE(numbered, VARHDRSZ + kNumberOfLine + words.size());
    std::int64_t number = ++lines_so_far;
    for (std::size_t i = kNumberOfLine; i-- > 0; number /= 10) {
        to[i] = static_cast<char>('0' + number % 10);
    }
    std::memcpy(to + kNumberOfLine, words.data(), words.size());
    int column = 1;
    Datum value = PointerGetDatum(numbered);
    bool null = false;
    return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple, row, 1, &column, &value, &null));
}

/* ingest(shop, kind, file, options, run, file_name): begins an upload and loads it. */
Datum ingest(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(2)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("file must not be null")));
    }
    return within_spi([&] {
        FileSource source = memory_source(view_of(PG_GETARG_DATUM(2)));
        return begin_and_load(fcinfo, source, argument(fcinfo, 5), 4);
    });
}

/* ingest_file(shop, kind, path, options, run): the same of a file of the server. */
Datum ingest_file(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(2)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("path must not be null")));
    }
    if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES)) {
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("permission denied to read a file of the server"),
                        errdetail("It takes the privileges of the role pg_read_server_files."),
                        errhint("Send the file with add_part, which everybody may.")));
    }
    return within_spi([&] {
        FileSource source = server_file_source(text_to_cstring(PG_GETARG_TEXT_PP(2)));
        return begin_and_load(fcinfo, source, argument(fcinfo, 2), 4);
    });
}

} // extern "C"
