# One compiler, one standard, one set of warnings for every target.

# GCC before 13 miscompiles coroutines: temporaries of an awaited call may be destroyed twice.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines; use clang-19 (the presets do).")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
# A static library does not wait for those it will be linked with.
set(CMAKE_OPTIMIZE_DEPENDENCIES ON)

add_compile_options(
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wimplicit-fallthrough -Wthread-safety -Wno-missing-field-initializers
  -fno-omit-frame-pointer -fstack-protector-strong)
add_link_options(-fuse-ld=lld)

find_program(CCACHE ccache)
if(CCACHE)
  # The sloppiness is what ccache asks for before it caches uses of a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
