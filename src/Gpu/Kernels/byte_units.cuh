// Bytes that a thread moves at once, of rows of any element type.
#pragma once

template <int bytes>
struct alignas(bytes) unit_of_bytes {
    static constexpr int words = bytes >= 4 ? bytes / 4 : 1;
    unsigned word[words];
};

template <>
struct unit_of_bytes<2> {
    unsigned short word[1];
};

template <>
struct unit_of_bytes<1> {
    unsigned char word[1];
};

template <typename U>
__device__ __forceinline__ U load_unit(const U* from) {
    return *from;
}

template <typename U>
__device__ __forceinline__ void store_unit(U* to, const U& unit) {
    *to = unit;
}

// 16 bytes in one access, whatever a compiler makes of the copy of a structure.
__device__ __forceinline__ unit_of_bytes<16> load_unit(const unit_of_bytes<16>* from) {
    unit_of_bytes<16> unit;
    asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(unit.word[0]), "=r"(unit.word[1]), "=r"(unit.word[2]), "=r"(unit.word[3])
                 : "l"(from)
                 : "memory");
    return unit;
}

__device__ __forceinline__ void store_unit(unit_of_bytes<16>* to, const unit_of_bytes<16>& unit) {
    asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(unit.word[0]), "r"(unit.word[1]), "r"(unit.word[2]), "r"(unit.word[3]) : "memory");
}
