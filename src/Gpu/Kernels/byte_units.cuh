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
