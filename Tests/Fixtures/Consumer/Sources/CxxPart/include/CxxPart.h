// SPDX-License-Identifier: Apache-2.0
// A part of a program in C++, so that its Swift part is compiled with C++ interoperability.
#pragma once

#include <string>

inline std::string shelfName(int number) { return "shelf " + std::to_string(number); }
