/*
 * How an upload is to be read: the options of its shop, then its own.
 */
#pragma once

#include <cstdint>

#include "core/ingest/encoding.hpp"

#include "pg/glue/json.hpp"

extern "C" {
#include "pgtime.h"
}

namespace tradeup {

struct UploadOptions {
    FileEncoding encoding = FileEncoding::utf8;
    char delimiter = '\0'; // as the header has it
    char decimal_mark = '.';
    bool day_first = false;
    bool lines = false;
    bool force = false;
    std::int64_t most_bytes = std::int64_t{1} << 30;
    std::int32_t longest_cell = 16 << 20;
    std::int32_t most_columns = 4000;
    std::int32_t most_rejected = 10'000'000;
    Jsonb *columns = nullptr;   // column of ours to header of the file; nullptr: none
    pg_tz *time_zone = nullptr; // of times without one; nullptr: UTC
};

/* Options as users write them. Errors: 22023 for what is none. */
UploadOptions read_options(Jsonb *options);

/* The same of csv_rows, which takes some of them only. */
UploadOptions read_csv_options(Jsonb *options);

/* The time zone of a name. Errors: 22023 for one that is unknown; nullptr for UTC. */
pg_tz *time_zone_named(const char *name);

} // namespace tradeup
