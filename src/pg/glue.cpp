/*
 * Errors of the core as errors of PostgreSQL, and functions that return rows.
 */
#include "pg/glue.hpp"

namespace tradeup {

namespace {

int sqlstate(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::bad_value:
        return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::out_of_range:
        return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case ErrorKind::bad_text:
        return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case ErrorKind::out_of_memory:
        return ERRCODE_OUT_OF_MEMORY;
    case ErrorKind::cancelled:
        return ERRCODE_QUERY_CANCELED;
    case ErrorKind::internal:
        break;
    }
    return ERRCODE_INTERNAL_ERROR;
}

} // namespace

void report(const Error &error) {
    ereport(ERROR, (errcode(sqlstate(error.kind)), errmsg("%s", error.message),
                    error.detail[0] != '\0' ? errdetail("%s", error.detail) : 0,
                    error.hint[0] != '\0' ? errhint("%s", error.hint) : 0));
    pg_unreachable();
}

void refuse_format(const struct varlena *stored) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("deal is in a format that this version does not read"),
                    errdetail("The deal has %zu bytes.", static_cast<Size>(VARSIZE(stored))),
                    errhint("Make the deal again with deal(...).")));
    pg_unreachable();
}

RowSink begin_rows(FunctionCallInfo fcinfo) {
    InitMaterializedSRF(fcinfo, 0);
    auto *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    return {info->setResult, info->setDesc};
}

} // namespace tradeup

extern "C" {
PG_MODULE_MAGIC;
}
