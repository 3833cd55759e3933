# add_room(NAME cache DEPS base io [LIBS OpenSSL::SSL] [TEST_LIBS boost_json])
#
# Makes from src/NAME:
#   yata_NAME         the room itself, every .cc that is not a test, benchmark or fuzz target
#   yata_NAME_test    all *_test.cc (one ctest entry, label NAME)
#   yata_NAME_bench   all *_bench.cc (target `benches`)
#   yata_fuzz_X       each X_fuzz.cc (only when YATA_FUZZ is on)
# DEPS names rooms and is law: tools/lint compares it with the includes. LIBS names outside libraries,
# TEST_LIBS those that only the tests need.

option(YATA_FUZZ "Build fuzz targets with libFuzzer" OFF)
set(YATA_TEST_PREFIX "" CACHE STRING "Put before the name of each test, so that several builds share one ctest run")
set(YATA_TEST_ROOMS "" CACHE STRING "Only the tests of these rooms; empty means all")

add_custom_target(benches)
add_custom_target(unit_tests)

# A test's compile costs what its headers cost and what optimising it costs; it runs for milliseconds. The rooms
# are built as the preset says, their tests without optimisation and with what most of them include compiled once.
# The timestamp would keep ccache from knowing the compiled headers again.
add_library(yata_test_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/test_headers.cc)
target_compile_options(yata_test_headers PRIVATE
  -O0 -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
target_link_libraries(yata_test_headers PRIVATE GTest::gtest rapidcheck)
target_precompile_headers(yata_test_headers PRIVATE
  <gtest/gtest.h> <rapidcheck/gtest.h> <algorithm> <array> <atomic> <chrono> <coroutine> <deque> <expected>
  <filesystem> <fstream> <functional> <map> <memory> <optional> <set> <span> <sstream> <string> <thread> <vector>)

# The rooms themselves share one in the builds with sanitizers, which compile everything once more. The product's
# build has none, so that a forgotten include is still seen.
if(YATA_SANITIZE)
  add_library(yata_room_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/room_headers.cc)
  target_compile_options(yata_room_headers PRIVATE
    -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(yata_room_headers PRIVATE
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <coroutine> <cstring> <deque> <expected> <functional>
    <map> <memory> <optional> <set> <span> <string> <string_view> <thread> <tuple> <unordered_map> <utility>
    <variant> <vector>)
endif()

function(compile_as_tests target)
  target_compile_options(${target} PRIVATE -O0)
  target_precompile_headers(${target} REUSE_FROM yata_test_headers)
endfunction()

function(add_room)
  cmake_parse_arguments(ROOM "" "NAME;TEST_SHARDS" "DEPS;LIBS;TEST_LIBS" ${ARGN})
  set(dir ${CMAKE_SOURCE_DIR}/src/${ROOM_NAME})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzes ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER fuzzes INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cc$")

  if(YATA_TEST_ROOMS AND NOT ROOM_NAME IN_LIST YATA_TEST_ROOMS)
    set(tests "")
  endif()

  set(room yata_${ROOM_NAME})
  list(TRANSFORM ROOM_DEPS PREPEND yata_)
  if(sources)
    add_library(${room} STATIC ${sources})
    if(YATA_SANITIZE)
      target_precompile_headers(${room} REUSE_FROM yata_room_headers)
    endif()
    set(scope PUBLIC)
  else()
    add_library(${room} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${room} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${room} ${scope} ${ROOM_DEPS} ${ROOM_LIBS} Threads::Threads)

  if(tests)
    add_executable(${room}_test ${tests})
    compile_as_tests(${room}_test)
    target_link_libraries(${room}_test PRIVATE ${room} GTest::gmock GTest::gtest_main rapidcheck ${ROOM_TEST_LIBS})
    add_dependencies(unit_tests ${room}_test)
    # What takes long runs in so many shards at once.
    if(NOT ROOM_TEST_SHARDS)
      set(ROOM_TEST_SHARDS 1)
    endif()
    foreach(shard RANGE 1 ${ROOM_TEST_SHARDS})
      set(test ${YATA_TEST_PREFIX}${ROOM_NAME})
      if(ROOM_TEST_SHARDS GREATER 1)
        string(APPEND test .${shard})
      endif()
      math(EXPR index "${shard} - 1")
      add_test(NAME ${test} COMMAND ${room}_test --gtest_brief=1)
      set_tests_properties(${test} PROPERTIES LABELS "unit;${ROOM_NAME}" TIMEOUT 600
        ENVIRONMENT "GTEST_TOTAL_SHARDS=${ROOM_TEST_SHARDS};GTEST_SHARD_INDEX=${index}")
    endforeach()
  endif()
  if(benches)
    add_executable(${room}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${room}_bench PRIVATE ${room} benchmark benchmark_main)
    add_dependencies(benches ${room}_bench)
  endif()
  if(YATA_FUZZ)
    foreach(source ${fuzzes})
      get_filename_component(name ${source} NAME_WE)
      add_executable(yata_${name} ${source})
      target_link_libraries(yata_${name} PRIVATE ${room})
      target_link_options(yata_${name} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
