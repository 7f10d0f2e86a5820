/*
 * Cells of tables that people keep, read as what a column holds.
 */
#include "core/loading/cells.hpp"

#include "pg/glue/glue.hpp"

using namespace tradeup;

namespace {

CellKind kind_argument(FunctionCallInfo fcinfo) {
    return value_of(value_named(kCellKinds, view_of(PG_GETARG_DATUM(1)), "kind of cell"));
}

Cell cell_of_arguments(FunctionCallInfo fcinfo) {
    return read_cell(view_of(PG_GETARG_DATUM(0)), kind_argument(fcinfo), view_of(PG_GETARG_DATUM(2)),
                     view_of(PG_GETARG_DATUM(3)));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(filled_cell_text);
PG_FUNCTION_INFO_V1(read_cell_text);
PG_FUNCTION_INFO_V1(cell_fault);
PG_FUNCTION_INFO_V1(cell_evidence_text);

/* filled_cell(cell, is_text): the cell without blanks around it, NULL where it stands for nothing. */
Datum filled_cell_text(PG_FUNCTION_ARGS) {
    const std::string_view filled = filled_cell(view_of(PG_GETARG_DATUM(0)), PG_GETARG_BOOL(1));
    if (filled.empty()) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text_with_len(filled.data(), static_cast<int>(filled.size())));
}

/* read_cell(cell, kind, said, unit): what it holds, as PostgreSQL reads it; NULL where it holds no such
 * thing. */
Datum read_cell_text(PG_FUNCTION_ARGS) {
    const Cell cell = cell_of_arguments(fcinfo);
    if (cell.fault != nullptr) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text(cell.text));
}

/* cell_fault(cell, kind, said, unit): why read_cell gives NULL, or NULL. */
Datum cell_fault(PG_FUNCTION_ARGS) {
    const Cell cell = cell_of_arguments(fcinfo);
    if (cell.fault == nullptr) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text(cell.fault));
}

/* cell_evidence(cell, kind): `.` or `,`, `DMY` or `MDY`, or NULL where the cell says nothing for its column.
 */
Datum cell_evidence_text(PG_FUNCTION_ARGS) {
    const char *evidence = cell_evidence(view_of(PG_GETARG_DATUM(0)), kind_argument(fcinfo));
    if (*evidence == '\0') {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text(evidence));
}

} // extern "C"
