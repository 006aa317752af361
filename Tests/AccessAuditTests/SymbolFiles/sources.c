// SPDX-License-Identifier: Apache-2.0
// The source of dwarf4.so and dwarf5.so: clang -g -O1 -gdwarf-4 -nostdlib -shared -fPIC
// -fdebug-compilation-dir=/sources, and -gdwarf-5.
static inline __attribute__((always_inline)) int square(int x) {
  return x * x + 1;
}
static inline __attribute__((always_inline)) int twice(int x) {
  return square(x) + square(x + 1);
}
int first(int a) {
  for (int i = 0; i < a; i++) a += twice(i);
  return a;
}
int second(int a) {
  return twice(a) * first(a);
}
