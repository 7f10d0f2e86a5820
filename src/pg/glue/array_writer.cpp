/*
 * Elements one after another, and the bits that tell which of them are null.
 */
#include "pg/glue/array_writer.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "utils/memutils.h"
}

namespace tradeup {

namespace {

constexpr Size kFirstBytes = 1024;
constexpr int kBitsOfByte = 8;

[[noreturn]] void too_large() {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("array size exceeds the maximum allowed (%zu bytes, %zu elements)", MaxAllocSize,
                           MaxArraySize)));
    pg_unreachable();
}

/* Room for so many bytes more. */
char *room_for(ArrayWriter &array, Size bytes) {
    if (array.capacity - array.used < bytes) {
        const Size wanted = std::max({kFirstBytes, 2 * array.capacity, array.used + bytes});
        if (array.used + bytes > MaxAllocSize) {
            too_large();
        }
        array.elements =
            static_cast<char *>(array.elements == nullptr ? MemoryContextAllocHuge(array.context, wanted)
                                                          : repalloc_huge(array.elements, wanted));
        array.capacity = wanted;
    }
    return array.elements + array.used;
}

/* Adds the bit of the next element. */
void put_present(ArrayWriter &array, bool present) {
    if (static_cast<Size>(array.count) >= MaxArraySize) {
        too_large();
    }
    const Size byte = static_cast<Size>(array.count / kBitsOfByte);
    if (array.present == nullptr) {
        if (present) {
            ++array.count;
            return;
        }
        /* All before it are there. */
        array.present_capacity = std::max(kFirstBytes, 2 * (byte + 1));
        array.present = static_cast<bits8 *>(MemoryContextAllocHuge(array.context, array.present_capacity));
        std::fill_n(array.present, array.present_capacity, static_cast<bits8>(~0));
    }
    if (byte == array.present_capacity) {
        array.present = static_cast<bits8 *>(repalloc_huge(array.present, 2 * array.present_capacity));
        std::fill_n(array.present + array.present_capacity, array.present_capacity, static_cast<bits8>(~0));
        array.present_capacity *= 2;
    }
    if (!present) {
        const unsigned bit = 1U << (array.count % kBitsOfByte);
        array.present[byte] = static_cast<bits8>(array.present[byte] & ~bit);
    }
    ++array.count;
}

void put_bytes(ArrayWriter &array, const char *bytes, Size size) {
    const Size whole = INTALIGN(VARHDRSZ + size);
    char *at = room_for(array, whole);
    SET_VARSIZE(at, VARHDRSZ + size);
    std::memcpy(VARDATA(at), bytes, size);
    std::memset(VARDATA(at) + size, 0, whole - VARHDRSZ - size);
    array.used += whole;
    put_present(array, true);
}

} // namespace

ArrayWriter begin_array(MemoryContext context) {
    return {context, nullptr, 0, 0, nullptr, 0, 0};
}

void put_element(ArrayWriter &array, Datum value) {
    const struct varlena *stored =
        pg_detoast_datum_packed(reinterpret_cast<struct varlena *>(DatumGetPointer(value)));
    put_bytes(array, VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored));
}

void put_text(ArrayWriter &array, std::string_view text) {
    put_bytes(array, text.data(), text.size());
}

void put_null(ArrayWriter &array) {
    put_present(array, false);
}

Datum array_written(const ArrayWriter &array, Oid element_type) {
    if (array.count == 0) {
        return PointerGetDatum(construct_empty_array(element_type));
    }
    const bool has_nulls = array.present != nullptr;
    const Size head = has_nulls ? ARR_OVERHEAD_WITHNULLS(1, array.count) : ARR_OVERHEAD_NONULLS(1);
    if (head + array.used > MaxAllocSize) {
        too_large();
    }
    auto *made = static_cast<ArrayType *>(palloc(head + array.used));
    std::memset(made, 0, head);
    SET_VARSIZE(made, head + array.used);
    made->ndim = 1;
    made->dataoffset = has_nulls ? static_cast<int32>(head) : 0;
    made->elemtype = element_type;
    ARR_DIMS(made)[0] = array.count;
    ARR_LBOUND(made)[0] = 1;
    if (has_nulls) {
        const Size bytes = static_cast<Size>((array.count + kBitsOfByte - 1) / kBitsOfByte);
        std::memcpy(ARR_NULLBITMAP(made), array.present, bytes);
        /* Bits after the last element are 0, as the server leaves them. */
        if (const int last = array.count % kBitsOfByte; last != 0) {
            ARR_NULLBITMAP(made)[bytes - 1] &= static_cast<bits8>((1U << last) - 1);
        }
    }
    if (array.used > 0) {
        std::memcpy(ARR_DATA_PTR(made), array.elements, array.used);
    }
    return PointerGetDatum(made);
}

} // namespace tradeup
