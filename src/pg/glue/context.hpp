/*
 * Errors without our context: what our functions are made of is nobody's business.
 */
#pragma once

#include "pg/glue/glue.hpp"

namespace tradeup {

/*
 * Takes a step. An error of it is raised again without the context that the step gave it; what is outside of
 * the step stays in it, and nothing is caught for good.
 */
template <typename Step>
void without_context(const Step &step) {
    const MemoryContext caller = CurrentMemoryContext;
    ErrorContextCallback *const outside = error_context_stack;
    error_context_stack = nullptr;
    PG_TRY();
    { step(); }
    PG_CATCH();
    {
        error_context_stack = outside;
        MemoryContextSwitchTo(caller);
        ErrorData *error = CopyErrorData();
        FlushErrorState();
        error->context = nullptr;
        ThrowErrorData(error);
    }
    PG_END_TRY();
    error_context_stack = outside;
}

} // namespace tradeup
