/*
 * Fault injection from outside: preloaded into a server, this library's operator new stands before
 * libstdc++'s; loaded as a module, the same file gives SQL the functions that make it fail. The library under
 * test knows nothing of it.
 *
 * fail_allocation(k, kind) makes the k-th allocation from now on fail in this session: by std::bad_alloc
 * (kind 0), by an exception with the text "injected" (1), or by one of no class at all (2). It fails once;
 * allocation 0 never comes.
 */
#include <cstdlib>
#include <new>
#include <stdexcept>

#include <malloc.h>

extern "C" {
#include "postgres.h"

#include "fmgr.h"
}

namespace {

long until_failure = 0; // 0: no failure is to come
int kind_of_failure = 0;
long allocations = 0; // since the last fail_allocation
long alive = 0;       // allocations of this process that were not freed

void *allocated(void *memory) {
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    ++alive;
    return memory;
}

void count() {
    ++allocations;
    if (until_failure == 0 || --until_failure > 0) {
        return;
    }
    switch (kind_of_failure) {
    case 0:
        throw std::bad_alloc();
    case 1:
        throw std::runtime_error("injected");
    default:
        throw 1;
    }
}

} // namespace

/* libstdc++'s other forms of new and delete call these. Not inlined, or GCC takes them for a mismatch with
 * free. */
[[gnu::noinline]] void *operator new(std::size_t size) {
    count();
    return allocated(std::malloc(size));
}

[[gnu::noinline]] void *operator new(std::size_t size, std::align_val_t alignment) {
    count();
    const auto align = static_cast<std::size_t>(alignment);
    return allocated(std::aligned_alloc(align, (size + align - 1) / align * align));
}

[[gnu::noinline]] void operator delete(void *memory) noexcept {
    alive -= memory != nullptr ? 1 : 0;
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept {
    operator delete(memory);
}

[[gnu::noinline]] void operator delete(void *memory, std::align_val_t) noexcept {
    operator delete(memory);
}

/* None of these calls into the server: the library is preloaded into programs that are no server too. */
extern "C" {

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(fail_allocation);
PG_FUNCTION_INFO_V1(allocations_made);
PG_FUNCTION_INFO_V1(allocations_alive);

Datum fail_allocation(PG_FUNCTION_ARGS) {
    until_failure = PG_GETARG_INT32(0);
    kind_of_failure = PG_GETARG_INT32(1);
    allocations = 0;
    PG_RETURN_BOOL(true);
}

Datum allocations_made(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    PG_RETURN_INT64(allocations);
}

/* What the process only keeps for the next time is given back first, so that its size tells what it holds. */
Datum allocations_alive(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    malloc_trim(0);
    PG_RETURN_INT64(alive);
}

} // extern "C"
