// One source for all instruction sets: code is written once for vectors of 4, 8 or 16 floats, inlined
// into one entry point for each set, and the set is chosen at run time.

#pragma once

#include <cstdint>
#include <cstring>

#define ARGONSCOPE_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__) || defined(__i386__)
#define ARGONSCOPE_X86 1
#define ARGONSCOPE_AVX2 __attribute__((target("avx2,fma")))
#define ARGONSCOPE_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#endif

namespace argonscope {

typedef float Vector4 __attribute__((vector_size(16)));
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));

// Outputs that are computed together, whatever the instruction set; weights are packed so.
constexpr int GROUP = 16;

enum InstructionSet : int { PORTABLE = 0, AVX2 = 1, AVX512 = 2 };

// The set in use; see kernel.cpp.
InstructionSet instruction_set();

template <class Vector>
constexpr int lanes() {
    return sizeof(Vector) / sizeof(float);
}

// Up to `count` floats, which may be none, and zero behind them.
template <class Vector>
ARGONSCOPE_INLINE void load(Vector& to, const float* from, std::int64_t count) {
    if (count >= lanes<Vector>()) {
        std::memcpy(&to, from, sizeof(Vector));
        return;
    }
    to = Vector{};
    for (int lane = 0; lane < count; ++lane) to[lane] = from[lane];
}

template <class Vector>
ARGONSCOPE_INLINE void store(float* to, const Vector& from, std::int64_t count) {
    if (count >= lanes<Vector>()) {
        std::memcpy(to, &from, sizeof(Vector));
        return;
    }
    for (int lane = 0; lane < count; ++lane) to[lane] = from[lane];
}

// Written so that NaN stays NaN, as torch's does.
template <class Vector>
ARGONSCOPE_INLINE void rectify(Vector& value) {
    value = value < 0.0f ? Vector{} : value;
}

}  // namespace argonscope
