/*
 * The one place where C++ exceptions end. Whatever may throw (Boost.Multiprecision, an allocation) runs
 * inside `guarded`, which is noexcept and turns every exception into an Error. The message is copied out of
 * the exception before the handler is left, so the caller may jump away with it.
 */
#pragma once

#include <exception>
#include <new>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/base/pure.hpp"

namespace tradeup {

/* Runs `work`, which returns a Result, and returns its result or what it threw as an Error. */
template <typename Work>
std::invoke_result_t<Work &> guarded(Work &&work) noexcept {
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return tl::unexpected(with_detail(make_error(ErrorKind::out_of_memory, "out of memory"),
                                          "An exact calculation could not allocate memory."));
    } catch (const std::exception &exception) {
        return tl::unexpected(make_error(ErrorKind::internal, "unexpected exception: %s", exception.what()));
    } catch (...) {
        return tl::unexpected(make_error(ErrorKind::internal, "unexpected exception of an unknown kind"));
    }
}

} // namespace tradeup
