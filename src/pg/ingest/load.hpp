/*
 * A load from its first row to its result: what loads of files and of rows that were rejected share.
 */
#pragma once

#include "pg/ingest/gather.hpp"
#include "pg/ingest/mapping.hpp"

namespace tradeup {

/* An upload as its row says, and what its shop adds. */
struct Upload {
    std::int64_t upload_id;
    Datum shop; // a text, or 0: the file says it
    std::string_view shop_name;
    FileKind kind;
    bool kind_known;
    Jsonb *options;     // its own
    UploadOptions read; // its own and its shop's
};

/* Rows that are being loaded. */
struct Load {
    Upload *upload;
    ReadFile file;
    RowRules rules;
    Gathered gathered;
    RowStore rejects;
    FileValue values[kMostColumns];
    std::int64_t rows;
    std::int64_t loaded;
    std::int64_t rejected;
    std::int64_t rejected_for[static_cast<std::size_t>(Reason::other_shop) + 1];
    /* The first fault, and whether all are like it. */
    RowFault first_fault;
    bool faults_differ;
    Written written;
    Written orders_written;
    double read_seconds;
};

/* A value of the first row that SPI gave; `is_null` where it is. */
Datum value_at(int column, bool &is_null);

/* Runs a statement within SPI. Errors: internal ones where it cannot run. */
void run_statement(const char *query, int count, Oid *types, Datum *values, const char *nulls = nullptr);

/* Knows the options of the upload's shop, and waits for other uploads of it. A new shop gets its row. */
void settle_shop(Upload &upload, std::string_view shop);

/* Prepares for rows of an open file. */
void begin_load(Load &load, Upload &upload);

/* Takes the row at hand: for its table, or with its fault. Returns whether it can be loaded. */
bool take_row(Load &load, const char *bytes, RowFault &fault);

/* Adds a row to those that are rejected. */
void reject_row(Load &load, std::int64_t row, std::uint64_t line, const RowFault &fault,
                std::string_view raw);

/* Writes what was gathered into the tables of the shop. */
void write_load(Load &load);

/* Runs a statement about the rows of a store, which it sees as file_rows, with an upload as $1. */
void run_with_rows(const RowStore &store, const char *query, std::int64_t upload_id);

/* Frees what the load holds. */
void end_load(Load &load);

/* Puts what became of the rows into the row of the upload. `sha256`: 0 for none. */
void record_load(Load &load, Datum sha256);

/* The name of a column at fault as a text; `is_null`: the row as a whole. */
Datum column_of_fault(const Load &load, const RowFault &fault, bool &is_null);

/* The upload of this number. Errors: P0002. */
Upload read_upload(std::int64_t upload_id, bool &is_open);

/* The row of type upload_result, in the memory of the caller of SPI. */
Datum result_of(std::int64_t upload_id, bool repeated);

} // namespace tradeup
